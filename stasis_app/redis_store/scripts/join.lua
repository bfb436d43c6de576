-- join: look at the store as it is now.
-- KEYS[1]    the pool's epoch
-- Returns    {epoch id or false, '1' when ready, the server's run when the epoch began, the server's run now}
-- Guarantee  changes nothing.
-- include: run
local epoch = redis.call('HMGET', KEYS[1], 'id', 'ready', 'run')
return { epoch[1], epoch[2], epoch[3], server_run() }
