-- After a restart Redis may lack its latest second: what had begun then must not begin again. So no write moves until
-- every replica that was alive has renewed what it holds and swept under the new epoch, at the latest for one lease.
-- A number larger than any that Redis remembers proves a loss: then it lasts the whole lease, and all old holders have
-- ended or fenced themselves.

-- Epochs that lie before the present one, by name. Whoever has slept through more of them causes a roll call.
local MOST_FORMER = 16

-- Nobody could report for a while: that was Redis, and no replica is dead for it.
local function excuse_everybody()
  for _, replica in ipairs(redis.call('ZRANGEBYSCORE', P .. 'rep', '(' .. RETIRED, '+inf')) do
    redis.call('ZADD', P .. 'rep', now, replica)
  end
end

local function names_of(epochs)
  local names = {}
  for name in string.gmatch(epochs, '%S+') do names[#names + 1] = name end
  return names
end

-- Whether what Redis knows goes back to this epoch.
local function descends_from(known, id, former)
  if known == '' or known == id then return true end
  for _, name in ipairs(names_of(former)) do
    if name == known then return true end
  end
  return false
end

local function new_epoch(run, ...)
  local seq = tonumber(redis.call('GET', P .. 'seq') or 0)
  local id = now .. '-' .. string.sub(run, 1, 12)
  local names = names_of(table.concat({ ... }, ' '))
  local former = table.concat(names, ' ', 1, math.min(#names, MOST_FORMER))
  redis.call('DEL', P .. 'epoch', P .. 'roll')
  redis.call('HSET', P .. 'epoch', 'id', id, 'schema', SCHEMA, 'run', run, 'last', former, 'seq', seq)
end

local function open_roll_call(why, opener, lasts_whole_lease)
  redis.call('HSET', P .. 'epoch', 'until', now + T.leaseMs, 'why', why, 'whole', lasts_whole_lease and 1 or 0, 'opened', why, 'opener', opener)
  local newest = newest_report() or now
  for _, replica in ipairs(redis.call('ZRANGEBYSCORE', P .. 'rep', newest - T.rollCallMs, '+inf')) do
    redis.call('SADD', P .. 'roll', replica)
  end
  excuse_everybody()
end

-- Compares what a replica remembers with what Redis does, and opens a roll call where one of them lacks something.
local function compare(replica, known, largest)
  local epoch = redis.call('HMGET', P .. 'epoch', 'id', 'run', 'last', 'until', 'why')
  local id, run, former = epoch[1], run_id(), epoch[3] or ''
  local seq = tonumber(redis.call('GET', P .. 'seq') or 0)
  local has_lost_numbers = largest > seq
  local is_for_loss = epoch[4] and epoch[5] ~= 'restart'
  local opens
  if not id then
    new_epoch(run, known)
    opens = known ~= '' and 'emptied' or nil
  elseif not descends_from(known, id, former) then
    new_epoch(run, known, id, former)
    opens = 'emptied'
  elseif epoch[2] ~= run then
    new_epoch(run, id, former)
    opens = is_for_loss and epoch[5] or 'restart'
  elseif has_lost_numbers and not is_for_loss then
    new_epoch(run, id, former)
  end
  if has_lost_numbers then
    redis.call('SET', P .. 'seq', largest)
    if opens or not is_for_loss then opens = 'lost_tail' end
  end
  if opens then open_roll_call(opens, replica, opens ~= 'restart') end
end

-- Why the last roll call was opened, for the replica that did, until it knows the epoch: what it is told may not arrive.
local function opened_by(replica, known)
  local epoch = redis.call('HMGET', P .. 'epoch', 'id', 'opener', 'opened')
  if epoch[2] ~= replica then return '' end
  if known ~= epoch[1] then return epoch[3] end
  redis.call('HDEL', P .. 'epoch', 'opener', 'opened')
  return ''
end

-- Their holder cannot be asked any more: every write that was open then may have begun. Begun ones have their lease.
-- Answers whether all have been looked at; a scan goes on where it stopped. First those in hand, since meanwhile a
-- request may go from there to those that wait, and never back.
local function settle_unheard(limit)
  local rolled = tonumber(redis.call('HGET', P .. 'epoch', 'seq'))
  local place = redis.call('HMGET', P .. 'epoch', 'scanned', 'cursor')
  local index, cursor = place[1] or 'lease', place[2] or '0'
  local found = redis.call('ZSCAN', P .. index, cursor, 'COUNT', limit)
  local given_up = 0
  for position = 1, #found[2], 2 do
    local r = load(found[2][position])
    if r and r.kind == 'write' and r.seq <= rolled and is_open(r) and r.st ~= 'begun' then
      settle(r, { st = 'unknown', why = 'replica_unheard', begun = true })
      given_up = given_up + 1
    end
  end
  cursor = found[1]
  if cursor == '0' then
    if index == 'due' then return true, given_up end
    index = 'due'
  end
  redis.call('HSET', P .. 'epoch', 'scanned', index, 'cursor', cursor)
  return false, given_up
end

-- Hears a replica; answers how long the roll call may still last and why, or nothing, and how many writes it gave up.
local function call_roll(replica, limit)
  local epoch = redis.call('HMGET', P .. 'epoch', 'until', 'why', 'whole')
  if not epoch[1] then return nil, '', 0 end
  redis.call('SREM', P .. 'roll', replica)
  local is_heard = redis.call('EXISTS', P .. 'roll') == 0
  local is_late = now >= tonumber(epoch[1])
  local given_up = 0
  if is_late and not is_heard then is_heard, given_up = settle_unheard(limit) end
  if is_heard and (is_late or epoch[3] ~= '1') then
    redis.call('HDEL', P .. 'epoch', 'until', 'why', 'whole', 'scanned', 'cursor')
    redis.call('DEL', P .. 'roll')
    return nil, '', given_up
  end
  return math.max(0, tonumber(epoch[1]) - now), epoch[2], given_up
end
