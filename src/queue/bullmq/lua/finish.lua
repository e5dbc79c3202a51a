-- The holder tells how it ended.
-- @include clock records followers pace share offers bodies replies settle
local id, turn, holder, st, why, begun = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6] == '1'
local ran, body, bytes, origin = tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9]), ARGV[10]
local own_replica = replica_of(holder)
-- One in as many may rise; sweeps look too.
local LOOK_FOR_AGED = 10
if body == '' then body = nil end

-- Redis has forgotten the request, but whoever waits for it is still there.
local function tell_origin()
  if origin == own_replica then return end
  local r = {
    id = id, seq = 0, kind = 'read', lane = '', own = 0, st = st, why = why, begun = begun and 1 or 0, attempts = 1, since = now,
    accepted = now, ran = ran, key = '', bytes = bytes,
  }
  -- @include kept-bodies
  if body then put_body(r, 'brief', body, T.deliveryMs) end
  reply(r, { origin }, body)
end

-- The record said `unknown`, everybody was told so, and now the truth has come.
local function set_right(r)
  r.st, r.why, r.begun, r.bytes = st, why, 1, bytes
  if body then store_body(r, body, T.replayMs, false) end
  save(r, 'st', 'why', 'begun', 'body', 'bytes')
  redis.call('PEXPIRE', record_key(id), text(time_to_live(r, st)))
end

local r = load(id)
if not r then
  tell_origin()
  return { 'gone' }
end
local is_own = r.turn == turn and r.by == holder
if not is_open(r) then
  if r.st == 'unknown' and (st == 'done' or st == 'failed') and (is_own or r.turn < turn) then
    set_right(r)
    return { 'late' }
  end
  if is_own and r.st == st then return { 'ok', settlement_of(r), effects() } end
  return { 'no', 'settled' }
end
if not is_in_hands_of(r, turn, holder) then
  -- @include lines behind forgotten
  if not (begun and is_forgotten_hand_out(r, turn)) then return { 'no', 'taken' } end
  remember_hand_out(r, turn, holder)
end

r.ran = r.ran + ran
if begun then measure(r.lane, ran) end
-- Stopped for want of callers or of time, and somebody who has time left has joined it since.
local was_stopped = st == 'cancelled' or (st == 'failed' and why == 'deadline')
if was_stopped and is_followed(r) and now < r.deadline then
  save(r, 'ran')
  make_ready(r, 0)
  return { 'again', effects() }
end
if r.st == 'begun' and not begun then r.attempts = r.attempts - 1 end
local settled_in_all = settle(r, { st = st, why = why, begun = begun, body = body, bytes = bytes, except = own_replica })
if settled_in_all % LOOK_FOR_AGED == 0 then
  -- @include raise ageing
  age(r.lane)
end
return { 'ok', settled[1], effects() }
