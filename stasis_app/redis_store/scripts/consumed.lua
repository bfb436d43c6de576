-- consumed: a consumer has kept everything up to a position.
-- KEYS[1]    the pool's epoch
-- ARGV       1 consumer; 2 position
-- Returns    {'ok'}
-- Guarantee  the stream is trimmed to the slowest consumer, but keeps its latest part for those who resume.
-- include: stream
if not before(ARGV[2], redis.call('HGET', CONSUMERS, ARGV[1]) or '') then
  redis.call('HSET', CONSUMERS, ARGV[1], ARGV[2])
end
local slowest = string.format('%.0f-0', now - Limit.KEEP_MS)
local positions = redis.call('HVALS', CONSUMERS)
for _, position in ipairs(positions) do
  if before(position, slowest) then
    slowest = position
  end
end
if redis.call('XTRIM', EVENTS, 'MINID', slowest) > 0 then
  mark_first()
end
return { 'ok' }
