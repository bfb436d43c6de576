-- enqueue: a caller waits.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 the call's JSON
-- Returns    {'ok', call or ''} and what was written
-- Guarantee  once per call id: a call that is known already is answered as it is.
-- include: epoch records
local call = cjson.decode(ARGV[2])
local known = load(CALLS, call.id)
if known then
  return ok(known)
end
call.state, call.state_since = CallState.QUEUED, now
call.queued_at = call.queued_at == 0 and now or call.queued_at
call.arrived_at = call.arrived_at == 0 and now or call.arrived_at
emit('CallQueued', { call = call })
return ok(call)
