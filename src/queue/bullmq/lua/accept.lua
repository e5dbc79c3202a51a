-- Puts a request into all its lines, or finds the one that its id names.
local id, key, hash, payload, kind, lane, up = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local class, share, locks, budget, most = tonumber(ARGV[8]), ARGV[9], ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[12])
local sent_at, max_size, replica, holder = tonumber(ARGV[13]), tonumber(ARGV[14]), ARGV[15], ARGV[16]

-- The urgent still get in when the rest is shed: how full the queue may be for each class, in percent.
local FULL_AT = { [0] = 110, [1] = 105, [2] = 100, [3] = 100, [4] = 80 }
-- Those with locks that may wait on one upstream: releasing them all at once has to be short.
local MOST_WITH_LOCKS = 2000

-- Waiting in this lane, those that are served before a newcomer of the class.
local function ahead_of(most_urgent_of)
  local fields = {}
  for more = 0, most_urgent_of do fields[#fields + 1] = 'w' .. more end
  local ahead = 0
  for _, waiting in ipairs(redis.call('HMGET', P .. 'c:' .. lane, unpack(fields))) do ahead = ahead + (waiting or 0) end
  return ahead
end

local function pace_of_all_lanes()
  local slots, sum, measured = 0, 0, 0
  for _, known in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do
    local mean = mean_run(known)
    slots = slots + slots_of(known)
    if mean > 0 then sum, measured = sum + mean, measured + 1 end
  end
  return { tostring(measured > 0 and sum / measured or 0), slots }
end

local function is_full(waiting)
  if waiting * 100 >= max_size * FULL_AT[class] then return true end
  if locks == '[]' then return false end
  local with_locks = tonumber(redis.call('HGET', P .. 'locked', up) or 0)
  return with_locks * 100 >= math.min(max_size, MOST_WITH_LOCKS) * FULL_AT[class]
end

local function join(r)
  follow(r, replica)
  if now + budget > r.deadline then
    r.deadline = now + budget
    save(r, 'deadline')
    if WAITS[r.st] then redis.call('ZADD', P .. 'due', r.deadline, r.id) end
  end
  if WAITS[r.st] and class < r.class then raise(r, class) end
  local ahead = WAITS[r.st] and math.max(0, ahead_of(r.class) - 1) or 0
  return { 'joined', r.seq, ahead, pace_of(lane), effects() }
end

-- What did not happen may happen now, and a failed read is worth another try. An id that nobody can repeat is met
-- again only by its own echo.
local function is_replayed(r)
  if r.key == 'once' then return true end
  if r.key == 'shared' then return false end
  if r.st == 'unknown' then return true end
  if r.st == 'failed' then return r.kind == 'write' and r.begun == 1 end
  return r.st == 'done' and (r.kind == 'write' or has_body(r))
end

-- A body that only waited to be fetched is none to replay.
local function body_to_replay(r)
  if r.key == 'once' or r.bytes == 0 then return nil end
  return has_body(r) and 'stored' or 'omitted'
end

local function enter_anew()
  local waiting = redis.call('ZCARD', P .. 'due')
  if is_full(waiting) then return { 'full', waiting, pace_of_all_lanes() } end
  local ahead = ahead_of(class)
  local r = {
    id = id, key = key, hash = hash, kind = kind, lane = lane, up = up, class = class, own = class, share = share, seq = next_number(),
    turn = 0, by = '', attempts = 0, most = most, accepted = now, deadline = now + budget, since = now, ran = 0, locks = locks,
  }
  redis.call('HSET', record_key(id), 'payload', payload)
  save(r, 'key', 'hash', 'kind', 'lane', 'up', 'class', 'own', 'share', 'seq', 'turn', 'by', 'attempts', 'most', 'accepted', 'deadline',
    'ran', 'locks')
  redis.call('SADD', P .. 'lanes', lane)
  redis.call('ZADD', P .. 'rep', 'NX', now, replica)
  follow(r, replica)
  enter_lines(r)

  if not has_all_lines(r) then
    enter(r, 'parked', 'lock')
    return { 'queued', r.seq, ahead, pace_of(lane), effects() }
  end
  -- It overtakes nobody: only when nobody is offered may it run where it is.
  local may_run_here = holder ~= '' and redis.call('EXISTS', P .. 'offer:' .. lane) == 0 and may_go_out(r)
  if may_run_here and (kind == 'read' or not barrier()) then
    let_out(r)
    r.turn = next_number()
    hand_out(r, holder)
    return { 'mine', r.seq, r.turn, attempt_of(r) }
  end
  offer(r)
  return { 'queued', r.seq, ahead, pace_of(lane), effects() }
end

-- What its sender may have given up must not run.
if now - sent_at > T.staleMs or sent_at - now > T.aheadMs then return { 'stale' } end
if not has_epoch() then return { 'no_epoch' } end

local known = load(id)
if not known then return enter_anew() end
if known.key == 'client' and known.hash ~= hash then return { 'conflict' } end
if is_open(known) then
  -- A shared read must not be older than a write that was answered.
  if known.key == 'shared' and known.st == 'begun' and known.gen ~= generation(known) then return { 'behind', generation(known) } end
  return join(known)
end
if is_replayed(known) then return { 'settled', settlement_of(known, body_to_replay(known)) } end
drop_body(known)
redis.call('DEL', record_key(id))
return enter_anew()
