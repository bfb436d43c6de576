-- end_call: the call leaves us.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 call; 3 reason; 4 owner; 5 by whom; 6 wrap-up in ms
-- Returns    {'ok', call or ''} and what was written, or {'refused', why, event}
-- Guarantee  only a call that waits can be withdrawn. No offer outlives its call: each ends before
--            CallEnded, with the call shown as ended already. Whoever asks for the call later is told its end.
-- include: epoch offers
local call = load(CALLS, ARGV[2])
if not call then
  return refused(Refusal.UNKNOWN)
end
if call.owner ~= ARGV[4] then
  return refused(Refusal.NOT_OWNER, call)
end
local waits = call.state == CallState.QUEUED or call.state == CallState.OFFERED
if ARGV[3] == EndReason.WITHDRAWN and not waits then
  return refused(Refusal.WRONG_STATE, call)
end
local talked = call.state == CallState.CONNECTED
step(CALL_TRANSITIONS, call, 'state', CallTrigger.END)
call.ended_at, call.end_reason, call.ended_by = now, ARGV[3], ARGV[5]
local records = { call = call }
if talked then
  records.agent = hang_up(call, tonumber(ARGV[6]))
else
  call.offer, call.agent = nil, nil
  for _, offer in ipairs(offers_of(call)) do
    end_offer(offer, OfferOutcome.CALLER_LEFT, 0, 0)
  end
end
emit('CallEnded', records)
redis.call('SET', ENDED .. epoch[1] .. ':' .. call.id, written[call], 'PX', Limit.ENDED_MS)
retire_freed()
return ok(call)
