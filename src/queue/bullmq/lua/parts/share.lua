-- Per lane, class and caller only so many requests are ready or running; the others wait in order behind their own.
-- A request keeps the tag it was let out under, whatever its class becomes.

local function let_out(r)
  return redis.call('HINCRBY', P .. 'out:' .. r.lane, r.tag, 1)
end

local function take_in(r)
  if redis.call('HINCRBY', P .. 'out:' .. r.lane, r.tag, -1) <= 0 then redis.call('HDEL', P .. 'out:' .. r.lane, r.tag) end
end

-- Lets it out unless too many of its tag are.
local function let_out_if_room(r)
  local out = let_out(r)
  if out <= R.shareAtLeast or out <= R.shareRounds * slots_of(r.lane) then return true end
  take_in(r)
  return false
end

local function held_back_key(lane, tag)
  return P .. 'sh:' .. lane .. ':' .. tag
end

local function next_held_back(lane, tag)
  return redis.call('ZRANGE', held_back_key(lane, tag), 0, 0)[1]
end

-- Lets a request out that has all its lines; false when it has to wait behind its own.
local function may_go_out(r)
  r.tag = r.class .. ':' .. r.share
  return not next_held_back(r.lane, r.tag) and let_out_if_room(r)
end
