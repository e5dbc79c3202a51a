-- Counts of all lanes; sums are for the caller to make.
-- @include clock records pace
local COUNTERS = { 'w0', 'w1', 'w2', 'w3', 'w4', 'r0', 'r1', 'r2', 'r3', 'r4', 'lock', 'share' }
local LEAST_URGENT = 4

local oldest = tonumber(redis.call('ZRANGE', P .. 'parked', 0, 0, 'WITHSCORES')[2] or now)

local function look_at(id)
  local accepted = id and redis.call('HGET', record_key(id), 'accepted')
  if accepted then oldest = math.min(oldest, accepted) end
end

local lanes = {}
for _, lane in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do
  local counts = {}
  for index, value in ipairs(redis.call('HMGET', P .. 'c:' .. lane, unpack(COUNTERS))) do counts[index] = tonumber(value or 0) end
  for class = 0, LEAST_URGENT do look_at(redis.call('ZRANGE', P .. 'rdy:' .. lane .. ':' .. class, 0, 0)[1]) end
  lanes[#lanes + 1] = { lane, counts, pace_of(lane) }
end
return { lanes, now - oldest, tonumber(redis.call('GET', P .. 'bytes') or 0) }
