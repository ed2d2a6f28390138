-- Extends the lease. PEXPIRE needs no memory: a leader keeps the lease while Redis is full.
-- ARGV: name, time to live in ms. Returns 1, or 0 if somebody else has the lease, or nobody.
if redis.call('GET', KEYS[2]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return 0
