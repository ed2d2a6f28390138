#!/usr/bin/env bash
#
# Library: fastify-sse-v2 4.2.2, fastify 5.12.8. Seen on Node.js 20.20.2.
#
# Behavior: a route sends three events: one with data, one whose data are the empty string, and one
# whose data contain a carriage return. The second is written without a data line, so that no client
# dispatches it. The third is written as it is: a carriage return ends a line, and the rest of the
# data is lost as a line without a known name.
#
# Expected instead: "data: " for empty data, which is an event. Data split at CR as well as at LF.
#
# Consequence: an event that only counts, such as an end or a heartbeat with a type, never arrives
# if its data are empty. Text from a terminal, where a carriage return draws a progress bar, arrives
# cut.
#
# Output seen on 1 December 2026:
#   written: "event: begin\ndata: x\n\n"
#   written: "event: end\n\n"
#   written: "event: progress\ndata: 10%\r20%\n\n"
#   received: begin "x"
#   received: progress "10%"
#
# Here: docs/guide/real-servers.md, Peculiarities of servers: Micronaut, Javalin and Jersey
# drop empty data, too. docs/INTEROP.md, Other servers.
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
    "eventsource-parser": "4.1.3",
    "fastify": "5.12.8",
    "fastify-sse-v2": "4.2.2"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { createParser } from 'eventsource-parser';
import Fastify from 'fastify';
import plugin from 'fastify-sse-v2';

const app = Fastify();
await app.register(plugin.default ?? plugin);
app.get('/', (_, reply) => {
  async function* events() {
    yield { event: 'begin', data: 'x' };
    yield { event: 'end', data: '' };
    yield { event: 'progress', data: '10%\r20%' };
  }
  reply.sse(events());
});
await app.listen({ port: 0, host: '127.0.0.1' });
const response = await fetch(`http://127.0.0.1:${app.server.address().port}/`);
const body = await response.text();
for (const block of body.match(/^event[^]*?\n\n/gm)) {
  console.log(`written: ${JSON.stringify(block)}`);
}
const parser = createParser({
  onEvent: ({ event, data }) => console.log(`received: ${event} ${JSON.stringify(data)}`),
});
parser.feed(body);
process.exit(0);
EOF

expected='written: "event: begin\ndata: x\n\n"
written: "event: end\n\n"
written: "event: progress\ndata: 10%\r20%\n\n"
received: begin "x"
received: progress "10%"'

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
