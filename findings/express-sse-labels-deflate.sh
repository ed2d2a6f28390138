#!/usr/bin/env bash
#
# Library: express-sse 1.0.0, express 5.1.0, compression 1.8.1. Seen on Node.js 20.20.2.
#
# Behavior: express-sse has an option isCompressed for applications that use the middleware
# compression. It sets "content-encoding: deflate" on the response. The middleware leaves a response
# alone that has a content coding already, so nobody compresses the events: plain text is labeled as
# deflate. With and without the middleware the bytes are the same. Each connection also numbers its
# events from 0.
#
# Expected instead: a compressed body, or no label.
#
# Consequence: a client that decodes what the header names, as browsers and fetch do, receives no
# event and reports an error. One that reads the raw bytes works, so that a test with curl passes. A
# client that resumes after an ID gets the numbers of another connection.
#
# Output seen on 1 December 2026:
#   without compression: deflate, raw "id: 0\ndata: \"a\"\n\n", read by fetch: TypeError
#   with compression: deflate, raw "id: 0\ndata: \"a\"\n\n", read by fetch: TypeError
#
# Here: a body in another coding than its label is an error of its own kind, not a lost connection
# (docs/RELIABILITY.md). docs/INTEROP.md, Other servers.
#
# Needs: bash, timeout, Node.js 20 or later, npm, access to the npm registry. Exit status: 0 if the
# output is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/package.json" <<'EOF'
{
  "private": true,
  "dependencies": {
    "express-sse": "1.0.0",
    "express": "5.1.0",
    "compression": "1.8.1"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { once } from 'node:events';
import http from 'node:http';
import compression from 'compression';
import express from 'express';
import SSE from 'express-sse';

// Returns the first bytes of the body, as they are.
async function raw(url) {
  const headers = { 'accept-encoding': 'gzip, deflate' };
  const [response] = await once(http.get(url, { headers }), 'response');
  const [chunk] = await once(response, 'data');
  response.destroy();
  return [response.headers['content-encoding'], chunk.toString('latin1')];
}

async function read(url) {
  try {
    const response = await fetch(url);
    const { value } = await response.body.getReader().read();
    return JSON.stringify(Buffer.from(value).toString());
  } catch (error) {
    return error.name;
  }
}

for (const middleware of [[], [compression()]]) {
  const app = express();
  middleware.forEach((each) => app.use(each));
  app.get('/', new SSE(['a'], { isCompressed: true, isSerialized: true }).init);
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;
  const [coding, bytes] = await raw(url);
  const how = middleware.length ? 'with' : 'without';
  const body = JSON.stringify(bytes);
  const end = `read by fetch: ${await read(url)}`;
  console.log(`${how} compression: ${coding}, raw ${body}, ${end}`);
  server.closeAllConnections();
  server.close();
}
process.exit(0);
EOF

expected='without compression: deflate, raw "id: 0\ndata: \"a\"\n\n", read by fetch: TypeError
with compression: deflate, raw "id: 0\ndata: \"a\"\n\n", read by fetch: TypeError'

actual=$(
    cd "$tmp"
    timeout 300 npm install --ignore-scripts --no-audit --no-fund --silent >&2
    timeout 120 node --no-warnings main.mjs
) || {
    echo "could not install or run the packages" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
