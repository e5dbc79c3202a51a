-- Before this text stand P, the prefix of all keys, and T, the times in ms.

-- The one clock that all replicas share, in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- For a command: Redis writes a number as a fraction with 17 digits, which takes as long as a small command does.
local function text(whole)
  return string.format('%d', whole)
end

-- A number of its own for each acceptance, each hand-out and each begin, never given twice.
local function next_number()
  return redis.call('INCR', P .. 'seq')
end
