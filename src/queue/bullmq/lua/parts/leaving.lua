-- Whom a line lets go on when a member leaves: its head, if that wants it alone; and when an X left, the S behind it.
local function successors(path, mode, seq)
  local exclusive = first_exclusive(path)
  if exclusive then
    local head = redis.call('ZRANGE', P .. 'ln:' .. path, 0, 0, 'WITHSCORES')
    if tonumber(head[2]) == exclusive then return { head[1] } end
  end
  if mode == 'S' then return {} end
  local before = exclusive and '(' .. exclusive or '+inf'
  return redis.call('ZRANGEBYSCORE', P .. 'ln:' .. path, '(' .. seq, before, 'LIMIT', 0, MOST_IN_LINE)
end

-- Leaves all lines; answers the ids that may be granted now, in the order they are to be asked.
local function leave_lines(r)
  local ids, seen = {}, {}
  for _, line in ipairs(lines_of(r)) do
    local path, mode = line[1], line[2]
    redis.call('ZREM', P .. 'ln:' .. path, r.id)
    if mode == 'X' then redis.call('ZREM', P .. 'lx:' .. path, r.id) end
    for _, id in ipairs(successors(path, mode, r.seq)) do
      if not seen[id] then
        seen[id] = true
        ids[#ids + 1] = id
      end
    end
  end
  return ids
end
