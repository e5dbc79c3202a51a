local function time_to_live(r)
  local ttl = T.replayMs
  if r.key == 'once' then ttl = T.onceMs
  elseif r.key == 'shared' then ttl = T.sharedMs
  elseif r.st == 'unknown' then ttl = T.replayUnknownMs
  elseif r.st == 'expired' or r.st == 'cancelled' then ttl = T.repeatableMs end
  -- a caller who was cut off must find his finished call, or he takes its absence for a proof
  return math.max(ttl, r.deadline - now + T.afterDeadlineMs)
end

-- For those that may have got all their lines now.
local function go_on(ids)
  for _, id in ipairs(ids) do
    if may_let_go() then
      local r = load(id)
      if r and r.st == 'parked' and r.why == 'lock' and has_all_lines(r) then offer(r) end
    else
      redis.call('RPUSH', P .. 'go', id)
    end
  end
end

-- Goes on with those that were too many for an earlier script.
local function go_on_with_rest()
  go_on(redis.call('LPOP', P .. 'go', MOST_AT_ONCE) or {})
  has_rest = has_rest or redis.call('EXISTS', P .. 'go') == 1
end

-- Ends an open request wherever it stands: its lines and its share go to those behind it, all who wait are told.
-- `ending` has `st`, `why`, `begun` (may bytes have left?), and maybe a `body`, and `except`: the replica that tells
-- its callers by itself.
local function settle(r, ending)
  local was = r.st
  local was_held_back = was == 'parked' and r.why == 'share'
  if was_held_back then withdraw(r) end
  enter(r, ending.st, ending.why)
  r.begun = ending.begun and 1 or 0
  r.body, r.bytes = 'none', ending.bytes or 0
  local ttl = time_to_live(r)
  local followers = followers_of(r, ending.except)
  if ending.body then store_body(r, ending.body, ttl, #followers > 0) end
  save(r, 'begun', 'attempts', 'ran', 'body', 'bytes')
  redis.call('HDEL', record_key(r.id), 'payload')
  redis.call('PEXPIRE', record_key(r.id), ttl)
  redis.call('INCR', P .. 'n:' .. r.lane)
  -- in the same step as the answer: a read that began before is not joined by those who know of the write
  if ending.begun and r.kind == 'write' then redis.call('INCR', P .. 'gen:' .. r.up) end
  reply(r, followers, ending.body)
  settled[#settled + 1] = settlement_of(r)
  local freed = leave_lines(r)
  if was == 'ready' or RUNS[was] then
    take_in(r)
    fill(r.lane, r.tag)
  end
  go_on(freed)
end

-- Its time was over before anything was sent.
local function expire(r)
  settle(r, { st = 'expired', why = 'queue_timeout', begun = false })
end
