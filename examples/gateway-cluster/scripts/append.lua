-- Appends a batch of events, once, if the caller is still the leader.
--
-- ARGV: epoch, generation, number of the batch, number of the newest event when the connection to
--       the upstream began, length of the history, last ID after the batch, random name of the
--       acquisition; then for each event: its own ID, the last ID after it, type, data
-- Returns {1, count, number of duplicates}, or {0} if the caller is not the leader any more, or the
-- events are gone.
local state = redis.call('HMGET', KEYS[1], 'epoch', 'generation', 'seq', 'count', 'leader')
local count, seq = tonumber(state[4] or '0'), tonumber(ARGV[3])
if state[1] ~= ARGV[1] or state[2] ~= ARGV[2] or state[5] ~= ARGV[7] then
  if state[2] then
    redis.call('HINCRBY', KEYS[1], 'refused', 1)
  end
  return {0}
end
if tonumber(state[3]) == seq then
  -- The reply to the same batch was lost.
  redis.call('HINCRBY', KEYS[1], 'repeated', 1)
  return {1, count, 0}
end
local events = stream(ARGV[2])
if tonumber(state[3]) ~= seq - 1 or (count > 0 and redis.call('EXISTS', events) == 0) then
  return {0}
end
-- A command that Redis refuses (a right that was taken away, a key of another type) ends the script
-- without undoing the earlier ones. So each command that follows XADD runs here first, without
-- effect: otherwise the stream could have entries that are not counted. HSET is the first one, as
-- Redis compares the used memory with its limit only until a script has written.
redis.call('HSET', KEYS[1], 'count', count)
redis.call('ZSCORE', KEYS[3], '')
redis.call('ZADD', KEYS[3], 'XX', 0, '')
redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -tonumber(ARGV[5]) - 1)
local began, duplicates = tonumber(ARGV[4]), 0
for i = 8, #ARGV, 4 do
  local id = ARGV[i]
  -- An ID that came over an earlier connection is that of the same event. Over one connection, the
  -- upstream may repeat an ID for several events.
  local known = id ~= '' and redis.call('ZSCORE', KEYS[3], id)
  if known and tonumber(known) <= began then
    duplicates = duplicates + 1
  else
    count = count + 1
    local fields = {'u', ARGV[i + 1], 't', ARGV[i + 2], 'd', ARGV[i + 3]}
    redis.call('XADD', events, 'MAXLEN', '~', ARGV[5], count .. '-0', unpack(fields))
    if id ~= '' then
      redis.call('ZADD', KEYS[3], count, id)
    end
  end
end
redis.call('HSET', KEYS[1], 'count', count, 'seq', seq, 'last', ARGV[6])
return {1, count, duplicates}
