-- Only while the epoch is not ready; each step extends the rebuild's lease.
if epoch[2] == '1' then
  return { 'stale', ARGV[1] }
end
redis.call('HSET', KEYS[1], 'rebuild_until', now + tonumber(redis.call('HGET', KEYS[1], 'rebuild_lease')))
