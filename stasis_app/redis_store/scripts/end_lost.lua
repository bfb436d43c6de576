-- end_lost: book the end of a call that the store lost with an epoch, and that was over when it came back.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 the call's JSON, with reason and by whom
-- Returns    {'ok', call or ''} and what was written, or {'refused', why, event}
-- Guarantee  once per call, and never for one that is there. No agent is touched: none is held for it.
-- include: epoch records
local call = cjson.decode(ARGV[2])
local live = load(CALLS, call.id)
if live then
  return refused(Refusal.WRONG_STATE, live)
end
local known = redis.call('GET', ENDED .. epoch[1] .. ':' .. call.id)
if known then
  return { 'ok', known }
end
call.state, call.state_since, call.ended_at = CallState.ENDED, now, now
emit('CallEnded', { call = call })
redis.call('SET', ENDED .. epoch[1] .. ':' .. call.id, written[call], 'PX', Limit.ENDED_MS)
return ok(call)
