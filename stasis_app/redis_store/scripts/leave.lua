-- leave: this process ends in order: its lease, and its leadership if it has it, end now.
-- KEYS[1]    the pool's epoch
-- ARGV       1 process
-- Returns    {'ok'}
-- Guarantee  works whatever the epoch: a process that goes must not have to be up to date.
redis.call('ZADD', PROCESSES, 'XX', now, ARGV[1])
if redis.call('GET', LEADER) == ARGV[1] then
  redis.call('DEL', LEADER)
end
return { 'ok' }
