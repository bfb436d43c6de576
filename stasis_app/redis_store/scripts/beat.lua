-- beat: this process lives until its lease ends.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 process; 3 lease in ms
-- Returns    {'ok'}
-- Guarantee  processes whose lease ended long ago are forgotten.
-- include: epoch
redis.call('ZADD', PROCESSES, now + tonumber(ARGV[3]), ARGV[2])
redis.call('ZREMRANGEBYSCORE', PROCESSES, '-inf', now - Limit.FORGET_PROCESS_MS)
return { 'ok' }
