-- A request is one hash. Its payload, which only a claim needs, and a small answer are not among these fields.
local FIELDS = {
  'class', 'own', 'seq', 'turn', 'attempts', 'most', 'accepted', 'deadline', 'since', 'ran', 'gen', 'begun', 'bytes',
  'st', 'why', 'key', 'hash', 'kind', 'lane', 'up', 'share', 'tag', 'by', 'back', 'locks', 'followers', 'body',
}
-- The first ones of them.
local NUMBERS = 13

local WAITS = { parked = true, ready = true }
local RUNS = { claimed = true, begun = true }

local function record_key(id)
  return P .. 'j:' .. id
end

-- Nil when there is none. @param more another field, as a text
local function load(id, more)
  local values = redis.call('HMGET', record_key(id), more or 'st', unpack(FIELDS))
  if not values[2] then return nil end
  local r = { id = id }
  if more then r[more] = values[1] end
  for index = 1, NUMBERS do
    local value = values[index + 1]
    if value then r[FIELDS[index]] = tonumber(value) end
  end
  for index = NUMBERS + 1, #FIELDS do
    local value = values[index + 1]
    if value then r[FIELDS[index]] = value end
  end
  return r
end

-- A new one is saved whole, whatever is named.
local function save(r, ...)
  local fields, pairs_of = { ... }, {}
  if r.is_new then
    fields, pairs_of, r.is_new = FIELDS, { 'payload', r.payload }, nil
  end
  local last = #pairs_of
  for index = 1, #fields do
    local value = r[fields[index]]
    if value then
      pairs_of[last + 1] = fields[index]
      pairs_of[last + 2] = type(value) == 'number' and text(value) or value
      last = last + 2
    end
  end
  redis.call('HSET', record_key(r.id), unpack(pairs_of))
end

local function is_open(r)
  return WAITS[r.st] or RUNS[r.st]
end

-- A hand-out is one turn in the hands of one holder. Both together make every step of it repeatable, and refuse
-- whoever has got an older turn or the same one a second time.
local function is_in_hands_of(r, turn, holder)
  return RUNS[r.st] and r.turn == turn and r.by == holder
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
  if r.st == 'parked' then redis.call('ZREM', P .. 'parked', r.id) end
  if WAITS[r.st] and not WAITS[st] then
    redis.call('ZREM', P .. 'due', r.id)
    count_locked(r, -1)
  end
  if RUNS[r.st] and not RUNS[st] then redis.call('ZREM', P .. 'lease', r.id) end
end

local function list(r, was, delay)
  if r.st == 'ready' then
    redis.call('ZADD', P .. 'offer:' .. r.lane, text(now + delay + T.offerAgainMs), r.id)
    redis.call('ZADD', P .. 'rdy:' .. r.lane .. ':' .. r.class, text(r.seq), r.id)
  end
  if r.st == 'parked' then redis.call('ZADD', P .. 'parked', text(r.accepted), r.id) end
  if WAITS[r.st] and not WAITS[was] then
    redis.call('ZADD', P .. 'due', text(r.deadline), r.id)
    count_locked(r, 1)
  end
  if RUNS[r.st] then redis.call('ZADD', P .. 'lease', text(now + T.leaseMs), r.id) end
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
