-- append_event: write an event that changes no record.
-- KEYS[1]    the pool's epoch
-- ARGV       1 epoch joined; 2 kind; 3 its fields as a JSON object
-- Returns    {'ok', ''} and what was written
-- Guarantee  the event's time is the store's.
-- include: epoch stream
append(ARGV[2], { ',', string.sub(ARGV[3], 2, -2) })
return made('')
