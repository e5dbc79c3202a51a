-- Those that wait behind others: for room among their own, or for their lines.

-- Letting thousands go in one step would keep Redis from everybody else: so many in one script, the rest, in order, in
-- the next. What has been granted its lines and not been let go yet is in nobody's way meanwhile.
local MOST_AT_ONCE = 250

local function may_let_go()
  if let_go < MOST_AT_ONCE then
    let_go = let_go + 1
    return true
  end
  has_rest = true
  return false
end

local function hold_back(r)
  redis.call('ZADD', held_back_key(r.lane, r.tag), r.seq, r.id)
  redis.call('SADD', P .. 'tags:' .. r.lane, r.tag)
end

local function withdraw(r)
  local key = held_back_key(r.lane, r.tag)
  redis.call('ZREM', key, r.id)
  if redis.call('EXISTS', key) == 0 then redis.call('SREM', P .. 'tags:' .. r.lane, r.tag) end
end

-- Lets go on who waits for the room that this tag has now.
local function fill(lane, tag)
  local id = next_held_back(lane, tag)
  while id do
    local r = load(id)
    if not r then
      redis.call('ZREM', held_back_key(lane, tag), id)
    elseif not let_out_if_room(r) then
      return
    elseif not may_let_go() then
      take_in(r)
      return
    else
      withdraw(r)
      make_ready(r, 0)
    end
    id = next_held_back(lane, tag)
  end
end

-- For a request that has all its lines.
local function offer(r)
  if may_go_out(r) then
    make_ready(r, 0)
    return
  end
  hold_back(r)
  if r.st == 'parked' and r.why == 'share' then save(r, 'tag') else enter(r, 'parked', 'share', 0, 'tag') end
  fill(r.lane, r.tag)
end

-- For those that may have got all their lines now; `lines` is known where this is.
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
