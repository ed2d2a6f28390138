#!/usr/bin/env bash
#
# Library: event-source-plus 0.1.15. Seen on Node.js 20.20.2.
#
# Behavior: an event has three data lines. The message that onMessage receives has the last one
# only. White space at both ends of a line is removed too.
#
# Expected instead: the three lines, joined by line feeds, without further changes. That is how a
# server sends text that contains line breaks.
#
# Consequence: JSON that a server has formatted over several lines is reduced to its last line, a
# brace. Text keeps only its last line, without indentation.
#
# Output seen on 1 December 2026:
#   sent three data lines: received "}"
#   sent "  indented": received "indented"
#
# Here: data lines are joined by LF (P12 in docs/CONFORMANCE.md). docs/INTEROP.md, Clients of other
# projects.
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
    "event-source-plus": "0.1.15"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { createServer } from 'node:http';
import { EventSourcePlus } from 'event-source-plus';

const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: {\ndata:   "a": 1\ndata: }\n\n');
  response.write('data:   indented\n\n');
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const received = await new Promise((resolve) => {
  const messages = [];
  const source = new EventSourcePlus(`http://127.0.0.1:${server.address().port}/`);
  const controller = source.listen({
    onMessage(message) {
      messages.push(JSON.stringify(message.data));
      if (messages.length === 2) {
        controller.abort();
        resolve(messages);
      }
    },
  });
});
console.log(`sent three data lines: received ${received[0]}`);
console.log(`sent "  indented": received ${received[1]}`);
process.exit(0);
EOF

expected='sent three data lines: received "}"
sent "  indented": received "indented"'

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
