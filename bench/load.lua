-- Asks what many people ask of a released week, in the shares that the first lines of the file LYCEUM_MIX give.
--
-- The file: lines "share<TAB>kind<TAB>number", then lines "kind<TAB>method<TAB>path<TAB>token<TAB>etag<TAB>body".
-- %N% in a path or body becomes a number that no other request of this run has.
-- LYCEUM_PAUSE_MS: how long each client waits on average before it asks again; without it, it asks at once.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init()
  math.randomseed(tonumber(os.getenv("LYCEUM_SEED") or "1") * 1000 + number)
  run, sent, statuses = os.getenv("LYCEUM_RUN") or "run", 0, {}
  pause = tonumber(os.getenv("LYCEUM_PAUSE_MS") or "0")
  kinds, total, asked = {}, 0, {}
  for line in io.lines(os.getenv("LYCEUM_MIX")) do
    local kind, share = line:match("^share\t([^\t]*)\t(.*)$")
    if kind then
      total = total + tonumber(share)
      table.insert(kinds, { name = kind, up_to = total })
      asked[kind] = {}
    else
      table.insert(asked[line:match("^[^\t]*")], ready(line))
    end
  end
end

function ready(line)
  local _, method, path, token, etag, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
  local headers = {}
  if token ~= "" then headers["Authorization"] = "Bearer " .. token end
  if etag ~= "" then headers["If-None-Match"] = etag end
  if method == "GET" then return { text = wrk.format(method, path, headers) } end
  headers["Content-Type"] = "application/json"
  return { method = method, path = path, headers = headers, body = body }
end

function request()
  local wanted = math.random() * total
  for _, kind in ipairs(kinds) do
    if wanted <= kind.up_to then
      local of_kind = asked[kind.name]
      return told(of_kind[math.random(#of_kind)])
    end
  end
end

function told(one)
  if one.text then return one.text end
  sent = sent + 1
  local unique = run .. "-" .. number .. "-" .. sent
  one.headers["Idempotency-Key"] = unique
  return wrk.format(one.method, (one.path:gsub("%%N%%", unique)), one.headers, (one.body:gsub("%%N%%", unique)))
end

if os.getenv("LYCEUM_PAUSE_MS") then
  function delay() return math.random(0, 2 * pause) end
end

function response(status)
  statuses[status] = (statuses[status] or 0) + 1
end

function done(summary, latency, requests)
  local counted, parts = {}, {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do counted[status] = (counted[status] or 0) + count end
  end
  for status, count in pairs(counted) do table.insert(parts, string.format('"%d": %d', status, count)) end
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    'RESULT {"requests": %d, "seconds": %.3f, "p50_ms": %.2f, "p90_ms": %.2f, "p99_ms": %.2f, "max_ms": %.2f, '
      .. '"lost": %d, "statuses": {%s}}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(90) / 1e3,
    latency:percentile(99) / 1e3, latency.max / 1e3, lost, table.concat(parts, ", ")))
end
