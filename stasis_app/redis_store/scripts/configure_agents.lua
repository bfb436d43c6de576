-- configure_agents: a version of the configuration is in force, and these are its agents.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 version; 3 a new agent's JSON; 4... agent ids
-- Returns    {'ok'}
-- Guarantee  what is written may be long, and is left to those who read the stream. An older version changes nothing; announcing twice is harmless. Agents who are busy leave when idle.
--            A new version begins without steps that count by a live figure. New agents come with AgentStatusChanged without a previous status; ConfigurationAnnounced is last.
-- include: epoch records
local current = tonumber(redis.call('HGET', KEYS[1], 'version')) or -1
if tonumber(ARGV[2]) < current then
  return { 'ok' }
end
local configured = {}
for i = 4, #ARGV do
  configured[ARGV[i]] = true
  redis.call('SREM', LEAVING, ARGV[i])
  if redis.call('HEXISTS', AGENTS, ARGV[i]) == 0 then
    local agent = cjson.decode(ARGV[3])
    agent.id = ARGV[i]
    emit('AgentStatusChanged', { agent = agent })
  end
end
local known = redis.call('HKEYS', AGENTS)
table.sort(known)
for _, id in ipairs(known) do
  if not configured[id] then
    local agent = load(AGENTS, id)
    if agent.activity == AgentActivity.IDLE then
      emit('AgentRemoved', { agent = agent })
    else
      redis.call('SADD', LEAVING, id)
    end
  end
end
if tonumber(ARGV[2]) > current then
  redis.call('HSET', KEYS[1], 'version', ARGV[2])
  redis.call('DEL', STEPS)
  emit('ConfigurationAnnounced', {}, { version = tonumber(ARGV[2]) })
end
return { 'ok' }
