local EXPIRED_AT_ONCE = 50

local function forget_expired_bodies(limit)
  local ended = redis.call('ZRANGEBYSCORE', P .. 'kept', '-inf', text(now), 'LIMIT', 0, limit)
  for _, member in ipairs(ended) do
    redis.call('ZREM', P .. 'kept', member)
    redis.call('DECRBY', P .. 'bytes', string.match(member, '^%d+'))
  end
  return #ended
end

local function drop_body(r)
  local length = redis.call('STRLEN', P .. 'b:' .. r.id)
  if length == 0 then return end
  redis.call('DEL', P .. 'b:' .. r.id)
  if redis.call('ZREM', P .. 'kept', length .. ':' .. r.id) == 1 then redis.call('DECRBY', P .. 'bytes', length) end
end

local function put_body(r, as, body, ttl)
  forget_expired_bodies(EXPIRED_AT_ONCE)
  drop_body(r)
  r.body = as
  redis.call('SET', P .. 'b:' .. r.id, body, 'PX', text(ttl))
  if as ~= 'kept' then return end
  redis.call('ZADD', P .. 'kept', text(now + ttl), #body .. ':' .. r.id)
  redis.call('INCRBY', P .. 'bytes', #body)
end

local function may_keep(r, body)
  if r.key ~= 'client' then return false end
  local stored = tonumber(redis.call('GET', P .. 'bytes') or 0)
  return r.bytes <= R.mostBodyBytes and stored + #body <= R.mostStoredBytes
end

local function has_body(r)
  return r.body == 'kept' and redis.call('EXISTS', P .. 'b:' .. r.id) == 1
end
