-- reserve: claim the first agents who are still free for one call, up to its width.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 call; 3 width; 4 lease in ms; 5 why; 6... agents, best first
-- Returns    {'ok', offer...}, {'refused', why, event}, or {'stale', epoch} while the state is being rebuilt
-- Guarantee  an agent is in one reservation at most; each has a number higher than any before, and a deadline.
-- include: epoch offers
if epoch[2] ~= '1' then
  return { 'stale', epoch[1] }
end
local call = load(CALLS, ARGV[2])
if not call then
  return refused(Refusal.UNKNOWN)
end
if not CALL_TRANSITIONS[call.state .. '|' .. CallTrigger.OFFER] then
  return refused(Refusal.WRONG_STATE, call)
end
local out = #offers_of(call)
local places = tonumber(ARGV[3]) - out
if places <= 0 then
  return refused(Refusal.ROUND_FULL, call)
end

local function is_available(agent)
  return agent.status == AgentStatus.READY and agent.activity == AgentActivity.IDLE and agent.reachable
    and agent.cool_until <= now
end

local waits_since = math.max(call.queued_at, call.state_since)
local lease_until = now + tonumber(ARGV[4])

local function make_offer(agent)
  local fence = redis.call('INCR', FENCE)
  local offer = {
    id = call.id .. '.' .. string.format('%.0f', fence),
    call = call.id, agent = agent.id, queue = call.queue, fence = fence, state = OfferState.RESERVED,
    owner = call.owner, round = call.rounds, made_at = now, lease_until = lease_until, why = ARGV[5],
    free_since = math.max(waits_since, agent.idle_since, agent.cool_until, agent.activity_since),
  }
  step(CALL_TRANSITIONS, call, 'state', CallTrigger.OFFER)
  call.offers[offer.id] = agent.id
  call.first_offered_at = call.first_offered_at or now
  step_agent(agent, AgentTrigger.RESERVE)
  agent.offer, agent.call, agent.busy_for, agent.offered_at = offer.id, call.id, call.queue, now
  agent.offered_in = agent.offered_in or {}
  agent.offered_in[call.queue] = now
  redis.call('ZADD', DEADLINES, lease_until, DeadlineKind.OFFER_LEASE .. '|' .. offer.id)
  tell(call.owner, emit('OfferMade', { call = call, agent = agent, offer = offer }))
  return written[offer]
end

local answer, latest = { 'ok' }, ''
for i = 6, #ARGV do
  local agent = places > 0 and load(AGENTS, ARGV[i])
  if agent and is_available(agent) then
    if out == 0 and #answer == 1 then
      call.rounds, call.round_at = call.rounds + 1, now
    end
    answer[#answer + 1] = make_offer(agent)
    places = places - 1
  elseif agent and before(latest, changed_by[agent]) then
    latest = changed_by[agent]
  end
end
if #answer == 1 then
  return { 'refused', Refusal.NOBODY_FREE, latest }
end
return answer
