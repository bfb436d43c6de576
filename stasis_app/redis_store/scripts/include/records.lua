-- Records as tables, and the one way to change them: emit an event that carries them as they are after it.
-- A stored record is "<id of the last event that changed it>|<JSON>". Fields that are None in Python are absent here,
-- and every collection is a map, since cjson cannot tell an empty array from an empty map.
-- include: stream
local STORED_IN = { call = CALLS, agent = AGENTS, offer = OFFERS }
local loaded, changed_by, written = {}, {}, {}

local function load(stored_in, id)
  local known = loaded[stored_in .. id]
  if known then
    return known
  end
  local text = redis.call('HGET', stored_in, id)
  if not text then
    return nil
  end
  local bar = string.find(text, '|', 1, true)
  local record = cjson.decode(string.sub(text, bar + 1))
  loaded[stored_in .. id] = record
  changed_by[record] = string.sub(text, 1, bar - 1)
  return record
end

local function save(stored_in, record, event_id)
  changed_by[record] = event_id
  redis.call('HSET', stored_in, record.id, event_id .. '|' .. written[record])
end

-- Writes the event and the records in it; records that have ended, and agents that were removed, are kept no longer.
-- Answers the event's id.
local function emit(kind, records, words)
  local fields = {}
  for name, record in pairs(records) do
    written[record] = cjson.encode(record)
    add_field(fields, name, written[record])
  end
  for name, word in pairs(words or {}) do
    add_field(fields, name, cjson.encode(word))
  end
  local id = append(kind, fields)
  for name, record in pairs(records) do
    if record.state == CallState.ENDED or kind == 'AgentRemoved' then
      redis.call('HDEL', STORED_IN[name], record.id)
    else
      save(STORED_IN[name], record, id)
    end
  end
  return id
end

-- Makes the step that the table has, or answers nil and leaves the record alone.
local function step(transitions, record, axis, trigger)
  local after = transitions[record[axis] .. '|' .. trigger]
  if after and after ~= record[axis] then
    record[axis] = after
    record[axis .. '_since'] = now
  end
  return after
end

-- The shift's busy time with what is under way.
local function busy_ms(agent)
  local before = agent.shift_busy_ms or 0
  if agent.activity == AgentActivity.IDLE then
    return before
  end
  return before + math.max(0, now - math.max(agent.activity_since, agent.shift_since or 0))
end

-- A record that was written is in the last event that names it, and not sent twice.
local function ok(record)
  return made(written[record] and '' or cjson.encode(record))
end

local function refused(why, record)
  return { 'refused', why, record and changed_by[record] or '' }
end
