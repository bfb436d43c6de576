-- What every script starts from: the pool's keys and the server's clock, which is the only one that decides.
-- All keys of a pool share one hash tag, so that they live in one slot of a cluster; see keys.py for their types.
local root = string.sub(KEYS[1], 1, -6)
local AGENTS, CALLS, OFFERS = root .. 'agents', root .. 'calls', root .. 'offers'
local DEADLINES, EVENTS, CONSUMERS = root .. 'deadlines', root .. 'events', root .. 'consumers'
local PROCESSES, LEADER, LEAVING = root .. 'processes', root .. 'leader', root .. 'leaving'
local FENCE, STEPS, ENDED = root .. 'fence', root .. 'steps', root .. 'ended:'

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
