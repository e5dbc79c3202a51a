-- A request is one hash. Its payload, which only a claim needs, is not among these fields.
local FIELDS = {
  'st', 'why', 'key', 'hash', 'kind', 'lane', 'up', 'class', 'own', 'share', 'tag', 'seq', 'turn', 'by', 'back', 'attempts', 'most',
  'accepted', 'deadline', 'since', 'ran', 'locks', 'gen', 'begun', 'body', 'bytes',
}
local NUMBERS = {
  class = true, own = true, seq = true, turn = true, attempts = true, most = true, accepted = true, deadline = true, since = true,
  ran = true, gen = true, begun = true, bytes = true,
}

local WAITS = { parked = true, ready = true }
local RUNS = { claimed = true, begun = true }

local function record_key(id)
  return P .. 'j:' .. id
end

local function load(id)
  local values = redis.call('HMGET', record_key(id), unpack(FIELDS))
  if not values[1] then return nil end
  local r = { id = id }
  for index, field in ipairs(FIELDS) do
    local value = values[index]
    if value then r[field] = NUMBERS[field] and tonumber(value) or value end
  end
  return r
end

local function save(r, ...)
  local pairs_of = {}
  for _, field in ipairs({ ... }) do
    pairs_of[#pairs_of + 1] = field
    pairs_of[#pairs_of + 1] = r[field]
  end
  redis.call('HSET', record_key(r.id), unpack(pairs_of))
end

local function is_open(r)
  return WAITS[r.st] or RUNS[r.st]
end

-- A lane's counters: waiting by the class it is served in, running by the class it was accepted in, parked by reason.
local function counters_of(r)
  if r.st == 'parked' then return 'w' .. r.class, r.why end
  if r.st == 'ready' then return 'w' .. r.class end
  if RUNS[r.st] then return 'r' .. r.own end
end

local function count(lane, from, to)
  if from == to then return end
  if from then redis.call('HINCRBY', P .. 'c:' .. lane, from, -1) end
  if to then redis.call('HINCRBY', P .. 'c:' .. lane, to, 1) end
end

-- Those with locks are counted by upstream, since no line leads from one to another.
local function count_locked(r, change)
  if r.locks ~= '[]' then redis.call('HINCRBY', P .. 'locked', r.up, change) end
end

local function unlist(r, st)
  if r.st == 'ready' then
    redis.call('ZREM', P .. 'offer:' .. r.lane, r.id)
    redis.call('ZREM', P .. 'rdy:' .. r.lane .. ':' .. r.class, r.id)
  end
  if WAITS[r.st] and not WAITS[st] then
    redis.call('ZREM', P .. 'due', r.id)
    redis.call('ZREM', P .. 'w:' .. r.class, r.id)
    count_locked(r, -1)
  end
  if RUNS[r.st] and not RUNS[st] then redis.call('ZREM', P .. 'lease', r.id) end
end

local function list(r, was, delay)
  if r.st == 'ready' then
    redis.call('ZADD', P .. 'offer:' .. r.lane, now + delay + T.offerAgainMs, r.id)
    redis.call('ZADD', P .. 'rdy:' .. r.lane .. ':' .. r.class, r.seq, r.id)
  end
  if WAITS[r.st] and not WAITS[was] then
    redis.call('ZADD', P .. 'due', r.deadline, r.id)
    redis.call('ZADD', P .. 'w:' .. r.class, r.accepted, r.id)
    count_locked(r, 1)
  end
  if RUNS[r.st] then redis.call('ZADD', P .. 'lease', now + T.leaseMs, r.id) end
end

-- The only way from one state to the next: counters and indexes follow. Further names are fields to be saved with it.
local function enter(r, st, why, delay, ...)
  local was, group, parked = r.st, counters_of(r)
  unlist(r, st)
  r.st, r.why, r.since = st, why or '', now
  local new_group, new_parked = counters_of(r)
  count(r.lane, group, new_group)
  count(r.lane, parked, new_parked)
  list(r, was, delay or 0)
  save(r, 'st', 'why', 'since', ...)
end
