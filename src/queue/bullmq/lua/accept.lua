-- Puts a request into all its lines, or finds the one that its id names.
-- @include clock epoch
local id, key, hash, payload, kind, lane, up = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local class, share, locks, budget, most = tonumber(ARGV[8]), ARGV[9], ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[12])
local sent_at, max_size, replica, holder = tonumber(ARGV[13]), tonumber(ARGV[14]), ARGV[15], ARGV[16]

-- What its sender may have given up must not run.
if now - sent_at > T.staleMs or sent_at - now > T.aheadMs then return { 'stale' } end
if not has_epoch() then return { 'no_epoch' } end

-- @include records pace share offers

-- Those with locks that may wait on one upstream: releasing them all at once has to be short.
local MOST_WITH_LOCKS = 2000

-- Waiting in this lane, those that are served before a newcomer of the class; nil when nobody has ever waited there.
local function ahead_of(most_urgent_of)
  local fields = {}
  for more = 0, most_urgent_of do fields[#fields + 1] = 'w' .. more end
  local ahead
  for _, waiting in ipairs(redis.call('HMGET', P .. 'c:' .. lane, unpack(fields))) do
    if waiting then ahead = (ahead or 0) + waiting end
  end
  return ahead
end

local function is_full(waiting)
  local full_at = R.fullAtPercent[class + 1]
  if waiting * 100 >= max_size * full_at then return true end
  if locks == '[]' then return false end
  local with_locks = tonumber(redis.call('HGET', P .. 'locked', up) or 0)
  return with_locks * 100 >= math.min(max_size, MOST_WITH_LOCKS) * full_at
end

local function full(waiting)
  local slots, sum, measured = 0, 0, 0
  for _, known in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do
    local mean = mean_run(known)
    slots = slots + slots_of(known)
    if mean > 0 then sum, measured = sum + mean, measured + 1 end
  end
  return { 'full', waiting, { tostring(measured > 0 and sum / measured or 0), slots } }
end

local function queued(r, ahead)
  return { 'queued', r.seq, ahead, pace_of(lane), effects() }
end

-- Into its lines; false when it has to wait there.
local function enter_its_lines(r)
  -- @include lines
  enter_lines(r)
  return has_all_lines(r)
end

local function run_here(r)
  -- @include hand-out
  r.turn = next_number()
  hand_out(r, holder)
  return { 'mine', r.seq, r.turn, attempt_of(r) }
end

local function wait_behind_its_own(r)
  -- @include lines behind
  offer(r)
end

-- Its callers are to be found when it dies. But it has not reported: whom a roll call waits for is told by those who have.
local function list_replica()
  -- @include reports
  redis.call('ZADD', P .. 'rep', text(newest_report() or now), replica)
end

local function enter_anew()
  local waiting = redis.call('ZCARD', P .. 'due')
  if is_full(waiting) then return full(waiting) end
  local ahead = ahead_of(class)
  if not ahead then redis.call('SADD', P .. 'lanes', lane) end
  local r = {
    id = id, is_new = true, key = key, hash = hash, kind = kind, lane = lane, up = up, class = class, own = class, share = share,
    seq = next_number(), turn = 0, by = '', attempts = 0, most = most, accepted = now, deadline = now + budget, ran = 0, locks = locks,
    followers = replica, payload = payload,
  }
  if not redis.call('ZSCORE', P .. 'rep', replica) then list_replica() end
  redis.call('SADD', P .. 'fr:' .. replica, id)
  if locks ~= '[]' and not enter_its_lines(r) then
    enter(r, 'parked', 'lock')
    return queued(r, ahead or 0)
  end
  -- It overtakes nobody: only when nobody is offered may it run where it is.
  local may_run_here = holder ~= '' and redis.call('EXISTS', P .. 'offer:' .. lane) == 0 and (kind == 'read' or not barrier())
  if not may_go_out(r) then wait_behind_its_own(r)
  elseif may_run_here then return run_here(r)
  else make_ready(r, 0) end
  return queued(r, ahead or 0)
end

-- What a known one answers; nil when it may happen anew.
local function answer_of(known)
  -- @include followers following kept-bodies replies raise hand-out

  local function join()
    follow(known, replica)
    save(known, 'followers')
    if now + budget > known.deadline then
      known.deadline = now + budget
      save(known, 'deadline')
      if WAITS[known.st] then redis.call('ZADD', P .. 'due', text(known.deadline), id) end
    end
    if WAITS[known.st] and class < known.class then raise(known, class) end
    local ahead = WAITS[known.st] and math.max(0, ahead_of(known.class) - 1) or 0
    return { 'joined', known.seq, ahead, pace_of(lane), effects() }
  end

  -- What did not happen may happen now, and a failed read is worth another try. An id that nobody can repeat is met
  -- again only by its own echo.
  local function is_replayed()
    if known.key == 'once' then return true end
    if known.key == 'shared' then return false end
    if known.st == 'unknown' then return true end
    if known.st == 'failed' then return known.kind == 'write' and known.begun == 1 end
    return known.st == 'done' and (known.kind == 'write' or has_body(known))
  end

  -- A body that only waited to be fetched is none to replay.
  local function body_to_replay()
    if known.key == 'once' or known.bytes == 0 then return nil end
    return has_body(known) and 'stored' or 'omitted'
  end

  if known.key == 'client' and known.hash ~= hash then return { 'conflict' } end
  if is_open(known) then
    -- A shared read must not be older than a write that was answered.
    local is_outdated = known.key == 'shared' and known.st == 'begun' and known.gen ~= generation(known)
    return is_outdated and { 'behind', generation(known) } or join()
  end
  if is_replayed() then return { 'settled', settlement_of(known, body_to_replay()) } end
  -- one that is being fetched ends by itself
  if known.body == 'kept' then drop_body(known) end
  redis.call('DEL', record_key(id))
end

local known = redis.call('EXISTS', record_key(id)) == 1 and load(id)
return known and answer_of(known) or enter_anew()
