-- open_epoch: the state is rebuilt, and dispatch may go on.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined
-- Returns    {'ok', ''} and what was written, or {'stale', epoch} when another process rebuilds by now
-- Guarantee  EpochBegun is written once, however often this runs.
-- include: epoch records
if epoch[2] ~= '1' then
  redis.call('HSET', KEYS[1], 'ready', '1')
  redis.call('HDEL', KEYS[1], 'rebuilder', 'rebuild_lease', 'rebuild_until')
  emit('EpochBegun', {}, { epoch = ARGV[1] })
end
return made('')
