-- What this script sets free and what it ends; its caller tells the scheduler and counts.
local offers, settled = {}, {}

local function tell(as, r, delay, parked_why, parked_ms)
  offers[#offers + 1] = { as, r.id, r.lane, r.turn, r.class, delay, parked_why or '', parked_ms or 0 }
end

-- Letting thousands go in one step would keep Redis from everybody else: so many in one script, the rest, in order, in
-- the next. Who has been granted his lines and not been let go yet is in nobody's way meanwhile.
local MOST_AT_ONCE = 250
local let_go = 0
local has_rest = false

local function may_let_go()
  if let_go < MOST_AT_ONCE then
    let_go = let_go + 1
    return true
  end
  has_rest = true
  return false
end

local function effects()
  return { offers, settled, has_rest and 1 or 0 }
end

-- Under a fresh turn: whoever still has an older one is refused from now on.
local function make_ready(r, delay)
  local parked_why = r.st == 'parked' and r.why or ''
  local parked_ms = now - r.since
  r.turn, r.by = next_number(), ''
  enter(r, 'ready', '', delay, 'turn', 'by', 'tag')
  tell('new', r, delay, parked_why, parked_ms)
end

-- Lets go on who waits for the room that this tag has now.
local function fill(lane, tag)
  local id = has_room(lane, tag) and next_held_back(lane, tag)
  while id and may_let_go() do
    local r = load(id)
    withdraw(r)
    let_out(r)
    make_ready(r, 0)
    id = has_room(lane, tag) and next_held_back(lane, tag)
  end
end

-- Sets the tag of a request that has all its lines; false when it has to wait behind its own.
local function may_go_out(r)
  r.tag = r.class .. ':' .. r.share
  return has_room(r.lane, r.tag) and not next_held_back(r.lane, r.tag)
end

-- For a request that has all its lines.
local function offer(r)
  if may_go_out(r) then
    let_out(r)
    make_ready(r, 0)
    return
  end
  hold_back(r)
  if r.st == 'parked' and r.why == 'share' then save(r, 'tag') else enter(r, 'parked', 'share', 0, 'tag') end
  fill(r.lane, r.tag)
end

-- Serves a waiting request in a more urgent class; never the other way.
local function raise(r, class)
  local group = counters_of(r)
  redis.call('ZREM', P .. 'w:' .. r.class, r.id)
  if r.st == 'ready' then redis.call('ZREM', P .. 'rdy:' .. r.lane .. ':' .. r.class, r.id) end
  if r.why == 'share' then withdraw(r) end
  r.class = class
  count(r.lane, group, (counters_of(r)))
  redis.call('ZADD', P .. 'w:' .. class, r.accepted, r.id)
  save(r, 'class')
  if r.st == 'ready' then
    redis.call('ZADD', P .. 'rdy:' .. r.lane .. ':' .. class, r.seq, r.id)
    tell('raised', r, 0)
  elseif r.why == 'share' then
    offer(r)
  end
end
