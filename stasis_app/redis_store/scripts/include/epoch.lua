-- Refuses to touch a store that is not the one the process joined: it was emptied or rebuilt since.
local epoch = redis.call('HMGET', KEYS[1], 'id', 'ready')
if epoch[1] ~= ARGV[1] then
  return { 'stale', epoch[1] or '' }
end
