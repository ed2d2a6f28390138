#!/usr/bin/env bash
#
# Library: @fastify/sse 0.6.0, fastify 5.12.8. Seen on Node.js 20.20.2.
#
# Behavior: a route with { sse: true } sends events. A client that accepts text/event-stream by name
# gets them. One that accepts */*, the default of curl and of many HTTP clients, or text/*, or sends
# no Accept at all, gets status 500. The plugin also drops an ID or a retry of 0, since 0 is falsy.
#
# Expected instead: events: RFC 9110, section 12.5.1, says that a request without Accept accepts any
# type, and */* names all. Otherwise 406. An ID of 0 as any other, because the offsets of a log
# begin there.
#
# Consequence: a route that works in a browser fails for curl, for health checks, and for clients
# that read the response as a plain body. 500 is retryable, so that they repeat the request.
#
# Output seen on 1 December 2026:
#   Accept: text/event-stream: 200
#   Accept: */*: 500
#   Accept: text/*: 500
#   no Accept: 500
#   events: "data: \"a\"\n\nid: 1\ndata: \"b\"\n\n"
#
# Here: a session sends Accept: text/event-stream unless the caller names another value.
# docs/INTEROP.md, Other servers.
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
    "@fastify/sse": "0.6.0",
    "fastify": "5.12.8"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import http from 'node:http';
import sse from '@fastify/sse';
import Fastify from 'fastify';

const app = Fastify();
await app.register(sse);
app.get('/', { sse: true }, async (_, reply) => {
  await reply.sse.send({ id: 0, retry: 0, data: 'a' });
  await reply.sse.send({ id: 1, data: 'b' });
});
await app.listen({ port: 0, host: '127.0.0.1' });
const { port } = app.server.address();

const get = (headers) =>
  new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('close', () => resolve([response.statusCode, body]));
      setTimeout(() => response.destroy(), 1000).unref();
    });
    request.on('error', reject);
  });
let events;
for (const accept of ['text/event-stream', '*/*', 'text/*', undefined]) {
  const [status, body] = await get(accept ? { accept } : {});
  events ??= body;
  console.log(`${accept ? `Accept: ${accept}` : 'no Accept'}: ${status}`);
}
console.log(`events: ${JSON.stringify(events)}`);
process.exit(0);
EOF

expected='Accept: text/event-stream: 200
Accept: */*: 500
Accept: text/*: 500
no Accept: 500
events: "data: \"a\"\n\nid: 1\ndata: \"b\"\n\n"'

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
