-- append_event: write events of one kind that change no record.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 kind; 3... the fields of each as a JSON object
-- Returns    {'ok', ''} and what was written
-- Guarantee  the event's time is the store's.
-- include: epoch stream
for at = 3, #ARGV do
  append(ARGV[2], { ',', string.sub(ARGV[at], 2, -2) })
end
return made('')
