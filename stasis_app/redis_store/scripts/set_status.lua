-- set_status: what the person asked for.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 agent; 3 status; 4 reason of the break, or ''
-- Returns    {'ok', agent or ''} and what was written, or {'refused', why, event}
-- Guarantee  leaving ready rescinds an offer that is not accepted yet, before the status changes.
-- include: epoch offers
local agent = load(AGENTS, ARGV[2])
if not agent then
  return refused(Refusal.UNKNOWN)
end
local previous, reason = agent.status, ARGV[4] ~= '' and ARGV[4] or nil
if previous == ARGV[3] and agent.break_reason == reason then
  return ok(agent)
end
if previous == AgentStatus.READY and agent.activity == AgentActivity.RESERVED then
  local offer = load(OFFERS, agent.offer)
  if offer and offer.state ~= OfferState.ACCEPTED then
    end_offer(offer, OfferOutcome.RESCINDED, 0, 0)
  end
end
set_status(agent, ARGV[3], reason)
retire_freed()
return ok(agent)
