-- Acquires the lease, or keeps it, and starts a new epoch, which fences earlier leaders.
--
-- ARGV: name, time to live in ms, generation to start if needed, generation and number seen, last
--       ID seen, random name of this acquisition: Redis may give an epoch a second time, after it
--       went back to an older state
-- Returns {1, epoch, generation, count, last, 1 if the generation was started}, or {0, ms until the
-- lease expires}.
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then
  return {0, redis.call('PTTL', KEYS[2])}
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
local generation, count, started = current(ARGV[3], ARGV[4], ARGV[5], ARGV[6])
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HSET', KEYS[1], 'seq', 0, 'leader', ARGV[7])
return {1, epoch, generation, count, redis.call('HGET', KEYS[1], 'last') or '', started}
