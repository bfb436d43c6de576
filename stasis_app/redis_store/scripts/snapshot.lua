-- snapshot: all live state at one instant, and where the stream goes on.
-- KEYS[1]    the pool's epoch
-- Returns    {now, epoch or false, version or false, last event's id or '', steps, agents, calls, offers}
-- Guarantee  changes nothing; works whatever the epoch.
local epoch = redis.call('HMGET', KEYS[1], 'id', 'version')
local last = redis.call('XREVRANGE', EVENTS, '+', '-', 'COUNT', 1)[1]
return {
  string.format('%.0f', now), epoch[1], epoch[2], last and last[1] or '',
  redis.call('SMEMBERS', STEPS), redis.call('HGETALL', AGENTS), redis.call('HGETALL', CALLS), redis.call('HGETALL', OFFERS),
}
