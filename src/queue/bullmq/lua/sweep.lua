-- Mends what time and dead replicas leave behind. Every replica does it, and what one has mended no other finds again.
-- @include clock epoch doubt records followers following pace slots share offers bodies kept-bodies replies stop settle raise ageing reports roll-call
local replica, known, largest, limit = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local FIRST_SLOT = 5
local DEAD_AT_ONCE = 10
local TAGS_AT_ONCE = 50

local swept = { expired = 0, lease_over = 0, replica_dead = 0, lane_dead = 0, reoffered = 0, aged = 0, unheard = 0 }
local touched = 0

-- A range's limit: what is left of this sweep's.
local function left()
  return math.max(0, limit - touched)
end

local function touch(what)
  swept[what] = swept[what] + 1
  touched = touched + 1
end

local function report()
  local newest = newest_report()
  if newest and now - newest > T.leaseMs / 2 then excuse_everybody() end
  redis.call('ZADD', P .. 'rep', now, replica)
  local open = {}
  for index = FIRST_SLOT, #ARGV, 2 do
    open[ARGV[index]] = true
    redis.call('SADD', P .. 'lanes', ARGV[index])
    count_slots(ARGV[index], replica, ARGV[index + 1])
  end
  for _, lane in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do
    if not open[lane] then count_slots(lane, replica, nil) end
  end
end

-- Nobody waits for it: what has not begun will not. Answers whether that could be said.
local function abandon(r, why)
  if is_doubtful(r) then return false end
  if r.st ~= 'begun' then settle(r, { st = 'cancelled', why = why, begun = false })
  elseif r.kind == 'read' then tell_holder_to_stop(r) end
  return true
end

local function bury_dead_replicas()
  for _, dead in ipairs(redis.call('ZRANGEBYSCORE', P .. 'rep', '-inf', now - T.leaseMs, 'LIMIT', 0, DEAD_AT_ONCE)) do
    for _, id in ipairs(redis.call('SRANDMEMBER', P .. 'fr:' .. dead, left())) do
      local r = load(id)
      touch('replica_dead')
      if r and is_open(r) then
        unfollow(r, dead)
        save(r, 'followers')
        if not is_followed(r) then abandon(r, 'caller_gone') end
      else
        redis.call('SREM', P .. 'fr:' .. dead, id)
      end
    end
    if redis.call('EXISTS', P .. 'fr:' .. dead) == 0 then
      redis.call('ZREM', P .. 'rep', dead)
      for _, lane in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do count_slots(lane, dead, nil) end
    end
  end
end

-- Those of an index whose time is over. In a roll call the holder of a write may still be on its way to renew.
local function mend_overdue(index, what, mend)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. index, '-inf', now, 'LIMIT', 0, left())) do
    local r = load(id)
    if not r then
      redis.call('ZREM', P .. index, id)
    elseif not is_doubtful(r) then
      mend(r)
      touch(what)
    end
  end
end

-- A read runs again while it has attempts, time and callers; of a write that had begun nobody can say.
local function end_lease(r)
  local begun = r.st == 'begun'
  if begun then r.ran = r.ran + now - r.since end
  if begun and r.kind == 'write' then
    settle(r, { st = 'unknown', why = 'lease_over', begun = true })
  elseif not is_followed(r) then
    settle(r, { st = 'cancelled', why = 'caller_gone', begun = begun })
  elseif begun and (r.attempts >= r.most or now >= r.deadline) then
    settle(r, { st = 'failed', why = 'lease_over', begun = true })
  else
    save(r, 'ran')
    make_ready(r, 0)
  end
end

-- `<upstream>@<replica>`: nobody else can run what waits there.
local function owner_of(lane)
  return string.match(lane, '@([^@]+)$')
end

local function is_dead(lane)
  local owner = owner_of(lane)
  return owner and not redis.call('ZSCORE', P .. 'rep', owner)
end

-- The outbox. Its score moves on at once, so that ten replicas do not remind the scheduler of one request ten times.
local function offer_again(lane)
  local dead = is_dead(lane)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. 'offer:' .. lane, '-inf', now, 'LIMIT', 0, left())) do
    local r = load(id)
    if not r then
      redis.call('ZREM', P .. 'offer:' .. lane, id)
    elseif dead then
      if abandon(r, 'replica_gone') then touch('lane_dead') end
    else
      redis.call('ZADD', P .. 'offer:' .. lane, now + T.offerOnceMoreMs, id)
      tell('again', r, 0)
      touch('reoffered')
    end
  end
end

local function is_idle(lane)
  if redis.call('EXISTS', P .. 'slots:' .. lane) == 1 then return false end
  for _, counter in ipairs(redis.call('HVALS', P .. 'c:' .. lane)) do
    if counter ~= '0' then return false end
  end
  return true
end

local function fill_up(lane)
  -- @include lines behind
  for _, tag in ipairs(redis.call('SRANDMEMBER', P .. 'tags:' .. lane, TAGS_AT_ONCE)) do fill(lane, tag) end
end

local function tend(lane)
  offer_again(lane)
  fill_up(lane)
  if age(lane) then touch('aged') end
  if is_idle(lane) and (not owner_of(lane) or is_dead(lane)) then
    if owner_of(lane) then redis.call('ZADD', P .. 'ended', text(now), lane) end
    redis.call('SREM', P .. 'lanes', lane)
    redis.call('DEL', P .. 'c:' .. lane, P .. 'pace:' .. lane, P .. 'out:' .. lane)
  end
end

-- Nobody will run anything there any more: whoever is told takes away what the scheduler keeps of it, and says so.
local function ended_lanes()
  local lanes = redis.call('ZRANGEBYSCORE', P .. 'ended', '-inf', text(now), 'LIMIT', 0, DEAD_AT_ONCE)
  for _, lane in ipairs(lanes) do redis.call('ZADD', P .. 'ended', text(now + T.offerOnceMoreMs), lane) end
  return lanes
end

-- Goes on with those that were too many for an earlier script.
local function go_on_with_rest()
  -- @include lines behind
  go_on(redis.call('LPOP', P .. 'go', MOST_AT_ONCE) or {})
  has_rest = has_rest or redis.call('EXISTS', P .. 'go') == 1
end

local schema = redis.call('HGET', P .. 'epoch', 'schema')
if schema and schema ~= SCHEMA then return { 'foreign_schema', schema } end
compare(replica, known, largest)
local opened = opened_by(replica, known)
report()
local epoch = redis.call('HGET', P .. 'epoch', 'id')
local still, why, given_up = -1, '', 0
-- Whoever remembers another epoch has to renew what it holds before it counts as heard, and before leases end.
local is_of_this_epoch = known == '' or known == epoch
if is_of_this_epoch then
  still, why, given_up = call_roll(replica, limit)
  swept.unheard, touched = given_up, given_up
  go_on_with_rest()
  bury_dead_replicas()
  mend_overdue('due', 'expired', expire)
  mend_overdue('lease', 'lease_over', end_lease)
  for _, lane in ipairs(redis.call('SMEMBERS', P .. 'lanes')) do tend(lane) end
  forget_expired_bodies(limit)
end
local ended = is_of_this_epoch and ended_lanes() or {}
local has_more = touched >= limit or has_rest or still == 0 or not is_of_this_epoch
local tally = {
  swept.expired, swept.lease_over, swept.replica_dead, swept.lane_dead, swept.reoffered, swept.aged, swept.unheard,
}
return { 'swept', epoch, still or -1, why, opened, effects(), tally, has_more and 1 or 0, ended }
