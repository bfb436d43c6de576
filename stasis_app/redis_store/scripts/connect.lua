-- connect: both legs were seen in the bridge.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 offer; 3 fence; 4 owner
-- Returns    {'ok', offer or ''} and what was written, or {'refused', why, event}
-- Guarantee  CallConnected comes first, then an OfferEnded for each phone that still rings for this call.
-- include: epoch offers
local offer, refusal = proven(ARGV[2], ARGV[3], ARGV[4], OfferTrigger.CONNECT)
if not offer then
  return refusal
end
local call = load(CALLS, offer.call)
if not step(CALL_TRANSITIONS, call, 'state', CallTrigger.CONNECT) then
  return refused(Refusal.WRONG_STATE, call)
end
local agent = load(AGENTS, offer.agent)
step_offer(offer, OfferTrigger.CONNECT)
offer.connected_at, offer.outcome, call.connected_at = now, OfferOutcome.ANSWERED, now
call.offers[offer.id] = nil
step_agent(agent, AgentTrigger.CONNECT)
agent.offer, agent.missed, agent.answered = nil, 0, agent.answered + 1
agent.shift_answered, agent.call_started_at = (agent.shift_answered or 0) + 1, now
redis.call('ZREM', DEADLINES, DeadlineKind.ACCEPTED_LEASE .. '|' .. offer.id)
emit('CallConnected', { call = call, agent = agent, offer = offer })
for _, loser in ipairs(offers_of(call)) do
  end_offer(loser, OfferOutcome.ANSWERED_ELSEWHERE, 0, 0)
end
retire_freed()
return ok(offer)
