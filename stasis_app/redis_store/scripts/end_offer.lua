-- end_offer: an offer came to nothing, whatever the cause.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 offer; 3 fence; 4 owner; 5 outcome; 6 cool-off in ms;
--            7 misses in a row that make a break, or 0; 8 SIP code, or ''
-- Returns    {'ok', offer or ''} and what was written, or {'refused', why, event}
-- Guarantee  the agent is free, or on the break that comes of it, and the call keeps its place in the line.
-- include: epoch offers
local offer, refusal = proven(ARGV[2], ARGV[3], ARGV[4], OfferTrigger.END)
if not offer then
  return refusal
end
end_offer(offer, ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]))
retire_freed()
return ok(offer)
