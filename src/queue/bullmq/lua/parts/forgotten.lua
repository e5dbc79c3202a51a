-- Up to this turn nobody holds anything: a word that says so was held up on its way, and is older than the give-back.
local function last_given_back(r)
  return tonumber(r.back and string.match(r.back, ':(%d+)$') or 0)
end

-- A holder that has begun knows better than a Redis that has lost its latest data: there the same turn has not begun
-- yet, or an older one is all that is remembered. A write begins once: whatever turn it was offered under since, as long
-- as nobody has begun that one, the first is the truth.
local function is_forgotten_hand_out(r, turn)
  if not is_open(r) or turn <= last_given_back(r) then return false end
  return r.turn < turn or (r.st ~= 'begun' and (r.turn == turn or r.kind == 'write'))
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
