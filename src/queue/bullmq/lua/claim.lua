-- An offer is taken up by a holder, who gets the payload.
-- @include clock records hand-out epoch
local id, turn, holder = ARGV[1], tonumber(ARGV[2]), ARGV[3]

local function go(r)
  local queued = math.max(0, r.since - r.accepted - r.ran)
  return { 'go', r.seq, r.kind, r.lane, r.own, r.share, r.locks, r.payload, attempt_of(r), r.deadline - now, queued }
end

local function expired(r)
  -- @include followers pace share offers bodies replies settle
  expire(r)
  return { 'expired', effects() }
end

local r = load(id, 'payload')
if not r then return { 'no', 'gone' } end
if not is_open(r) then return { 'no', 'settled' } end
if is_in_hands_of(r, turn, holder) then return go(r) end
if RUNS[r.st] then return { 'no', 'taken' } end
if r.turn ~= turn then return { 'no', 'old_turn' } end
if r.st ~= 'ready' then return { 'no', 'parked' } end
local closed = r.kind == 'write' and barrier()
if closed then
  -- this offer is used up, and it is not to wait for the next one for as long as others do
  redis.call('ZADD', P .. 'offer:' .. r.lane, text(now + T.offerAgainMs), id)
  return closed
end
if now >= r.deadline then return expired(r) end
hand_out(r, holder)
return go(r)
