-- begin_epoch: wipe what only Asterisk knows for sure, keep agents and the stream, and let one process rebuild.
-- KEYS[1]    the pool's epoch
-- ARGV       1 new epoch's id; 2 process; 3 lease in ms; 4 the epoch that the process joined last, or ''
-- Returns    {'ok', server's run} or {'refused'}
-- Guarantee  a rebuild whose lease runs is not disturbed, and an epoch that was rebuilt meanwhile is not wiped:
--            only a process that had joined that very epoch, or found it left over from an earlier run, may end it.
-- include: run records
local epoch = redis.call('HMGET', KEYS[1], 'id', 'ready', 'run', 'rebuilder', 'rebuild_until')
local run = server_run()
if epoch[1] and epoch[2] == '1' and epoch[3] == run and epoch[1] ~= ARGV[4] then
  return { 'refused' }
end
if epoch[1] and epoch[2] ~= '1' and epoch[4] ~= ARGV[2] and (tonumber(epoch[5]) or 0) > now then
  return { 'refused' }
end

redis.call('DEL', CALLS, OFFERS, DEADLINES, STEPS)
for _, id in ipairs(redis.call('HKEYS', AGENTS)) do
  local agent = load(AGENTS, id)
  if agent.activity == AgentActivity.WRAP_UP then
    redis.call('ZADD', DEADLINES, agent.wrap_up_until or now, DeadlineKind.WRAP_UP .. '|' .. id)
  elseif agent.activity ~= AgentActivity.IDLE then
    agent.shift_busy_ms = busy_ms(agent)
    agent.activity, agent.activity_since, agent.idle_since = AgentActivity.IDLE, now, now
    agent.offer, agent.call, agent.busy_for = nil, nil, nil
    written[agent] = cjson.encode(agent)
    save(AGENTS, agent, changed_by[agent])
  end
end

-- Numbers of an emptied store's past must not come again: the clock is ahead of any count of reservations.
redis.call('SET', FENCE, string.format('%.0f', math.max(now, tonumber(redis.call('GET', FENCE)) or 0)))
redis.call('HSET', KEYS[1], 'id', ARGV[1], 'ready', '0', 'run', run, 'rebuilder', ARGV[2],
  'rebuild_lease', ARGV[3], 'rebuild_until', now + tonumber(ARGV[3]))
return { 'ok', run }
