/**
 * The scripts that run inside Redis, one key each. `CHANGE` says in Lua what `applyChange` says in TypeScript; the contract
 * suite holds them together.
 */

/**
 * KEYS[1]: the record. ARGV: the change, the spare time of a TTL in milliseconds, a channel or '', the id.
 *
 * A TTL is how long the record still has from the caller's instant, so that it does not depend on the server's clock.
 *
 * GETEX without a TTL changes nothing and counts as a write. So it is refused by a replica, whose record may be an old one:
 * no answer is given that only looked there. And where memory has run out, Redis lets a script go on that has begun to
 * write: an end holds then, too. Its tombstone is smaller than the record was.
 */
export const CHANGE = `
local function unchanged(answer)
  redis.call('GETEX', KEYS[1])
  return answer
end

local value = redis.call('GET', KEYS[1])
if not value then return unchanged({2}) end
local null = cjson.null
local change = cjson.decode(ARGV[1])
local state, seenAt, deadline, epoch, version, secret, salt, rest, text =
  string.match(value, '^(%d) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)\\n([^\\n]*)\\n(.*)$')
if state == '0' then
  -- An end may be asked for again because nobody knows whether it has reached a replica: WAIT waits for what was written.
  local left = change.e and redis.call('PTTL', KEYS[1]) or 0
  if left > 0 then redis.call('PEXPIRE', KEYS[1], left) end
  return unchanged({2})
end
if state ~= '1' then return redis.error_reply('ERR not a session record of a layout that this release knows') end
seenAt, deadline, epoch, version = tonumber(seenAt), tonumber(deadline), tonumber(epoch), tonumber(version)
local h = cjson.decode(rest)
local data

local function entries()
  if not data then data = cjson.decode(text) end
  return data
end

local function digits(number)
  return string.format('%.0f', number)
end

-- Its indexes: 0 is what an empty list is written as.
local function names()
  return h[15] == 0 and {} or h[15]
end

local function carries(index)
  for _, name in ipairs(names()) do
    if name == index then return true end
  end
  return false
end

local function ttl(forgetAt, at)
  return digits(math.max(forgetAt - at, 0) + tonumber(ARGV[2]))
end

local function packed()
  if data then text = cjson.encode(data) end
  local head = {state, digits(seenAt), digits(deadline), digits(epoch), digits(version), secret, salt}
  return table.concat(head, ' ') .. '\\n' .. cjson.encode(h) .. '\\n' .. text
end

-- The change stands, whether this user may publish or not.
local function tell(what)
  if ARGV[3] ~= '' then redis.pcall('PUBLISH', ARGV[3], what .. ARGV[4]) end
end

local function answer(status, renewed, ended)
  return {status, renewed, ended, secret, salt, version}
end

local function finish(reason, at, tombstoneFor, renewed)
  local forgetAt = math.max(at, math.min(deadline, at + tombstoneFor))
  local indexes = names()
  state, salt = '0', '-'
  h[12] = {null, null, null}
  h[14] = ''
  h[15] = 0
  h[16] = {}
  h[17] = {at, reason, forgetAt}
  data, text = nil, '{}'
  redis.call('GETEX', KEYS[1])
  redis.call('SET', KEYS[1], packed(), 'PX', ttl(forgetAt, at))
  tell('-')
  local reply = answer(1, renewed, reason)
  for _, name in ipairs(indexes) do reply[#reply + 1] = name end
  return reply
end

if change.e then
  local w = change.w
  if w and ((w.i and not carries(w.i)) or (w.l and w.l ~= seenAt) or (w.p and w.p ~= epoch)) then
    return unchanged(answer(4, 0, ''))
  end
  return finish(change.e[1], change.e[2], change.e[3], 0)
end

local at = change.a
if at >= deadline then return unchanged({2}) end
if change.p ~= epoch then return unchanged(answer(3, 0, '')) end
for key, expected in pairs(change.x or {}) do
  local entry = entries()[key]
  if (entry and entry[2] or 0) ~= expected then return unchanged(answer(4, 0, '')) end
end
for key, swap in pairs(change.y or {}) do
  local now = h[16][key]
  if now == nil then now = null end
  if now ~= swap[1] then return unchanged(answer(4, 0, '')) end
end

local isChanged, isNews, isMoved, renewed = false, false, false, 0

local v = change.v
if v then
  epoch = epoch + 1
  secret, salt = v.s, '-'
  seenAt = math.max(seenAt, v.a)
  h[1], h[2], h[14] = v.l, null, v.c
  h[3] = math.max(h[3], v.a)
  h[4] = null
  h[5] = h[5] + 1
  h[6], h[7] = 0, null
  if v.k[3] == null then v.k[3] = h[12][3] end
  h[12] = v.k
  if v.d then h[8] = v.d end
  if v.u then h[9] = v.u end
  if v.i then h[11] = v.i end
  if v.p then h[13] = v.p end
  if v.x then h[15] = v.x end
  if v.z then
    isMoved = v.z ~= deadline
    deadline = v.z
  end
  isChanged, isNews = true, true
end

local keep = v and v.e
local removed = {}
if change.r or keep then
  for key in pairs(entries()) do
    if (change.r and change.r[key]) or (keep and not keep[key]) then removed[#removed + 1] = key end
  end
end
if #removed > 0 or change.s then
  version = version + 1
  for _, key in ipairs(removed) do entries()[key] = nil end
  for key, entry in pairs(change.s or {}) do entries()[key] = {entry[1], version, entry[2]} end
  isChanged, isNews = true, true
end
for key, swap in pairs(change.y or {}) do
  if swap[2] == null then h[16][key] = nil else h[16][key] = swap[2] end
  isChanged, isNews = true, true
end
if change.t and change.t > seenAt then
  seenAt = change.t
  isChanged = true
end
if change.c and salt ~= '-' and secret == change.c then
  salt = '-'
  h[4] = math.max(h[3], at)
  h[6], h[7] = 0, null
  isChanged, isNews = true, true
end
if change.q and salt ~= '-' and h[2] == change.q and at > h[3] then
  h[3] = at
  isChanged = true
end
local n = change.n
if n and n[1] == secret then
  h[2], secret, salt = secret, n[2], n[3]
  h[3] = math.max(h[3], n[4])
  h[4] = null
  h[5] = h[5] + 1
  if h[12][3] ~= null then n[5][3] = h[12][3] end
  h[12] = n[5]
  renewed = 1
  isChanged, isNews = true, true
end
local i = change.i
if i then
  if h[7] == null or at - h[7] >= i[1] then
    h[6] = h[6] + 1
    h[7] = at
    isChanged = true
  end
  if h[6] >= i[2] then return finish('reused', at, i[3], renewed) end
end

if not isChanged then return unchanged(answer(1, renewed, '')) end
if isMoved then
  redis.call('SET', KEYS[1], packed(), 'PX', ttl(deadline, at))
else
  redis.call('SET', KEYS[1], packed(), 'KEEPTTL')
end
if isNews then tell('+') end
return answer(1, renewed, '')
`;

