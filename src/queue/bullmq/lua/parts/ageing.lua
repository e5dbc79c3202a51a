-- Strict classes let BULK starve, so a request that has waited a quarter of its budget may rise to HIGH: one in ten,
-- and not more often than once in `ageingEveryMs`, so that a flood cannot become a second HIGH class.
local HIGH = 1
local LEAST_URGENT = 4

local function oldest_below_high(lane)
  local oldest
  for class = HIGH + 1, LEAST_URGENT do
    local id = redis.call('ZRANGE', P .. 'rdy:' .. lane .. ':' .. class, 0, 0)[1]
    local r = id and load(id)
    local is_patient = r and now - r.accepted >= R.agedAfterPart * (r.deadline - r.accepted)
    if is_patient and (not oldest or r.seq < oldest.seq) then oldest = r end
  end
  return oldest
end

-- Answers whether somebody rose.
local function age(lane)
  local last = redis.call('HMGET', P .. 'pace:' .. lane, 'settled', 'settledThen', 'agedAt')
  local settled_in_all = tonumber(last[1] or 0)
  if settled_in_all - tonumber(last[2] or 0) < R.settledPerAged then return false end
  if now - tonumber(last[3] or 0) < T.ageingEveryMs then return false end
  local r = oldest_below_high(lane)
  if not r then return false end
  redis.call('HSET', P .. 'pace:' .. lane, 'settledThen', settled_in_all, 'agedAt', now)
  raise(r, HIGH)
  return true
end
