-- The ways in which an offer is looked up, proven, and brought to its end.
-- include: records
local freed = {}

local function step_offer(offer, trigger)
  local after = OFFER_TRANSITIONS[offer.state .. '|' .. trigger]
  offer.state = after or offer.state
  return after
end

-- Moves the agent's activity, and counts what was not idle as the shift's busy time. Fields that came later than the
-- first version may be missing in records of before.
local function step_agent(agent, trigger)
  agent.shift_busy_ms = busy_ms(agent)
  step(AGENT_TRANSITIONS, agent, 'activity', trigger)
end

-- Becoming ready starts the idle clock and ends a cool-off; logging in begins a shift.
local function set_status(agent, status, reason)
  local previous = agent.status
  agent.status, agent.break_reason, agent.status_since = status, reason, now
  if status == AgentStatus.READY and previous ~= AgentStatus.READY then
    agent.ready_at, agent.cool_until = now, 0
    if agent.activity == AgentActivity.IDLE then
      agent.idle_since = now
    end
  end
  if previous == AgentStatus.LOGGED_OUT and status ~= AgentStatus.LOGGED_OUT then
    agent.shift_since, agent.shift_answered, agent.shift_talk_ms, agent.shift_busy_ms = now, 0, 0, 0
  end
  emit('AgentStatusChanged', { agent = agent }, { previous = previous })
end

-- The offer and its call, or the refusal: only the owner with the very fence may act, and only from the right state.
local function proven(id, fence, owner, trigger)
  local offer = load(OFFERS, id)
  if not offer then
    return nil, refused(Refusal.UNKNOWN)
  end
  if offer.owner ~= owner then
    return nil, refused(Refusal.NOT_OWNER, offer)
  end
  if offer.fence ~= tonumber(fence) then
    return nil, refused(Refusal.STALE_FENCE, offer)
  end
  if not OFFER_TRANSITIONS[offer.state .. '|' .. trigger] then
    return nil, refused(Refusal.WRONG_STATE, offer)
  end
  return offer
end

-- The call's offers, oldest first.
local function offers_of(call)
  local offers = {}
  for id in pairs(call.offers) do
    offers[#offers + 1] = load(OFFERS, id)
  end
  table.sort(offers, function(one, other) return one.fence < other.fence end)
  return offers
end

-- Agents that were free'd and are no longer configured leave now, after the events that freed them.
local function retire_freed()
  for _, agent in ipairs(freed) do
    if agent.activity == AgentActivity.IDLE and redis.call('SREM', LEAVING, agent.id) == 1 then
      emit('AgentRemoved', { agent = agent })
    end
  end
end

local function release(agent, trigger)
  step_agent(agent, trigger)
  agent.offer = nil
  if agent.activity == AgentActivity.IDLE then
    agent.call, agent.busy_for = nil, nil
    freed[#freed + 1] = agent
  end
end

-- Where the call goes when this offer is out no longer.
local function send_back(call, offer)
  if call.offer == offer.id then
    call.offer, call.agent = nil, nil
    local others_ring = next(call.offers) ~= nil
    step(CALL_TRANSITIONS, call, 'state',
      others_ring and CallTrigger.WINNER_LOST_OTHERS_RING or CallTrigger.WINNER_LOST)
  elseif next(call.offers) == nil then
    step(CALL_TRANSITIONS, call, 'state', CallTrigger.LAST_OFFER_ENDED)
  end
end

-- Ends a live offer: frees the agent, sends the call back, and gives an agent who misses too many in a row a break. Calls
-- that are over or talk stay so.
local function end_offer(offer, outcome, cool_off_ms, break_after, sip_code)
  local call = load(CALLS, offer.call)
  local agent = load(AGENTS, offer.agent)
  step_offer(offer, OfferTrigger.END)
  offer.outcome, offer.ended_at, offer.sip_code = outcome, now, sip_code
  redis.call('ZREM', DEADLINES, DeadlineKind.OFFER_LEASE .. '|' .. offer.id, DeadlineKind.ACCEPTED_LEASE .. '|' .. offer.id)
  call.offers[offer.id] = nil
  call.tried = call.tried or {}
  if not NOT_TRIED[outcome] then
    call.tried[agent.id] = (call.tried[agent.id] or 0) + 1
  end
  if call.state == CallState.OFFERED or call.state == CallState.CONNECTING then
    send_back(call, offer)
  end
  release(agent, AgentTrigger.RELEASE)
  if MISSED[outcome] then
    agent.missed = agent.missed + 1
    agent.idle_since, agent.missed_at = now, now
  end
  if cool_off_ms > 0 then
    agent.cool_until = now + cool_off_ms
  end
  emit('OfferEnded', { call = call, agent = agent, offer = offer })
  if MISSED[outcome] and break_after > 0 and agent.missed >= break_after and agent.status == AgentStatus.READY then
    agent.missed = 0
    set_status(agent, AgentStatus.ON_BREAK, ImposedBreak.MISSED_CALLS)
  end
end

-- The agent of a call that talked is free, or wraps up. Nil if that agent does not talk in this call, as can be when
-- the records were restored from what Asterisk showed.
local function hang_up(call, wrap_up_ms)
  if call.offer then
    redis.call('HDEL', OFFERS, call.offer)
  end
  local agent = call.agent and load(AGENTS, call.agent)
  if not agent or agent.activity ~= AgentActivity.TALKING or agent.call ~= call.id then
    return nil
  end
  local began = call.connected_at or now
  agent.talk_ms = agent.talk_ms + math.max(0, now - began)
  agent.shift_talk_ms = (agent.shift_talk_ms or 0) + math.max(0, now - math.max(began, agent.shift_since or 0))
  agent.call_ended_at = now
  if wrap_up_ms > 0 then
    release(agent, AgentTrigger.HANG_UP)
    agent.wrap_up_until = now + wrap_up_ms
    redis.call('ZADD', DEADLINES, agent.wrap_up_until, DeadlineKind.WRAP_UP .. '|' .. agent.id)
  else
    release(agent, AgentTrigger.HANG_UP_WITHOUT_WRAP_UP)
    agent.idle_since = now
  end
  return agent
end
