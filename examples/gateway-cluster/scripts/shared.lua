-- Shared by all scripts, which start with it.
--
-- KEYS[1] hash with the state: generation, count (number of the newest event), epoch (counts the
-- leaders), leader (random name of the newest acquisition), seq (number of the newest batch of
-- this leader), last (ID to resume the upstream after)
-- KEYS[2] lease: name of the leader, with a time to live
-- KEYS[3] sorted set of the upstream's IDs, by the numbers of their events
--
-- The events of a generation are in a stream of its own, in which the entry of event N has the ID
-- N-0. The name of that stream starts with the hash tag of the other keys, so that all of them are
-- on one node of a Redis Cluster.
local function stream(generation)
  return KEYS[1] .. ':' .. generation
end

-- Returns the generation and the number of its newest event.
--
-- Starts a new generation if there is none (Redis is empty), if its events are gone (evicted or
-- deleted), or if the caller has seen an event of it that is not there any more (Redis went back to
-- an older state): numbers would otherwise be given to events a second time.
local function current(fresh, seen_generation, seen_number, hint)
  local state = redis.call('HMGET', KEYS[1], 'generation', 'count')
  local generation, count, went_back = state[1], tonumber(state[2] or '0'), false
  if generation then
    local gone = count > 0 and redis.call('EXISTS', stream(generation)) == 0
    went_back = generation == seen_generation and tonumber(seen_number) > count
    if not gone and not went_back then
      return generation, count, 0
    end
  end
  -- The upstream continues where it was. The ID that the caller has seen last is used if the one in
  -- the state is lost or older.
  if hint ~= '' then
    redis.call(went_back and 'HSET' or 'HSETNX', KEYS[1], 'last', hint)
  end
  redis.call('HINCRBY', KEYS[1], 'epoch', 1)
  redis.call('UNLINK', KEYS[3])
  if generation then
    redis.call('UNLINK', stream(generation))
  end
  -- At last: if Redis refuses one of the commands before, the next call repeats all of them.
  redis.call('HSET', KEYS[1], 'generation', fresh, 'count', 0)
  return fresh, 0, 1
end
