-- accept: the agent answered, and wants the call.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 offer; 3 fence; 4 owner; 5 lease for the bridging in ms
-- Returns    {'ok', offer or ''} and what was written, or {'refused', why, event}
-- Guarantee  one offer of a call wins; the others ring on until the bridge is seen.
-- include: epoch offers
local offer, refusal = proven(ARGV[2], ARGV[3], ARGV[4], OfferTrigger.ACCEPT)
if not offer then
  return refusal
end
if offer.lease_until <= now then
  return refused(Refusal.LEASE_OVER, offer)
end
local call = load(CALLS, offer.call)
if not step(CALL_TRANSITIONS, call, 'state', CallTrigger.ACCEPT) then
  return refused(Refusal.WRONG_STATE, call)
end
step_offer(offer, OfferTrigger.ACCEPT)
offer.accepted_at, offer.lease_until = now, now + tonumber(ARGV[5])
call.offer, call.agent = offer.id, offer.agent
redis.call('ZREM', DEADLINES, DeadlineKind.OFFER_LEASE .. '|' .. offer.id)
redis.call('ZADD', DEADLINES, offer.lease_until, DeadlineKind.ACCEPTED_LEASE .. '|' .. offer.id)
emit('OfferAccepted', { call = call, offer = offer })
return ok(offer)
