/**
 * What the port promises beyond BullMQ, as scripts on BullMQ's own keys (version 6, pinned). Redis runs a script whole, so each is one step.
 *
 * A job at work that is removed loses its lock: from then on the lock belongs to nobody ("removed …"), so that nothing its
 * worker says to BullMQ counts. Its hash stays until the worker has wound down, with the field `removed`, and the job that
 * came under the same id meanwhile in `again`. A worker that dies meanwhile lets the lock expire; the job stalls, and whoever
 * gets it finds the field.
 *
 * KEYS[1] is always the prefix of the queue's keys, with its colon.
 */

const lines = `
local base = KEYS[1]
local function wake()
  redis.call('ZADD', base .. 'marker', 0, '0')
end
local function wakeForDelayed()
  local first = redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')
  if first[2] then redis.call('ZADD', base .. 'marker', tonumber(first[2]) / 0x1000, '1') end
end
local function forget(id)
  redis.call('LREM', base .. 'active', 1, id)
  redis.call('SREM', base .. 'stalled', id)
  redis.call('DEL', base .. id, base .. id .. ':lock')
end
`;

/** ARGV: job id, channel. Tells the worker on the channel when the job is at work. */
export const removeScript = `${lines}
local id = ARGV[1]
local key = base .. id
if redis.call('EXISTS', key) == 0 then return 'absent' end
local left = redis.call('ZREM', base .. 'prioritized', id) + redis.call('ZREM', base .. 'delayed', id)
if left == 0 then left = redis.call('LREM', base .. 'wait', 1, id) end
if left > 0 then
  redis.call('DEL', key)
  return 'removed'
end
redis.call('HSET', key, 'removed', 1)
redis.call('HDEL', key, 'again')
local token = redis.call('GET', key .. ':lock')
if token and string.sub(token, 1, 8) ~= 'removed ' then
  redis.call('SET', key .. ':lock', 'removed ' .. token, 'PX', math.max(redis.call('PTTL', key .. ':lock'), 1))
  redis.call('PUBLISH', ARGV[2], id)
end
return 'at work'
`;

/** ARGV: job ids. Which of them were removed and still wind down. */
export const removedOfScript = `
local removed = {}
for _, id in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[1] .. id, 'removed') == 1 then table.insert(removed, id) end
end
return removed
`;

/** ARGV: job id, the job that comes after it. 0 when nothing winds down under this id (any more). */
export const parkScript = `
local key = KEYS[1] .. ARGV[1]
if redis.call('HEXISTS', key, 'removed') == 0 then return 0 end
redis.call('HSETNX', key, 'again', ARGV[2])
return 1
`;

/**
 * ARGV: job id, token of the hold, now. Ends a job that was removed: it is forgotten, or becomes what came after it.
 * 'kept' when it was not removed, 'lost' when the hold is not the caller's.
 */
export const endRemovedScript = `${lines}
local id, token, now = ARGV[1], ARGV[2], tonumber(ARGV[3])
local key = base .. id
local lock = redis.call('GET', key .. ':lock')
if lock ~= token and lock ~= 'removed ' .. token then return 'lost' end
if redis.call('HEXISTS', key, 'removed') == 0 then return 'kept' end
local again = redis.call('HGET', key, 'again')
if not again then
  forget(id)
  return 'ended'
end
local job = cjson.decode(again)
redis.call('HDEL', key, 'removed', 'again', 'progress', 'stc', 'failedReason', 'stacktrace', 'processedOn')
redis.call('HSET', key, 'data', job.data, 'priority', job.priority, 'delay', job.delay, 'timestamp', now, 'ats', 0, 'atm', 0)
redis.call('LREM', base .. 'active', 1, id)
redis.call('SREM', base .. 'stalled', id)
redis.call('DEL', key .. ':lock')
if job.delay > 0 then
  redis.call('ZADD', base .. 'delayed', (now + job.delay) * 0x1000, id)
  wakeForDelayed()
elseif job.priority > 0 then
  redis.call('ZADD', base .. 'prioritized', job.priority * 0x100000000 + redis.call('INCR', base .. 'pc') % 0x100000000, id)
  wake()
else
  redis.call('LPUSH', base .. 'wait', id)
  wake()
end
return 'ended'
`;

/**
 * ARGV: job id, token, lock in ms. What became of a hold: 'held', 'removed' or 'lost'. The place of a removed job is kept
 * for as long again, so that nobody else gets its id while its worker winds down.
 */
export const holdScript = `
local lock = KEYS[1] .. ARGV[1] .. ':lock'
local owner = redis.call('GET', lock)
if owner == ARGV[2] then return 'held' end
if owner ~= 'removed ' .. ARGV[2] then return 'lost' end
redis.call('PEXPIRE', lock, ARGV[3])
redis.call('SREM', KEYS[1] .. 'stalled', ARGV[1])
return 'removed'
`;

/** ARGV: job id, deliveries lost so far. Notes with the job that the worker knows of them. */
export const noteLostScript = `
local key = KEYS[1] .. ARGV[1]
if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'progress', ARGV[2]) end
return 1
`;

/**
 * ARGV: triples of job id, token, and 0 when its handler never started. Puts jobs that a closing worker still holds back to the front of the line, and wakes
 * others: also for what waited already, since the closing worker may have taken the sign for it.
 */
export const handBackScript = `${lines}
for index = 1, #ARGV, 3 do
  local id, token, started = ARGV[index], ARGV[index + 1], ARGV[index + 2]
  local key = base .. id
  if redis.call('GET', key .. ':lock') == token and redis.call('EXISTS', key) == 1 then
    redis.call('DEL', key .. ':lock')
    redis.call('SREM', base .. 'stalled', id)
    if started == '0' then redis.call('HINCRBY', key, 'ats', -1) end
    if redis.call('LREM', base .. 'active', 1, id) > 0 then
      local priority = tonumber(redis.call('HGET', key, 'priority')) or 0
      if priority > 0 then
        redis.call('ZADD', base .. 'prioritized', priority * 0x100000000, id)
      else
        redis.call('RPUSH', base .. 'wait', id)
      end
    end
  end
end
if redis.call('LLEN', base .. 'wait') > 0 or redis.call('ZCARD', base .. 'prioritized') > 0 then wake() end
wakeForDelayed()
return 1
`;
