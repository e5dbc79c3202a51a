-- Which of these requests are over, which are open, and which are not known.
-- @include clock epoch records replies
local epoch = redis.call('HMGET', P .. 'epoch', 'id', 'schema', 'run')
local is_intact = epoch[2] == SCHEMA and epoch[3] == run_id()

local over, missing, open = {}, {}, {}
for _, id in ipairs(ARGV) do
  local r = load(id)
  if not r then
    missing[#missing + 1] = id
  elseif not is_open(r) then
    over[#over + 1] = settlement_of(r)
  else
    open[#open + 1] = { r.id, r.seq, r.turn, r.by }
  end
end
return { is_intact and epoch[1] or '', over, missing, open }
