-- The ways in which an offer is looked up, proven, and brought to its end.
-- include: records
local freed = {}

local function step_offer(offer, trigger)
  local after = OFFER_TRANSITIONS[offer.state .. '|' .. trigger]
  offer.state = after or offer.state
  return after
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
  step(AGENT_TRANSITIONS, agent, 'activity', trigger)
  agent.offer = nil
  if agent.activity == AgentActivity.IDLE then
    agent.call = nil
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

-- Ends a live offer: frees the agent, sends the call back, tells the owner. Calls that are over or talk stay so.
local function end_offer(offer, outcome, cool_off_ms, sip_code)
  local call = load(CALLS, offer.call)
  local agent = load(AGENTS, offer.agent)
  step_offer(offer, OfferTrigger.END)
  offer.outcome, offer.ended_at, offer.sip_code = outcome, now, sip_code
  redis.call('ZREM', DEADLINES, DeadlineKind.OFFER_LEASE .. '|' .. offer.id, DeadlineKind.ACCEPTED_LEASE .. '|' .. offer.id)
  call.offers[offer.id] = nil
  if call.state == CallState.OFFERED or call.state == CallState.CONNECTING then
    send_back(call, offer)
  end
  release(agent, AgentTrigger.RELEASE)
  if MISSED[outcome] then
    agent.missed = agent.missed + 1
    agent.idle_since = now
  end
  if cool_off_ms > 0 then
    agent.cool_until = now + cool_off_ms
  end
  tell(offer.owner, emit('OfferEnded', { call = call, agent = agent, offer = offer }))
  return agent
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
  agent.talk_ms = agent.talk_ms + now - (call.connected_at or now)
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
