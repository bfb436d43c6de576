-- The identity of this very run of the server: contents of an earlier run may be older than the world.
local function server_run()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end
