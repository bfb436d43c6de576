-- change_call: a waiting call gets another priority, queue or requirement.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 call; 3 the change's JSON, without what it leaves
-- Returns    {'ok', call or ''} and what was written, or {'refused', why, event}
-- Guarantee  a call that rings a phone keeps its queue; what is so already writes no event.
-- include: epoch records
local call = load(CALLS, ARGV[2])
if not call then
  return refused(Refusal.UNKNOWN)
end
local change = cjson.decode(ARGV[3])
local moves = change.queue and change.queue ~= call.queue
local waits = call.state == CallState.QUEUED or call.state == CallState.OFFERED
if not waits or (moves and next(call.offers) ~= nil) then
  return refused(Refusal.WRONG_STATE, call)
end

local changed = false
local function set(field, value)
  changed = changed or call[field] ~= value
  call[field] = value
end

if moves and not change.keep_wait then
  set('queued_at', now)
end
if change.preferred_agent == '' then
  set('preferred_agent', nil)
  set('preferred_for_s', nil)
  change.preferred_agent, change.preferred_for_s = nil, nil
end
change.keep_wait = nil
for field, value in pairs(change) do
  set(field, value)
end
if changed then
  emit('CallChanged', { call = call })
end
return ok(call)
