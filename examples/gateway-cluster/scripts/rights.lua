-- Runs every command of the other scripts, on a key of its own, which it removes.
--
-- KEYS[1]: that key. Returns the names of the commands that the user of this connection may not
-- run. Other errors, such as too little memory, are not those of a user.
local key = KEYS[1]
local commands = {
  {'SET', key, '', 'PX', '1000'}, {'GET', key}, {'PTTL', key}, {'PEXPIRE', key, '1000'},
  {'EXISTS', key}, {'DEL', key},
  {'HSET', key, 'a', '1'}, {'HSETNX', key, 'a', '1'}, {'HGET', key, 'a'}, {'HMGET', key, 'a'},
  {'HINCRBY', key, 'a', '1'}, {'UNLINK', key},
  {'ZADD', key, '1', 'a'}, {'ZSCORE', key, 'a'}, {'ZREMRANGEBYRANK', key, '0', '-1'},
  {'XADD', key, 'MAXLEN', '~', '1', '1-0', 'a', '1'}, {'DEL', key},
}
local refused = {}
for _, command in ipairs(commands) do
  local reply = redis.pcall(unpack(command))
  local why = type(reply) == 'table' and reply.err or ''
  -- By Redis 7.2 and later, and by earlier versions.
  if why:find('NOPERM', 1, true) or why:find('user executing the script', 1, true) then
    refused[#refused + 1] = string.lower(command[1])
  end
end
return refused
