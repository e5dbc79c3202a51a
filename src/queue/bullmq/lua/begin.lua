-- The journal: from here on bytes of a write may have left.
-- @include clock records epoch
local id, turn, holder = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local function go(r)
  return { 'go', r.attempts, r.deadline - now, next_number() }
end

local function expired(r)
  -- @include followers pace share offers bodies replies settle
  expire(r)
  return { 'expired', effects() }
end

local r = load(id)
if not r then return { 'no', 'gone' } end
if not is_open(r) then return { 'no', 'settled' } end
if not is_in_hands_of(r, turn, holder) then return { 'no', RUNS[r.st] and 'taken' or 'not_claimed' } end
if r.st == 'begun' then return go(r) end
local closed = barrier()
if closed then return closed end
if now >= r.deadline then return expired(r) end
r.attempts = r.attempts + 1
enter(r, 'begun', '', 0, 'attempts')
return go(r)
