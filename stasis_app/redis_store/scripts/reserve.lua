-- reserve: for each of some calls claim the first agents who are still free, up to the call's width.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2... one reservation after the other: how many words follow; call; width; lease in ms;
--            since when possible; why; agents, best first
-- Returns    {'ok', what was written, one answer for each: {'ok', offer's id...} or {'refused', why, event}},
--            or {'stale', epoch} while the state is being rebuilt
-- Guarantee  an agent is in one reservation at most; each has a number higher than any before, and a deadline. Each
--            reservation is made or refused for itself; several share a run because beginning one costs as much.
-- include: epoch offers
if epoch[2] ~= '1' then
  return { 'stale', epoch[1] }
end

local function is_available(agent)
  return agent.status == AgentStatus.READY and agent.activity == AgentActivity.IDLE and agent.reachable
    and agent.cool_until <= now
end

local function make_offer(call, agent, lease_ms, why, waits_since)
  local fence = redis.call('INCR', FENCE)
  local offer = {
    id = call.id .. '.' .. string.format('%.0f', fence),
    call = call.id, agent = agent.id, queue = call.queue, fence = fence, state = OfferState.RESERVED,
    owner = call.owner, round = call.rounds, made_at = now, lease_until = now + lease_ms, why = why,
    free_since = math.max(waits_since, agent.idle_since, agent.cool_until, agent.activity_since),
  }
  step(CALL_TRANSITIONS, call, 'state', CallTrigger.OFFER)
  call.offers[offer.id] = agent.id
  call.first_offered_at = call.first_offered_at or now
  step_agent(agent, AgentTrigger.RESERVE)
  agent.offer, agent.call, agent.busy_for, agent.offered_at = offer.id, call.id, call.queue, now
  agent.offered_in = agent.offered_in or {}
  agent.offered_in[call.queue] = now
  redis.call('ZADD', DEADLINES, offer.lease_until, DeadlineKind.OFFER_LEASE .. '|' .. offer.id)
  emit('OfferMade', { call = call, agent = agent, offer = offer })
  return offer.id
end

-- The words of one reservation are ARGV[first] to ARGV[last].
local function reserve(first, last)
  local call = load(CALLS, ARGV[first])
  if not call then
    return refused(Refusal.UNKNOWN)
  end
  if not CALL_TRANSITIONS[call.state .. '|' .. CallTrigger.OFFER] then
    return refused(Refusal.WRONG_STATE, call)
  end
  local begins = next(call.offers) == nil
  local places = tonumber(ARGV[first + 1]) - #offers_of(call)
  if places <= 0 then
    return refused(Refusal.ROUND_FULL, call)
  end
  local answer, latest = { 'ok' }, ''
  local waits_since = math.max(call.queued_at, call.state_since, tonumber(ARGV[first + 3]))
  for i = first + 5, last do
    local agent = places > 0 and load(AGENTS, ARGV[i])
    if agent and is_available(agent) then
      if begins and #answer == 1 then
        call.rounds, call.round_at = call.rounds + 1, now
      end
      answer[#answer + 1] = make_offer(call, agent, tonumber(ARGV[first + 2]), ARGV[first + 4], waits_since)
      places = places - 1
    elseif agent and before(latest, changed_by[agent]) then
      latest = changed_by[agent]
    end
  end
  if #answer == 1 then
    return { 'refused', Refusal.NOBODY_FREE, latest }
  end
  return answer
end

local answers, at = { 'ok', appended }, 2
while at <= #ARGV do
  local last = at + tonumber(ARGV[at])
  answers[#answers + 1] = reserve(at + 1, last)
  at = last + 1
end
return answers
