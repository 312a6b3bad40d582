-- What is done to one session, each command in one atomic step.
-- KEYS: what is known of the Redis process, the session's record, its log, its unacknowledged refusals, and the index of all that
-- are alive.
-- ARGV: the command, the session's name, the node that asks, and what the command wants.
--
-- Before this text stand RUN, the process that it was loaded into, and LOADING, which no other text has. Redis forgets its
-- scripts when it restarts, and a replica does not have those of its primary. So a node notices that another process answers.

local process, record, log, refusals, alive = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local sid, node = ARGV[2], ARGV[3]
-- The first argument of a command.
local FIRST = 4

local FEW = 4
local MAX_REFUSALS = 10000
-- So long after its end a client may still ask what became of its session.
local KEPT_MILLIS = 600000
-- A node that holds a session renews its time more often than this.
local RENEWAL_MILLIS = 2000

local function get(field) return redis.call('HGET', record, field) or '' end
local function set(...) redis.call('HSET', record, ...) end

-- Not tostring, which writes large numbers with an exponent.
local function text(number) return string.format('%.0f', number) end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function has_ended() return get('ended') ~= '' end
local function holds(fence) return get('fence') == fence end

local function live_for(millis)
  local till = now() + millis
  set('expires', text(till))
  redis.call('ZADD', alive, text(till), sid)
  for _, key in ipairs({record, log, refusals}) do redis.call('PEXPIREAT', key, text(till + KEPT_MILLIS)) end
end

-- Tells the node that holds the session, unless that is the one that asks.
local function tell_holder(word, value)
  local holder = get('node')
  if holder ~= '' and holder ~= node then
    redis.call('PUBLISH', 'holdfast:node:' .. holder, word .. ' ' .. sid .. ' ' .. (value or ''))
  end
end

-- A *generation* lasts as long as nothing can have been lost that Redis has confirmed: as long as one process runs, and through
-- restarts from a file that has every change.
local known = redis.call('HMGET', process, 'run', 'generation', 'durable')
local generation = known[2]

-- A generation begins with a number that is higher than that of every one before it, as far as the asking node and Redis know.
local function number_of(one) return tonumber(string.match(one or '', '^(%d+):')) or 0 end

-- Looks whether another process answers than the one before, which may have forgotten what that one confirmed. Returns the
-- generation; seen is the one that the asking node was told last.
local function begin(durable, seen)
  if not string.find(redis.call('INFO', 'server'), 'run_id:' .. RUN, 1, true) then
    return redis.error_reply('RUN another process answers')
  end
  local same, was_durable = known[1] == RUN, known[3] == '1'
  -- A process that does not write each change may have begun with an older file than the last one left.
  -- A replica that became the primary may have missed the last changes, whatever its primary wrote to the disk.
  local was_replica = not string.find(redis.call('INFO', 'replication'), 'second_repl_offset:-1', 1, true)
  -- A promoted replica that is killed before it has written its first file begins again with one from before. Another node
  -- that does not know the newest generation may have been the first to ask.
  local is_older = seen ~= '' and seen ~= generation and number_of(generation) <= number_of(seen)
  if not generation or is_older or not (same or was_durable and durable == '1' and not was_replica) then
    -- The time keeps apart what nodes begin that do not know of each other's generations.
    generation = text(math.max(now(), number_of(generation) + 1, number_of(seen) + 1)) .. ':' .. LOADING
  end
  -- Within a process there is no way back: what was confirmed before may not be on the disk yet.
  if same and not was_durable then durable = '0' end
  redis.call('HSET', process, 'run', RUN, 'generation', generation, 'durable', durable)
  return generation
end

local function finish(reason)
  tell_holder('ended', reason)
  set('ended', reason, 'trimmed', get('last'), 'node', '')
  redis.call('DEL', log)
  redis.call('ZREM', alive, sid)
end

local function end_if_of_another_generation()
  if not has_ended() and get('generation') ~= generation then finish('epoch') end
end

