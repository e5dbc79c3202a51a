-- Whoever waits hears it on the channel of its replica. A message may be lost: the record has it all.
local MOST_INLINE = 65536

local TOLD = { kept = 'stored', brief = 'stored', omitted = 'omitted' }

local function settlement_of(r, body)
  local queued = math.max(0, r.since - r.accepted - r.ran)
  return {
    r.id, r.seq, r.kind, r.lane, r.own, r.st, r.why, tonumber(r.begun or 0), r.attempts, queued, r.ran, body or TOLD[r.body] or 'none',
    r.bytes or 0,
  }
end

local function publish(replica, header, body)
  redis.call('PUBLISH', P .. 'in:' .. replica, cjson.encode(header) .. '\n' .. (body or ''))
end

local function follow(r, replica)
  redis.call('SADD', P .. 'f:' .. r.id, replica)
  redis.call('SADD', P .. 'fr:' .. replica, r.id)
end

local function unfollow(r, replica)
  redis.call('SREM', P .. 'f:' .. r.id, replica)
  redis.call('SREM', P .. 'fr:' .. replica, r.id)
end

local function is_followed(r)
  return redis.call('EXISTS', P .. 'f:' .. r.id) == 1
end

-- The replicas that wait, but for `except`, which settles its own callers by itself.
local function followers_of(r, except)
  local others = {}
  for _, replica in ipairs(redis.call('SMEMBERS', P .. 'f:' .. r.id)) do
    if replica ~= except then others[#others + 1] = replica end
    redis.call('SREM', P .. 'fr:' .. replica, r.id)
  end
  redis.call('DEL', P .. 'f:' .. r.id)
  return others
end

local function reply(r, followers, body)
  if #followers == 0 then return end
  local inline = body and #body <= MOST_INLINE
  local header = { 'settled', settlement_of(r, inline and 'inline' or nil) }
  for _, replica in ipairs(followers) do publish(replica, header, inline and body or '') end
end

local function replica_of(holder)
  return string.match(holder, '^(.*)#')
end

-- Nobody waits any more for a read that runs: its holder may stop it.
local function tell_holder_to_stop(r)
  publish(replica_of(r.by), { 'cancel', r.id, r.by })
end
