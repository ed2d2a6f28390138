#!/usr/bin/env bash
#
# Library: @azure/core-sse 2.4.0. Seen on Node.js 20.20.2.
#
# Behavior: a server sends keep-alives as events of type ping without data, and events with data and
# no type. The keep-alive yields no event, but its type stays in the decoder and becomes that of the
# next event. An event after another event has no type, as it should.
#
# Expected instead: events without a type. The HTML standard resets the type at the blank line that
# ends a block, whether or not the block is dispatched.
#
# Consequence: a program that skips pings by their type discards the first event after each ping.
#
# Output seen on 1 December 2026:
#   event "" with data "1"
#   event "ping" with data "2"
#   event "" with data "3"
#
# Here: nothing of a block reaches the next one (P17, P20 in docs/CONFORMANCE.md). docs/INTEROP.md,
# Clients of other projects.
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
    "@azure/core-sse": "2.4.0"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { createSseStream } from '@azure/core-sse';

const text = 'data: 1\n\nevent: ping\n\ndata: 2\n\ndata: 3\n\n';
for await (const { event, data } of createSseStream(new Response(text).body)) {
  console.log(`event ${JSON.stringify(event)} with data ${JSON.stringify(data)}`);
}
EOF

expected='event "" with data "1"
event "ping" with data "2"
event "" with data "3"'

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
