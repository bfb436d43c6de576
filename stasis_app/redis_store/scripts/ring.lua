-- ring: the agent's phone is about to be dialled; from here the leg may exist.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 offer; 3 fence; 4 owner
-- Returns    {'ok', offer or ''} and what was written, or {'refused', why, event}
-- Guarantee  nobody dials on a reservation that has ended or changed hands.
-- include: epoch offers
local offer, refusal = proven(ARGV[2], ARGV[3], ARGV[4], OfferTrigger.RING)
if not offer then
  return refusal
end
if offer.lease_until <= now then
  return refused(Refusal.LEASE_OVER, offer)
end
step_offer(offer, OfferTrigger.RING)
offer.dialled_at = now
emit('OfferDialled', { offer = offer })
return ok(offer)
