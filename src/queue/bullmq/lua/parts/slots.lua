-- Nil for a replica that has none there any more.
local function count_slots(lane, replica, slots)
  if slots then redis.call('HSET', P .. 'slots:' .. lane, replica, slots)
  elseif redis.call('HDEL', P .. 'slots:' .. lane, replica) == 0 then return end
  local sum = 0
  for _, some in ipairs(redis.call('HVALS', P .. 'slots:' .. lane)) do sum = sum + some end
  redis.call('HSET', P .. 'pace:' .. lane, 'slots', sum)
  known_pace[lane] = nil
end
