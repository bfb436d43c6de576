-- set_reachable: the phone is registered on this node, or no longer.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 agent; 3 '1' or '0'; 4 node
-- Returns    {'ok', agent or ''} and what was written, or {'refused', why, event}
-- Guarantee  a node speaks only for the phones that are registered with it.
-- include: epoch records
local agent = load(AGENTS, ARGV[2])
if not agent then
  return refused(Refusal.UNKNOWN)
end
local reachable = ARGV[3] == '1'
local same
if reachable then
  same = agent.reachable and agent.node == ARGV[4]
else
  same = not agent.reachable or agent.node ~= ARGV[4]
end
if not same then
  agent.reachable, agent.node = reachable, reachable and ARGV[4] or nil
  emit('AgentReachabilityChanged', { agent = agent })
end
return ok(agent)
