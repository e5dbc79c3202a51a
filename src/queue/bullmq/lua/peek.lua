-- Which of these requests are over, which are open, and which are not known. After each id comes the hash of the call
-- that is asked for, or nothing: what is known of another call under that id is told to nobody but as a conflict.
-- @include clock epoch records replies
local epoch = redis.call('HMGET', P .. 'epoch', 'id', 'schema', 'run')
local is_intact = epoch[2] == SCHEMA and epoch[3] == run_id()

local over, missing, open, conflicting = {}, {}, {}, {}
for index = 1, #ARGV, 2 do
  local id, hash = ARGV[index], ARGV[index + 1]
  local r = load(id)
  if not r then
    missing[#missing + 1] = id
  elseif hash ~= '' and r.hash ~= hash then
    conflicting[#conflicting + 1] = id
  elseif not is_open(r) then
    over[#over + 1] = settlement_of(r)
  else
    open[#open + 1] = { r.id, r.seq, r.turn, r.by }
  end
end
return { is_intact and epoch[1] or '', over, missing, open, conflicting }
