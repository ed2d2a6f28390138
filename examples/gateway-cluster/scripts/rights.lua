-- Runs every command of the other scripts, on keys of its own, which it removes.
--
-- KEYS: those keys, for a string, a hash, a sorted set and a stream. They expire if they cannot be
-- removed. Returns the names of the commands that the user of this connection may not run. Other
-- errors, such as too little memory, are not those of a user.
local str, hash, set, stream = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local commands = {
  {'SET', str, '', 'PX', '1000'}, {'GET', str}, {'PTTL', str}, {'EXISTS', str}, {'UNLINK', str},
  {'HSET', hash, 'a', '1'}, {'PEXPIRE', hash, '1000'}, {'HSETNX', hash, 'a', '1'},
  {'HGET', hash, 'a'}, {'HMGET', hash, 'a'}, {'HINCRBY', hash, 'a', '1'},
  {'ZADD', set, '1', 'a'}, {'PEXPIRE', set, '1000'}, {'ZSCORE', set, 'a'},
  {'ZREMRANGEBYRANK', set, '0', '-1'},
  {'XADD', stream, 'MAXLEN', '~', '1', '1-0', 'a', '1'}, {'PEXPIRE', stream, '1000'},
  {'DEL', str, hash, set, stream},
}
local refused, is_refused = {}, {}
for _, command in ipairs(commands) do
  local reply = redis.pcall(unpack(command))
  local why = type(reply) == 'table' and reply.err or ''
  -- By Redis 7.2 and later, and by earlier versions.
  local is_right = why:find('NOPERM', 1, true) or why:find('user executing the script', 1, true)
  local name = string.lower(command[1])
  if is_right and not is_refused[name] then
    is_refused[name] = true
    refused[#refused + 1] = name
  end
end
return refused
