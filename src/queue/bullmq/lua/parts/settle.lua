local function time_to_live(r, st)
  local ttl = T.replayMs
  if r.key == 'once' then ttl = T.onceMs
  elseif r.key == 'shared' then ttl = T.sharedMs
  elseif st == 'unknown' then ttl = T.replayUnknownMs
  elseif st == 'expired' or st == 'cancelled' then ttl = T.repeatableMs end
  -- a caller who was cut off must find the finished call, or takes its absence for a proof
  return math.max(ttl, r.deadline - now + T.afterDeadlineMs)
end

-- Nobody waits any more; answers who is to be told: `except` settles its own callers by itself.
local function release_followers(r, except)
  local told = {}
  for _, name in ipairs(others_than(r, nil)) do
    redis.call('SREM', P .. 'fr:' .. name, r.id)
    if name ~= except then told[#told + 1] = name end
  end
  r.followers = ''
  return told
end

-- Its lines and its place go to those behind it.
local function pass_on(r, was_out)
  -- @include lines leaving behind
  local freed = leave_lines(r)
  if was_out then fill(r.lane, r.tag) end
  go_on(freed)
end

-- Ends an open request wherever it stands: its lines and its share go to those behind it, all who wait are told.
-- `ending` has `st`, `why`, `begun` (may bytes have left?), and maybe a `body`, and `except`: the replica that tells
-- its callers by itself. Answers how many have been settled in that lane.
local function settle(r, ending)
  local was, was_out = r.st, r.st == 'ready' or RUNS[r.st]
  if was == 'parked' and r.why == 'share' then
    -- @include lines behind
    withdraw(r)
  end
  if was == 'ready' then tell('gone', r, 0) end
  r.begun = ending.begun and 1 or 0
  r.bytes = ending.bytes or 0
  r.body = r.bytes > 0 and 'omitted' or 'none'
  local ttl = time_to_live(r, ending.st)
  local followers = release_followers(r, ending.except)
  if ending.body then store_body(r, ending.body, ttl, #followers > 0) end
  r.payload = ''
  enter(r, ending.st, ending.why, 0, 'begun', 'attempts', 'ran', 'body', 'bytes', 'answer', 'followers', 'payload')
  redis.call('PEXPIRE', record_key(r.id), text(ttl))
  local settled_in_all = redis.call('HINCRBY', P .. 'pace:' .. r.lane, 'settled', 1)
  -- in the same step as the answer: a read that began before is not joined by those who know of the write
  if ending.begun and r.kind == 'write' then redis.call('INCR', P .. 'gen:' .. r.up) end
  reply(r, followers, ending.body)
  settled[#settled + 1] = settlement_of(r)
  if was_out then take_in(r) end
  if r.locks ~= '[]' or (was_out and next_held_back(r.lane, r.tag)) then pass_on(r, was_out) end
  return settled_in_all
end

-- Its time was over before anything was sent.
local function expire(r)
  settle(r, { st = 'expired', why = 'queue_timeout', begun = false })
end
