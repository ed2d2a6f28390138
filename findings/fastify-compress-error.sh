#!/usr/bin/env bash
#
# Libraries: @fastify/compress 9.2.0, fastify 5.12.8. Seen on Node.js 20.20.2.
#
# Behavior: a route returns a stream of two events, which then fails. @fastify/compress compresses
# it. For a client that accepts gzip, the response has status 200, no event and no end. For a
# client that accepts br, the compressor has produced nothing when the stream fails, so the head is
# not sent yet. Fastify replaces the response by status 500 with an error in JSON, but keeps the
# header "content-encoding: br". The JSON is not compressed.
#
# Expected instead: the error without Content-Encoding, or an error that is compressed.
#
# Consequence: a client that decodes the body, as browsers, fetch and curl --compressed do, reports
# a decoding error. The message of the server, which says why the stream failed, is lost.
#
# Output seen on 1 December 2026:
#   gzip: status 200, content-encoding gzip, 10 bytes of body, truncated
#   br: status 500, content-encoding br, JSON that says "the source failed"
#   br, read by fetch: status 500, the body cannot be decoded
#
# Here: an error of decoding, not a lost connection. docs/INTEROP.md, Compression middleware;
# docs/RELIABILITY.md.
#
# Needs: bash, Node.js 20 or later, npm, access to the npm registry. Exit status: 0 if the output
# is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/package.json" <<'EOF'
{
  "private": true,
  "dependencies": {
    "@fastify/compress": "9.2.0",
    "fastify": "5.12.8"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { get } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import compress from '@fastify/compress';
import fastify from 'fastify';

async function* events() {
  for (const number of [1, 2]) {
    yield Buffer.from(`id: ${number}\ndata: event ${number}\n\n`);
    await sleep(100);
  }
  throw new Error('the source failed');
}

const app = fastify();
await app.register(compress, { customTypes: /^text\/event-stream$/ });
app.get('/', (_, reply) => reply.type('text/event-stream').send(Readable.from(events())));
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address();

// Receives a body without decoding it.
async function receive(coding) {
  const response = await new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, headers: { 'accept-encoding': coding } };
    get(options, resolve).on('error', reject);
  });
  const chunks = [];
  let truncated = false;
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch {
    truncated = true;
  }
  const body = Buffer.concat(chunks);
  const encoding = response.headers['content-encoding'];
  const end = truncated
    ? `${body.length} bytes of body, truncated`
    : `JSON that says ${JSON.stringify(JSON.parse(body).message)}`;
  console.log(`${coding}: status ${response.statusCode}, content-encoding ${encoding}, ${end}`);
}

await receive('gzip');
await receive('br');
const headers = { 'accept-encoding': 'br' };
const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
const body = await response.text().catch(() => undefined);
const end = body === undefined ? 'the body cannot be decoded' : 'the body can be decoded';
console.log(`br, read by fetch: status ${response.status}, ${end}`);
await app.close();
EOF

expected='gzip: status 200, content-encoding gzip, 10 bytes of body, truncated
br: status 500, content-encoding br, JSON that says "the source failed"
br, read by fetch: status 500, the body cannot be decoded'

actual=$(
    cd "$tmp"
    npm install --ignore-scripts --no-audit --no-fund --silent >&2
    node main.mjs
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
