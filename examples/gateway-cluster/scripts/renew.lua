-- Extends the lease, if the acquisition is still the newest one: a leader whose events would be
-- refused does not keep the lease from others. PEXPIRE needs no memory: a leader keeps the lease
-- while Redis is full.
--
-- ARGV: name, time to live in ms, random name of the acquisition
-- Returns 1, or 0 if somebody else has the lease, or nobody; -1 if the state is lost, and nobody
-- has acquired the lease since.
local leader = redis.call('HGET', KEYS[1], 'leader')
if not leader then
  return -1
end
if leader == ARGV[3] and redis.call('GET', KEYS[2]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return 0
