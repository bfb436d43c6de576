-- restore_agent: put an agent's record as it must be, while the epoch is not ready.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 the agent's JSON
-- Returns    {'ok'}, or {'stale', epoch} when the epoch is another one or open already
-- Guarantee  extends the rebuild's lease; a wrap-up gets its deadline.
-- include: epoch records restoring
local agent = cjson.decode(ARGV[2])
written[agent] = ARGV[2]
save(AGENTS, agent, '')
redis.call('ZREM', DEADLINES, DeadlineKind.WRAP_UP .. '|' .. agent.id)
if agent.wrap_up_until then
  redis.call('ZADD', DEADLINES, agent.wrap_up_until, DeadlineKind.WRAP_UP .. '|' .. agent.id)
end
return { 'ok' }
