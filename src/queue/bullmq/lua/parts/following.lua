local function follow(r, replica)
  redis.call('SADD', P .. 'fr:' .. replica, r.id)
  local others = others_than(r, replica)
  others[#others + 1] = replica
  r.followers = table.concat(others, ' ')
end

local function unfollow(r, replica)
  redis.call('SREM', P .. 'fr:' .. replica, r.id)
  r.followers = table.concat(others_than(r, replica), ' ')
end
