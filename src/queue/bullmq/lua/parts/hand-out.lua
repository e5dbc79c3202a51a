local function generation(r)
  return tonumber(redis.call('GET', P .. 'gen:' .. r.up) or 0)
end

-- Into the holder's hands. A read begins there and then: running it again is harmless, so it needs no second step.
local function hand_out(r, holder)
  r.by = holder
  if r.kind == 'write' then
    enter(r, 'claimed', '', 0, 'turn', 'by', 'tag')
  else
    r.attempts, r.gen = r.attempts + 1, generation(r)
    enter(r, 'begun', '', 0, 'turn', 'by', 'tag', 'attempts', 'gen')
  end
end

-- Attempt that this hand-out is, or will be once it has begun.
local function attempt_of(r)
  return r.st == 'begun' and r.attempts or r.attempts + 1
end