/**
 * The change that most sessions see most: a touch and nothing else. It reads the first line and writes thirteen digits,
 * however much data there is. Nothing grows, so that it is done even where memory has run out; GETEX as in `CHANGE`.
 *
 * KEYS[1]: the record. ARGV: now, the epoch, when the user was seen.
 */
export const TOUCH = `
local function unchanged(answer)
  redis.call('GETEX', KEYS[1])
  return answer
end

local head = redis.call('GETRANGE', KEYS[1], 0, 255)
if head == '' then return unchanged({2}) end
local state, seenAt, deadline, epoch, version, secret, salt =
  string.match(head, '^(%d) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)\\n')
if state == '0' then return unchanged({2}) end
if state ~= '1' then return redis.error_reply('ERR not a session record of a layout that this release knows') end
if tonumber(ARGV[1]) >= tonumber(deadline) then return unchanged({2}) end
if ARGV[2] ~= epoch then return unchanged({3, 0, '', secret, salt, tonumber(version)}) end
if tonumber(ARGV[3]) > tonumber(seenAt) then
  if #ARGV[3] ~= #seenAt then return {0} end
  local done = redis.pcall('SETRANGE', KEYS[1], 2, ARGV[3])
  if type(done) == 'table' then
    if not string.find(done.err, 'OOM', 1, true) then return done end
    redis.call('GETEX', KEYS[1])
    redis.call('SETRANGE', KEYS[1], 2, ARGV[3])
  end
  return {1, 0, '', secret, salt, tonumber(version)}
end
return unchanged({1, 0, '', secret, salt, tonumber(version)})
`;

