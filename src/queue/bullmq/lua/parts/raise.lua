-- Serves a waiting request in a more urgent class; never the other way.
local function raise(r, class)
  local group = counters_of(r)
  if r.st == 'ready' then redis.call('ZREM', P .. 'rdy:' .. r.lane .. ':' .. r.class, r.id) end
  -- @include lines behind
  if r.why == 'share' then withdraw(r) end
  r.class = class
  count(r.lane, group, (counters_of(r)))
  save(r, 'class')
  if r.st == 'ready' then
    redis.call('ZADD', P .. 'rdy:' .. r.lane .. ':' .. class, r.seq, r.id)
    tell('raised', r, 0)
  elseif r.why == 'share' then
    offer(r)
  end
end
