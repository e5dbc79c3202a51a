-- Per lane, class and caller only so many requests are ready or running; the others wait in order behind their own.
-- A request keeps the tag it was let out under, whatever its class becomes.
local LEAST_OUT = 4
local ROUNDS = 2

local function has_room(lane, tag)
  local out = tonumber(redis.call('HGET', P .. 'out:' .. lane, tag) or 0)
  return out < math.max(LEAST_OUT, ROUNDS * slots_of(lane))
end

local function let_out(r)
  redis.call('HINCRBY', P .. 'out:' .. r.lane, r.tag, 1)
end

local function take_in(r)
  if redis.call('HINCRBY', P .. 'out:' .. r.lane, r.tag, -1) <= 0 then redis.call('HDEL', P .. 'out:' .. r.lane, r.tag) end
end

local function held_back_key(lane, tag)
  return P .. 'sh:' .. lane .. ':' .. tag
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

local function next_held_back(lane, tag)
  return redis.call('ZRANGE', held_back_key(lane, tag), 0, 0)[1]
end
