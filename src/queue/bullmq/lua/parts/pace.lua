-- How fast a lane is: the slots of all live replicas and the mean of recent runs.
local SMOOTHING = 0.05

local slots_known = {}

local function slots_of(lane)
  if not slots_known[lane] then
    local sum = 0
    for _, slots in ipairs(redis.call('HVALS', P .. 'slots:' .. lane)) do sum = sum + slots end
    slots_known[lane] = sum
  end
  return slots_known[lane]
end

local function mean_run(lane)
  return tonumber(redis.call('GET', P .. 'ewma:' .. lane) or 0)
end

local function measure(lane, ran)
  local mean = mean_run(lane)
  redis.call('SET', P .. 'ewma:' .. lane, mean == 0 and ran or mean + SMOOTHING * (ran - mean))
end

-- A fraction would be cut off on its way out, a text is not.
local function pace_of(lane)
  return { tostring(mean_run(lane)), slots_of(lane) }
end
