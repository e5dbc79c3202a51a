-- A replica's last caller of a request goes; the last of all replicas takes along what has not begun.
-- @include clock records followers following pace share offers bodies replies stop settle epoch doubt
local id, replica, why = ARGV[1], ARGV[2], ARGV[3]

local r = load(id)
if not r then return { 'gone' } end
if not is_open(r) then return { 'settled', settlement_of(r) } end
unfollow(r, replica)
save(r, 'followers')
local phase = WAITS[r.st] and 'waiting' or r.st
if is_followed(r) then return { 'detached', r.kind, phase } end
if r.st == 'begun' then
  if r.kind == 'read' then tell_holder_to_stop(r) end
  return { 'running', r.kind, phase }
end
if is_doubtful(r) then return { 'running', r.kind, phase } end
if why == 'deadline' then
  settle(r, { st = 'expired', why = 'queue_timeout', begun = false, except = replica })
else
  settle(r, { st = 'cancelled', why = 'left', begun = false, except = replica })
end
return { 'cancelled', effects() }
