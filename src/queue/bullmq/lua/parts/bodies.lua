-- Bodies of outcomes. `within`: only until those who wait have fetched it, and so small that it stands in the record.
-- `brief`: the same, by itself. `kept`: for replays, bounded. `omitted`: too large to keep.
-- Those kept for replays are counted, and stand in the set `kept` as `<length>:<id>` until their end.
local MOST_WITHIN = 4096

-- Sets what the record says of its body, and `answer`; its caller saves both.
local function store_body(r, body, ttl, is_awaited)
  if r.key ~= 'client' and not is_awaited then r.body = 'omitted'
  elseif r.key ~= 'client' and #body <= MOST_WITHIN then r.body, r.answer = 'within', body
  else
    -- @include kept-bodies
    if may_keep(r, body) then put_body(r, 'kept', body, ttl)
    elseif is_awaited then put_body(r, 'brief', body, T.deliveryMs)
    else r.body = 'omitted' end
  end
end
