-- `rep:` replica by the time of its last report.

-- What a replica that has retired stands with until it is buried.
local RETIRED = 0

-- Nothing when all have retired.
local function newest_report()
  local newest = tonumber(redis.call('ZREVRANGE', P .. 'rep', 0, 0, 'WITHSCORES')[2])
  if newest ~= RETIRED then return newest end
end
