-- restore_call: put a call's record, and its offer, as Asterisk shows them, while the epoch is not ready.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 the call's JSON; 3 the offer's JSON, or ''
-- Returns    {'ok'}, or {'stale', epoch} when the epoch is another one or open already
-- Guarantee  extends the rebuild's lease; a live offer gets its deadline.
-- include: epoch records restoring
local call = cjson.decode(ARGV[2])
written[call] = ARGV[2]
save(CALLS, call, '')
if ARGV[3] ~= '' then
  local offer = cjson.decode(ARGV[3])
  written[offer] = ARGV[3]
  save(OFFERS, offer, '')
  if offer.state == OfferState.RESERVED or offer.state == OfferState.RINGING then
    redis.call('ZADD', DEADLINES, offer.lease_until, DeadlineKind.OFFER_LEASE .. '|' .. offer.id)
  elseif offer.state == OfferState.ACCEPTED then
    redis.call('ZADD', DEADLINES, offer.lease_until, DeadlineKind.ACCEPTED_LEASE .. '|' .. offer.id)
  end
end
return { 'ok' }