local function end_if_overdue()
  if not has_ended() and now() > tonumber(get('expires')) then finish('expired') end
end

local function is_before(left, right)
  local left_time, left_count = string.match(left, '^(%d+)-(%d+)$')
  local right_time, right_count = string.match(right, '^(%d+)-(%d+)$')
  if left_time ~= right_time then return tonumber(left_time) < tonumber(right_time) end
  return tonumber(left_count) < tonumber(right_count)
end

local function place(position)
  local trimmed = get('trimmed')
  if position == trimmed then return 'HELD' end
  if is_before(position, trimmed) then return 'TRIMMED' end
  return #redis.call('XRANGE', log, position, position) > 0 and 'HELD' or 'FOREIGN'
end

local function add(kind, value)
  local limit = tonumber(get('limit'))
  local surplus = redis.call('XLEN', log) + 1 - limit
  if surplus > 0 then
    local oldest = redis.call('XRANGE', log, '-', '+', 'COUNT', surplus)
    set('trimmed', oldest[#oldest][1])
    redis.call('XTRIM', log, 'MAXLEN', '=', limit - 1)
  end
  local is_new = redis.call('EXISTS', log) == 0
  local id = redis.call('XADD', log, '*', kind, value)
  if is_new then redis.call('PEXPIREAT', log, redis.call('PEXPIRETIME', record)) end
  set('last', id)
  return id
end

local function trim(position)
  if position == get('trimmed') or place(position) ~= 'HELD' then return 0 end
  local time, count = string.match(position, '^(%d+)-(%d+)$')
  set('trimmed', position)
  return redis.call('XTRIM', log, 'MINID', '=', time .. '-' .. text(count + 1))
end

local function refuse(id, seq)
  if redis.call('LLEN', refusals) < MAX_REFUSALS then
    redis.call('RPUSH', refusals, id .. ' ' .. seq)
    redis.call('PEXPIREAT', refusals, redis.call('PEXPIRETIME', record))
  elseif get('firstUnrecorded') == '' then
    set('firstUnrecorded', seq)
  end
  set('lastRejection', id)
end

local function oldest_refusal()
  local oldest = redis.call('LINDEX', refusals, 0)
  if not oldest then return nil end
  return string.match(oldest, '^(%S+) (%S+)$')
end

local function acknowledgeable()
  local seq = tonumber(get('handled'))
  local _, refused = oldest_refusal()
  for _, limit in ipairs({refused or '', get('firstUnrecorded')}) do
    if limit ~= '' then seq = math.min(seq, tonumber(limit) - 1) end
  end
  return text(seq)
end

local commands = {}

function commands.create(user, key, ttl, limit)
  set('user', user, 'key', key, 'ttl', ttl, 'limit', limit, 'fence', '0', 'handled', '0', 'last', '0-0', 'trimmed', '0-0')
  set('generation', generation)
  live_for(tonumber(ttl))
  return 'OK'
end

-- Ends nothing: who loads a session may be about to claim it, which tells its holder before the end.
function commands.load()
  local ended = get('ended')
  if ended == '' and get('generation') ~= generation then ended = 'epoch' end
  return {get('user'), get('ttl'), ended, get('key'), get('oldKey')}
end

-- The caller has compared the keys in constant time; this only makes sure that they are still the same.
function commands.claim(key, next_key, position)
  if key ~= get('key') and key ~= get('oldKey') then return {'unknown'} end
  local fence = text(redis.call('HINCRBY', record, 'fence', 1))
  -- Before an end is told: the older connection has lost the session to this one, even if the session ends now.
  tell_holder('taken', fence)
  end_if_of_another_generation()
  end_if_overdue()
  if not has_ended() then
    local found = place(position)
    if found ~= 'HELD' then finish(found == 'TRIMMED' and 'trimmed' or 'epoch') end
  end
  if has_ended() then return {'refused', get('ended'), acknowledgeable()} end
  set('key', next_key, 'oldKey', key, 'node', node)
  live_for(tonumber(get('ttl')) + RENEWAL_MILLIS)
  return {'granted', fence, get('last'), get('handled'), get('lastRejection')}
end

function commands.fence() return get('fence') end

function commands.confirm(fence)
  if holds(fence) then redis.call('HDEL', record, 'oldKey') end
  return 'OK'
end

-- A message, and after its seq what it put into the log: kinds and values in turn, which are read from ARGV, because Lua
-- takes no more than 8,000 arguments.
function commands.handled(fence, seq)
  if not holds(fence) or tonumber(get('handled')) + 1 ~= tonumber(seq) then return false end
  local ids = {}
  for i = FIRST + 2, #ARGV, 2 do
    local id = has_ended() and get('last') or add(ARGV[i], ARGV[i + 1])
    if ARGV[i] == 'reject' then refuse(id, seq) end
    ids[#ids + 1] = id
  end
  set('handled', seq)
  return ids
end

function commands.acknowledged(fence, position)
  if not holds(fence) then return 'FENCED' end
  if place(position) == 'FOREIGN' then return 'FOREIGN' end
  local refused = oldest_refusal()
  while refused and not is_before(position, refused) do
    redis.call('LPOP', refusals)
    refused = oldest_refusal()
  end
  return trim(position) > 0 and 'ADVANCED' or 'NOTHING_NEW'
end

function commands.append(kind, value)
  if has_ended() then return {get('last'), get('ended')} end
  local id = add(kind, value)
  tell_holder('appended')
  return {id, ''}
end

-- Reads up to a number of messages, but none after those that have so many bytes. A few at a time, because any may be large.
function commands.read(position, count, max_bytes)
  local found = place(position)
  if found ~= 'HELD' then return {found, {}} end
  local entries, bytes = {}, 0
  count, max_bytes = tonumber(count), tonumber(max_bytes)
  while true do
    local few = redis.call('XRANGE', log, '(' .. position, '+', 'COUNT', math.min(FEW, count - #entries))
    for _, entry in ipairs(few) do
      entries[#entries + 1] = entry
      bytes = bytes + #entry[2][2]
      if #entries == count or bytes >= max_bytes then return {found, entries} end
    end
    if #few < FEW then return {found, entries} end
    position = few[#few][1]
  end
end

function commands.locate(position) return place(position) end
function commands.trim(position) return trim(position) end
function commands.size() return redis.call('XLEN', log) end
function commands.last() return get('last') end

function commands.release(fence)
  if holds(fence) and not has_ended() then
    set('node', '')
    live_for(tonumber(get('ttl')))
  end
  return 'OK'
end

-- What a node that holds the session must hear now and then: whether another connection has taken it, and why it has ended.
function commands.renew(fence)
  local taken = holds(fence) and '' or 'taken'
  if taken == '' and not has_ended() then live_for(tonumber(get('ttl')) + RENEWAL_MILLIS) end
  return {taken, get('ended')}
end

function commands.overdue()
  end_if_overdue()
  return get('ended')
end

-- With a fence, only for the connection that has it. The holder may then delete the session: nobody resumes it any more.
function commands.finish(reason, fence)
  if fence and not holds(fence) then return 'FENCED' end
  if not has_ended() then finish(reason) end
  return 'OK'
end

function commands.delete()
  redis.call('DEL', record, log, refusals)
  redis.call('ZREM', alive, sid)
  return 'OK'
end

if ARGV[1] == 'begin' then return begin(ARGV[2], ARGV[3]) end
if known[1] ~= RUN then return redis.error_reply('RUN another process has answered since') end
if ARGV[1] ~= 'create' then
  if redis.call('EXISTS', record) == 0 then return redis.error_reply('GONE no such session') end
  if ARGV[1] ~= 'load' and ARGV[1] ~= 'claim' then end_if_of_another_generation() end
end
return commands[ARGV[1]](unpack(ARGV, FIRST, math.min(#ARGV, FIRST + 7)))
