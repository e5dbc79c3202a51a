-- The epoch names what Redis remembers: a new one begins when it may have forgotten something. It knows the run of the
-- server it was made under, so that a restart shows before anything else is believed.
local SCHEMA = '2'
local MOST_WAIT_MS = 250

local function run_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

local function has_epoch()
  return redis.call('HGET', P .. 'epoch', 'schema') == SCHEMA
end

-- Why no write may be claimed or begun now, as an answer; nil when it may. A roll call is ended by a sweep alone.
local function barrier()
  local epoch = redis.call('HMGET', P .. 'epoch', 'schema', 'run', 'until')
  if epoch[1] ~= SCHEMA or epoch[2] ~= run_id() then return { 'no_epoch' } end
  if not epoch[3] then return nil end
  return { 'wait', math.max(1, math.min(MOST_WAIT_MS, tonumber(epoch[3]) - now)) }
end
