-- end_wrap_up: the agent is done with the last call, by word or by time.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 agent; 3 'agent' or 'time'
-- Returns    {'ok', agent or ''} and what was written, or {'refused', why, event}
-- Guarantee  time never cuts a wrap-up short; the idle clock starts here.
-- include: epoch offers
local agent = load(AGENTS, ARGV[2])
if not agent then
  return refused(Refusal.UNKNOWN)
end
if not AGENT_TRANSITIONS[agent.activity .. '|' .. AgentTrigger.END_WRAP_UP] then
  return refused(Refusal.WRONG_STATE, agent)
end
if ARGV[3] == 'time' and (agent.wrap_up_until or 0) > now then
  return refused(Refusal.NOT_DUE, agent)
end
release(agent, AgentTrigger.END_WRAP_UP)
agent.wrap_up_until, agent.idle_since = nil, now
redis.call('ZREM', DEADLINES, DeadlineKind.WRAP_UP .. '|' .. agent.id)
emit('WrapUpEnded', { agent = agent }, { by = ARGV[3] })
retire_freed()
return ok(agent)
