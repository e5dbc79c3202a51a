-- Nobody waits any more for a read that runs: its holder may stop it.
local function tell_holder_to_stop(r)
  publish(replica_of(r.by), { 'cancel', r.id, r.by })
end
