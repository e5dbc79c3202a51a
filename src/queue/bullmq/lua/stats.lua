-- Counts of all lanes; sums are for the caller to make.
local COUNTERS = { 'w0', 'w1', 'w2', 'w3', 'w4', 'r0', 'r1', 'r2', 'r3', 'r4', 'lock', 'share' }
local LEAST_URGENT = 4

local lanes = {}
for _, lane in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do
  local counts = {}
  for index, value in ipairs(redis.call('HMGET', P .. 'c:' .. lane, unpack(COUNTERS))) do counts[index] = tonumber(value or 0) end
  lanes[#lanes + 1] = { lane, counts, pace_of(lane) }
end

local oldest = now
for class = 0, LEAST_URGENT do
  local first = redis.call('ZRANGE', P .. 'w:' .. class, 0, 0, 'WITHSCORES')
  oldest = math.min(oldest, tonumber(first[2] or now))
end
return { lanes, now - oldest, tonumber(redis.call('GET', P .. 'bytes') or 0) }
