-- A line is a FIFO by seq: `ln:` has all members, `lx:` those that want it alone. Members stay until they are settled.
-- X is granted at the head, S when no X stands before it. A request enters all its lines in one step, so that every
-- wait points from a larger seq to a smaller one: the oldest is granted everywhere and no deadlock can form.

-- More than can wait with locks: a bound for Redis, never reached.
local MOST_IN_LINE = 5000

local function lines_of(r)
  if r.locks == '[]' then return {} end
  r.lines = r.lines or cjson.decode(r.locks)
  return r.lines
end

local function first_exclusive(path)
  local first = redis.call('ZRANGE', P .. 'lx:' .. path, 0, 0, 'WITHSCORES')
  return tonumber(first[2])
end

local function is_granted(r, path, mode)
  if mode == 'X' then return redis.call('ZRANGE', P .. 'ln:' .. path, 0, 0)[1] == r.id end
  local exclusive = first_exclusive(path)
  return not exclusive or exclusive > r.seq
end

local function enter_lines(r)
  for _, line in ipairs(lines_of(r)) do
    local path, mode = line[1], line[2]
    redis.call('ZADD', P .. 'ln:' .. path, r.seq, r.id)
    if mode == 'X' then redis.call('ZADD', P .. 'lx:' .. path, r.seq, r.id) end
  end
end

local function has_all_lines(r)
  for _, line in ipairs(lines_of(r)) do
    if not is_granted(r, line[1], line[2]) then return false end
  end
  return true
end
