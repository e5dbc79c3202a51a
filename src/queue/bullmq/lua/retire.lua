-- A replica goes by its own will: its slots are gone at once, and the next sweep buries it without waiting for a lease.
-- @include pace slots reports
local replica = ARGV[1]

redis.call('ZADD', P .. 'rep', RETIRED, replica)
redis.call('SREM', P .. 'roll', replica)
for _, lane in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do count_slots(lane, replica, nil) end
return { 'retired' }
