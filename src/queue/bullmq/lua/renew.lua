-- A holder is alive: its leases begin anew. Arguments are fours of id, turn, holder and whether it has begun; the answer
-- names holders.
-- @include clock records pace share offers
local FIELDS_OF_ONE = 4
local lost, missing, renewed = {}, {}, {}

local function renew(id, turn, holder, begun)
  local r = load(id)
  if not r then
    missing[#missing + 1] = holder
    return
  end
  local is_ours = is_in_hands_of(r, turn, holder)
  -- @include lines behind forgotten
  if begun and is_forgotten_hand_out(r, turn) then
    remember_hand_out(r, turn, holder)
  elseif is_ours then
    redis.call('ZADD', P .. 'lease', text(now + T.leaseMs), id)
  else
    lost[#lost + 1] = holder
    return
  end
  renewed[#renewed + 1] = { holder, r.deadline - now }
end

for index = 1, #ARGV, FIELDS_OF_ONE do
  renew(ARGV[index], tonumber(ARGV[index + 1]), ARGV[index + 2], ARGV[index + 3] == '1')
end
return { lost, missing, renewed }
