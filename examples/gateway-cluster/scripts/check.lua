-- ARGV: generation to start if needed, generation and number seen, last ID seen
-- Returns the generation and the number of its newest event.
local generation, count = current(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return {generation, count}
