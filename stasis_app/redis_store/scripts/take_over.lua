-- take_over: drive a call whose process is silent.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 call; 3 previous owner; 4 new owner
-- Returns    {'ok', call or ''} and what was written, or {'refused', why, event}
-- Guarantee  a process whose lease runs keeps its calls; the call's offers change hands with it.
-- include: epoch offers
local call = load(CALLS, ARGV[2])
if not call then
  return refused(Refusal.UNKNOWN)
end
if call.owner == ARGV[4] then
  return ok(call)
end
if call.owner ~= ARGV[3] then
  return refused(Refusal.NOT_OWNER, call)
end
if (tonumber(redis.call('ZSCORE', PROCESSES, ARGV[3])) or 0) > now then
  return refused(Refusal.NOT_DUE, call)
end
call.owner = ARGV[4]
local id = emit('CallTakenOver', { call = call }, { previous_owner = ARGV[3] })
local offers = offers_of(call)
if call.offer and not call.offers[call.offer] then
  offers[#offers + 1] = load(OFFERS, call.offer)
end
for _, offer in ipairs(offers) do
  offer.owner = call.owner
  written[offer] = cjson.encode(offer)
  save(OFFERS, offer, id)
end
return ok(call)
