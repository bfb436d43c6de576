-- switch_step: a step of a queue counts by its live figure, or counts no more.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 queue; 3 step; 4 '1' or '0'; 5 version of the configuration that it belongs to
-- Returns    {'ok', '1' if that is new, else '0'} and what was written
-- Guarantee  a step of another version than the one announced last is left alone.
-- include: epoch records
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[5] then
  return made('0')
end
if redis.call(ARGV[4] == '1' and 'SADD' or 'SREM', STEPS, ARGV[2] .. '|' .. ARGV[3]) == 0 then
  return made('0')
end
emit('StepSwitched', {}, { queue = ARGV[2], step = tonumber(ARGV[3]), on = ARGV[4] == '1' })
return made('1')
