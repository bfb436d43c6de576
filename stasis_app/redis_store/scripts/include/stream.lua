-- The pool's stream: appending, and giving up its oldest part when readers stay behind for too long.
local function before(one, other)
  local ms, seq = string.match(one, '^(%d+)-(%d+)$')
  local other_ms, other_seq = string.match(other, '^(%d+)-(%d+)$')
  ms, seq, other_ms, other_seq = tonumber(ms) or 0, tonumber(seq) or 0, tonumber(other_ms) or 0, tonumber(other_seq) or 0
  return ms < other_ms or (ms == other_ms and seq < other_seq)
end

-- Readers compare their position with this mark: whoever is before it has lost events.
local function mark_first()
  local first = redis.call('XRANGE', EVENTS, '-', '+', 'COUNT', 1)[1]
  if first then
    redis.call('HSET', KEYS[1], 'first', first[1])
    return first[1]
  end
end

-- Puts a field's text among those of an event. They become one string at the end: each that Lua makes is hashed whole.
local function add_field(fields, name, text)
  local count = #fields
  fields[count + 1], fields[count + 2], fields[count + 3], fields[count + 4] = ',"', name, '":', text
end

-- What this run has written: the id before it, then id, kind and body of each event. The answer carries it, so that who
-- commits need not read what it has written. An id before it that is none says that something is missing in between.
local appended = {}

local function append(kind, fields)
  if #appended == 0 then
    local last = redis.call('XREVRANGE', EVENTS, '+', '-', 'COUNT', 1)[1]
    appended[1] = last and last[1] or ''
  end
  table.insert(fields, 1, '{"at":' .. string.format('%.0f', now))
  fields[#fields + 1] = '}'
  local body = table.concat(fields)
  local id = redis.call('XADD', EVENTS, '*', 'kind', kind, 'body', body)
  local count = #appended
  appended[count + 1], appended[count + 2], appended[count + 3] = id, kind, body
  if redis.call('XLEN', EVENTS) > Limit.EVENTS then
    redis.call('XTRIM', EVENTS, 'MAXLEN', Limit.EVENTS_AFTER_TRIM)
    local first = mark_first()
    local consumers = redis.call('HGETALL', CONSUMERS)
    for i = 1, #consumers, 2 do
      if before(consumers[i + 1], first) then
        local text = consumers[i] .. ' had kept the events up to ' .. consumers[i + 1] .. '; those before ' .. first
          .. ' are lost, because the stream reached its limit: start what reads the events, or make it faster'
        local gap = ',"alert":"' .. AlertKind.EVENTS_LOST .. '","text":' .. cjson.encode(text)
        appended[1] = '?'
        redis.call('XADD', EVENTS, '*', 'kind', 'AlertRaised', 'body',
          '{"at":' .. string.format('%.0f', now) .. gap .. '}')
      end
    end
  end
  return id
end

-- The answer of a run that was made: a word or record, and what was written.
local function made(answer)
  local words = { 'ok', answer }
  for at, word in ipairs(appended) do
    words[at + 2] = word
  end
  return words
end
