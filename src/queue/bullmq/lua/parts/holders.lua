-- A hand-out is one turn in the hands of one holder. Both together make every step of it repeatable, and refuse
-- whoever has got an older turn or the same one a second time.

local function generation(r)
  return tonumber(redis.call('GET', P .. 'gen:' .. r.up) or 0)
end

-- Into the holder's hands. A read begins there and then: running it again is harmless, so it needs no second step.
local function hand_out(r, holder)
  r.by = holder
  if r.kind == 'write' then
    enter(r, 'claimed', '', 0, 'turn', 'by', 'tag')
  else
    r.attempts, r.gen = r.attempts + 1, generation(r)
    enter(r, 'begun', '', 0, 'turn', 'by', 'tag', 'attempts', 'gen')
  end
end

-- Attempt that this hand-out is, or will be once it has begun.
local function attempt_of(r)
  return r.st == 'begun' and r.attempts or r.attempts + 1
end

local function is_in_hands_of(r, turn, holder)
  return RUNS[r.st] and r.turn == turn and r.by == holder
end

-- A holder that has begun knows better than a Redis that has lost its latest data: there the same turn has not begun
-- yet, or an older one is all that is remembered.
local function is_forgotten_hand_out(r, turn)
  return is_open(r) and (r.turn < turn or (r.turn == turn and r.st ~= 'begun'))
end

-- Puts a begun hand-out back on record, from wherever the record was left.
local function remember_hand_out(r, turn, holder)
  if r.st == 'parked' then
    if r.why == 'share' then withdraw(r) end
    r.tag = r.class .. ':' .. r.share
    let_out(r)
  end
  r.turn, r.by = turn, holder
  if r.st ~= 'begun' then r.attempts = r.attempts + 1 end
  enter(r, 'begun', '', 0, 'turn', 'by', 'tag', 'attempts')
end
