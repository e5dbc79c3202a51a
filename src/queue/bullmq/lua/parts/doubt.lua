-- A write accepted before a roll call may have begun in what Redis has forgotten: until it is over, nothing is proved.
local function is_doubtful(r)
  if r.kind ~= 'write' then return false end
  local closed = barrier()
  if not closed then return false end
  return closed[1] == 'no_epoch' or r.seq <= tonumber(redis.call('HGET', P .. 'epoch', 'seq'))
end
