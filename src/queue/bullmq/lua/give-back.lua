-- The holder cannot run it, or ran a read in vain: another hand-out, in the same lines, under the same seq.
-- @include clock records followers pace share offers bodies replies settle
local id, turn, holder, as, delay, ran = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])

local r = load(id)
if not r then return { 'no', 'gone' } end
-- No holder is used twice: one who has not heard his turn is known by his name alone.
if turn == 0 and r.by == holder then turn = r.turn end
local this_hand_out = holder .. ':' .. turn
if not is_open(r) then return { 'no', 'settled' } end
if r.st == 'ready' and r.back == this_hand_out then
  tell('new', r, delay)
  return { 'offered', effects() }
end
if not is_in_hands_of(r, turn, holder) then return { 'no', RUNS[r.st] and 'taken' or 'not_claimed' } end

if as == 'retry' then
  if r.kind == 'write' or now + delay >= r.deadline then return { 'no', 'too_late' } end
  measure(r.lane, ran)
elseif r.st == 'begun' then
  r.attempts = r.attempts - 1
end
r.ran, r.back = r.ran + ran, this_hand_out
save(r, 'attempts', 'ran', 'back')
if now >= r.deadline then
  expire(r)
  return { 'settled', effects() }
end
if not is_followed(r) then
  settle(r, { st = 'cancelled', why = 'left', begun = false })
  return { 'settled', effects() }
end
make_ready(r, delay)
return { 'offered', effects() }
