-- How fast a lane is: the slots of all live replicas and the mean of recent runs.

local known_pace = {}

local function pace(lane)
  if not known_pace[lane] then
    local values = redis.call('HMGET', P .. 'pace:' .. lane, 'slots', 'mean')
    known_pace[lane] = { slots = tonumber(values[1] or 0), mean = tonumber(values[2] or 0) }
  end
  return known_pace[lane]
end

local function slots_of(lane)
  return pace(lane).slots
end

local function mean_run(lane)
  return pace(lane).mean
end

local function measure(lane, ran)
  local mean = mean_run(lane)
  pace(lane).mean = mean == 0 and ran or mean + R.smoothing * (ran - mean)
  redis.call('HSET', P .. 'pace:' .. lane, 'mean', pace(lane).mean)
end

-- A fraction would be cut off on its way out, a text is not.
local function pace_of(lane)
  return { tostring(mean_run(lane)), slots_of(lane) }
end
