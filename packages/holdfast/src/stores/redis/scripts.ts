/**
 * The scripts that run inside Redis, one key each. `CHANGE` says in Lua what `applyChange` says in TypeScript; the contract
 * suite holds them together.
 */

/**
 * KEYS[1]: the record. ARGV: the change, the spare time of a TTL in milliseconds, a channel or '', the id.
 *
 * A TTL is how long the record still has from the caller's instant, so that it does not depend on the server's clock.
 * Where memory has run out, an end still holds: the record goes altogether, since its tombstone can not be written.
 */
export const CHANGE = `
local value = redis.call('GET', KEYS[1])
if not value then return {2} end
local null = cjson.null
local cut = string.find(value, '\\n', 1, true)
local h = cjson.decode(string.sub(value, 1, cut - 1))
if h[1] ~= 1 then return redis.error_reply('ERR a session record of another layout') end
if h[24] ~= null then return {2} end
local change = cjson.decode(ARGV[1])
local text = string.sub(value, cut + 1)
local data

local function entries()
  if not data then data = cjson.decode(text) end
  return data
end

local function ttl(forgetAt, at)
  return string.format('%.0f', math.max(forgetAt - at, 0) + tonumber(ARGV[2]))
end

local function packed()
  if data then text = cjson.encode(data) end
  return cjson.encode(h) .. '\\n' .. text
end

local function tell(what)
  if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[3], what .. ARGV[4]) end
end

local function answer(status, renewed, ended)
  return {status, renewed, ended, h[4], h[6] ~= null and h[6] or '', h[19]}
end

local function finish(reason, at, tombstoneFor, renewed)
  local forgetAt = math.max(at, math.min(h[17], at + tombstoneFor))
  local indexes = h[22]
  h[6] = null
  h[18] = {null, null, null}
  h[21] = ''
  h[22] = {}
  h[23] = {}
  h[24] = {at, reason, forgetAt}
  data, text = nil, '{}'
  local done = redis.pcall('SET', KEYS[1], packed(), 'PX', ttl(forgetAt, at))
  if type(done) == 'table' and done.err then
    if not string.find(done.err, 'OOM', 1, true) then return done end
    redis.call('DEL', KEYS[1])
  end
  tell('-')
  local reply = answer(1, renewed, reason)
  for name in pairs(indexes) do reply[#reply + 1] = name end
  return reply
end

if change.e then
  local w = change.w
  if w and ((w.i and not h[22][w.i]) or (w.l and w.l ~= h[15]) or (w.p and w.p ~= h[2])) then
    return answer(4, 0, '')
  end
  return finish(change.e[1], change.e[2], change.e[3], 0)
end

local at = change.a
if at >= h[17] then return {2} end
if change.p ~= h[2] then return answer(3, 0, '') end
for key, version in pairs(change.x or {}) do
  local entry = entries()[key]
  if (entry and entry[2] or 0) ~= version then return answer(4, 0, '') end
end
for key, swap in pairs(change.y or {}) do
  local now = h[23][key]
  if now == nil then now = null end
  if now ~= swap[1] then return answer(4, 0, '') end
end

local isChanged, isNews, isMoved, renewed = false, false, false, 0

local v = change.v
if v then
  h[2] = h[2] + 1
  h[3], h[4], h[21] = v.l, v.s, v.c
  h[5], h[6], h[8] = null, null, null
  h[7] = math.max(h[7], v.a)
  h[9] = h[9] + 1
  h[10], h[11] = 0, null
  h[15] = math.max(h[15], v.a)
  if v.k[3] == null then v.k[3] = h[18][3] end
  h[18] = v.k
  if v.d then h[12] = v.d end
  if v.u then h[13] = v.u end
  if v.i then h[16] = v.i end
  if v.z then
    isMoved = v.z ~= h[17]
    h[17] = v.z
  end
  if v.p then h[20] = v.p end
  if v.x then h[22] = v.x end
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
  h[19] = h[19] + 1
  for _, key in ipairs(removed) do entries()[key] = nil end
  for key, entry in pairs(change.s or {}) do entries()[key] = {entry[1], h[19], entry[2]} end
  isChanged, isNews = true, true
end
if change.y then
  for key, swap in pairs(change.y) do
    if swap[2] == null then h[23][key] = nil else h[23][key] = swap[2] end
    isChanged, isNews = true, true
  end
end
if change.t and change.t > h[15] then
  h[15] = change.t
  isChanged = true
end
if change.c and h[6] ~= null and h[4] == change.c then
  h[6] = null
  h[8] = math.max(h[7], at)
  h[10], h[11] = 0, null
  isChanged, isNews = true, true
end
if change.q and h[6] ~= null and h[5] == change.q and at > h[7] then
  h[7] = at
  isChanged = true
end
local n = change.n
if n and n[1] == h[4] then
  h[5], h[4], h[6] = h[4], n[2], n[3]
  h[7] = math.max(h[7], n[4])
  h[8] = null
  h[9] = h[9] + 1
  if h[18][3] ~= null then n[5][3] = h[18][3] end
  h[18] = n[5]
  renewed = 1
  isChanged, isNews = true, true
end
local i = change.i
if i then
  if h[11] == null or at - h[11] >= i[1] then
    h[10] = h[10] + 1
    h[11] = at
    isChanged = true
  end
  if h[10] >= i[2] then return finish('reused', at, i[3], renewed) end
end

if isChanged then
  if isMoved then
    redis.call('SET', KEYS[1], packed(), 'PX', ttl(h[17], at))
  else
    redis.call('SET', KEYS[1], packed(), 'KEEPTTL')
  end
  if isNews then tell('+') end
end
return answer(1, renewed, '')
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
export const ADMIT = `${INDEX}
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
 * KEYS[1]: the index. ARGV: the id, now, the deadline, the spare time.
 */
export const ENTER = `${INDEX}
local id, at, deadline = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local entry = redis.call('HGET', key, id)
local admittedAt, known = at, nil
if entry then admittedAt, known = read(entry) end
redis.call('HSET', key, id, string.format('%.0f:%.0f', admittedAt, math.max(known or 0, deadline)))
live(math.max(deadline - at, 0) + tonumber(ARGV[4]))
return 1
`;

/** KEYS[1]: the index. ARGV: how long its epoch is kept at least. Returns the ids that it names. */
export const RAISE = `${INDEX}
redis.call('HINCRBY', key, '', 1)
live(tonumber(ARGV[1]))
local reply = {}
for _, id in ipairs(redis.call('HKEYS', key)) do
  if id ~= '' then reply[#reply + 1] = id end
end
return reply
`;
