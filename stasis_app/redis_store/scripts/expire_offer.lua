-- expire_offer: end an offer that nobody has ended in time; the agent is not to blame.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 offer
-- Returns    {'ok', offer or ''} and what was written, or {'refused', why, event}
-- Guarantee  an offer whose lease was moved meanwhile stays.
-- include: epoch offers
local offer = load(OFFERS, ARGV[2])
if not offer then
  return refused(Refusal.UNKNOWN)
end
if not OFFER_TRANSITIONS[offer.state .. '|' .. OfferTrigger.END] then
  return refused(Refusal.WRONG_STATE, offer)
end
if offer.lease_until > now then
  return refused(Refusal.NOT_DUE, offer)
end
end_offer(offer, OfferOutcome.EXPIRED, 0, 0)
retire_freed()
return ok(offer)
