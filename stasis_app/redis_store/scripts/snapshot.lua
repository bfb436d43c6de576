-- snapshot: where the stream is now, and the next events after a position; the records are read in pages, see pages.py.
-- KEYS[1]    the pool's epoch
-- ARGV       1 first event wanted, as XRANGE takes it, or '' for none; 2 how many at most
-- Returns    {now, epoch or false, version or false, last event's id or '', steps, mark, oldest event left or '', events}
-- Guarantee  changes nothing; works whatever the epoch. The mark is another one whenever records may have changed
--            without an event: another run of the server, another epoch, a step of a rebuild.
-- include: run
local epoch = redis.call('HMGET', KEYS[1], 'id', 'version', 'ready', 'rebuild_until', 'first')
local last = redis.call('XREVRANGE', EVENTS, '+', '-', 'COUNT', 1)[1]
return {
  string.format('%.0f', now), epoch[1], epoch[2], last and last[1] or '', redis.call('SMEMBERS', STEPS),
  server_run() .. ' ' .. (epoch[1] or '') .. ' ' .. (epoch[3] or '') .. ' ' .. (epoch[4] or ''), epoch[5] or '',
  ARGV[1] == '' and {} or redis.call('XRANGE', EVENTS, ARGV[1], '+', 'COUNT', ARGV[2]),
}