/**
 * An index is a hash: the empty field holds its epoch, each other one is a session's id with the instant of its admission
 * and, once its record is to carry the index, the deadline that the record may live to.
 */
const INDEX = `
local key = KEYS[1]

local function read(entry)
  local colon = string.find(entry, ':', 1, true)
  if not colon then return tonumber(entry), nil end
  return tonumber(string.sub(entry, 1, colon - 1)), tonumber(string.sub(entry, colon + 1))
end

local function live(milliseconds)
  if redis.call('PTTL', key) < milliseconds then redis.call('PEXPIRE', key, string.format('%.0f', milliseconds)) end
end

local function epoch()
  return tonumber(redis.call('HGET', key, '') or '0')
end
`;

/** KEYS[1]: the index. ARGV: the id, now, how long an admission without a record is kept, the spare time. */
export const ADMIT: string = `${INDEX}
local id, at, unfinishedFor, spare = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('HSETNX', key, id, ARGV[2])
live(unfinishedFor)
local reply = {epoch()}
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  if all[i] ~= '' then
    local admittedAt, deadline = read(all[i + 1])
    local isOver = deadline and deadline + spare <= at or (not deadline and admittedAt + unfinishedFor <= at)
    if isOver and all[i] ~= id then
      redis.call('HDEL', key, all[i])
    else
      reply[#reply + 1] = all[i]
      reply[#reply + 1] = string.format('%.0f', admittedAt)
    end
  end
end
return reply
`;

/**
 * Before a record carries an index until a deadline, the index must name it until then.
 *
 * KEYS[1]: the index. ARGV: the id, now, the deadline, the spare time, whether to name it anew. Returns whether it is named.
 */
export const ENTER: string = `${INDEX}
local id, at, deadline = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local entry = redis.call('HGET', key, id)
if not entry and ARGV[5] == '' then return 0 end
local admittedAt, known = at, nil
if entry then admittedAt, known = read(entry) end
redis.call('HSET', key, id, string.format('%.0f:%.0f', admittedAt, math.max(known or 0, deadline)))
live(math.max(deadline - at, 0) + tonumber(ARGV[4]))
return 1
`;

/**
 * KEYS[1]: the index. ARGV: how long its epoch is kept at least. Returns the ids that it names.
 *
 * HDEL of what is not there begins to write, so that the epoch rises even where memory has run out: see `CHANGE`.
 */
export const RAISE: string = `${INDEX}
redis.call('HDEL', key, '-')
redis.call('HINCRBY', key, '', 1)
live(tonumber(ARGV[1]))
local reply = {}
for _, id in ipairs(redis.call('HKEYS', key)) do
  if id ~= '' then reply[#reply + 1] = id end
end
return reply
`;

/**
 * KEYS[1]: a channel of one shard, and in its slot the count of what was said there: whoever listens sees what they have
 * missed while the slot was moved. ARGV: what to say. GETEX also as in `CHANGE`.
 */
export const ANNOUNCE = `
redis.call('GETEX', KEYS[1], 'EX', 86400)
local count = redis.call('INCR', KEYS[1])
return redis.call('SPUBLISH', KEYS[1], string.format('%.0f ', count) .. ARGV[1])
`;
