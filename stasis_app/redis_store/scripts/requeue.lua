-- requeue: a connected caller waits again, with the first place in time.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 call; 3 owner
-- Returns    {'ok', call or ''} and what was written, or {'refused', why, event}
-- Guarantee  the agent is free at once; CallQueued carries both.
-- include: epoch offers
local call = load(CALLS, ARGV[2])
if not call then
  return refused(Refusal.UNKNOWN)
end
if call.owner ~= ARGV[3] then
  return refused(Refusal.NOT_OWNER, call)
end
if not step(CALL_TRANSITIONS, call, 'state', CallTrigger.REQUEUE) then
  return refused(Refusal.WRONG_STATE, call)
end
local agent = hang_up(call, 0)
call.offer, call.agent, call.connected_at = nil, nil, nil
emit('CallQueued', { call = call, agent = agent })
retire_freed()
return ok(call)
