-- What this script sets free and what it ends; its caller tells the scheduler and counts.
local offers, settled = {}, {}
-- Of those it may let go, and whether some had to be left to the next script.
local let_go, has_rest = 0, false

local function tell(as, r, delay, parked_why, parked_ms)
  offers[#offers + 1] = { as, r.id, r.lane, r.turn, r.class, delay, parked_why or '', parked_ms or 0 }
end

local function effects()
  return { offers, settled, has_rest and 1 or 0 }
end

-- Under a fresh turn: whoever still has an older one is refused from now on.
local function make_ready(r, delay)
  local parked_why = r.st == 'parked' and r.why or ''
  local parked_ms = now - (r.since or now)
  r.turn, r.by = next_number(), ''
  enter(r, 'ready', '', delay, 'turn', 'by', 'tag')
  tell('new', r, delay, parked_why, parked_ms)
end
