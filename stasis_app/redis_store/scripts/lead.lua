-- lead: become, or stay, the pool's one distributor.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 process; 3 lease in ms
-- Returns    {'ok', '1' if it leads, else '0'}
-- Guarantee  one process at a time; the lease ends by itself.
-- include: epoch
local leader = redis.call('GET', LEADER)
if leader and leader ~= ARGV[2] then
  return { 'ok', '0' }
end
redis.call('SET', LEADER, ARGV[2], 'PX', ARGV[3])
return { 'ok', '1' }
