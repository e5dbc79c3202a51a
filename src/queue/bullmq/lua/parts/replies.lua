-- Whoever waits hears it on the channel of its replica. A message may be lost: the record has it all.
local MOST_INLINE = 65536

local TOLD = { kept = 'stored', brief = 'stored', within = 'stored', omitted = 'omitted' }

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

local function reply(r, followers, body)
  if #followers == 0 then return end
  local inline = body and #body <= MOST_INLINE
  local header = { 'settled', settlement_of(r, inline and 'inline' or nil) }
  for _, replica in ipairs(followers) do publish(replica, header, inline and body or '') end
end

local function replica_of(holder)
  return string.match(holder, '^(.*)#')
end
