-- The replicas with callers that wait for a request: their names in its record, and for each the ids it waits for, so
-- that those of a dead one are found. Whoever changes `followers` saves it.
local function others_than(r, replica)
  local others = {}
  for name in string.gmatch(r.followers, '%S+') do
    if name ~= replica then others[#others + 1] = name end
  end
  return others
end

local function is_followed(r)
  return r.followers ~= ''
end
