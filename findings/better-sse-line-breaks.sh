#!/usr/bin/env bash
#
# Library: better-sse 0.16.1. Seen on Node.js 20.20.2.
#
# Behavior: a session with a serializer that returns text as it is pushes two strings. The data are
# written after "data:", without a space and without being split into lines. Every client then loses
# all lines after the first, because they are no fields, and the space at the start of the data,
# because a client drops one space after the colon.
#
# Expected instead: a data line for each line of the text, and a space after the colon. Without
# either the text is not what the application pushed.
#
# Consequence: multi-line text, such as Markdown or source code that a language model writes, loses
# all lines but one, and words that begin with a space run together. The default serializer, JSON,
# is not affected. Its serializer can write text safely only if it encodes line breaks.
#
# Output seen on 1 December 2026:
#   written: "data:first\nsecond\n\n"
#   written: "data: indented\n\n"
#   received: "first"
#   received: "indented"
#
# Here: docs/INTEROP.md, better-sse. end_evidence().unknown_lines() counts the lines that are lost.
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
    "better-sse": "0.16.1",
    "eventsource-parser": "4.1.3"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { createServer } from 'node:http';
import { createSession } from 'better-sse';
import { createParser } from 'eventsource-parser';

const server = createServer(async (request, response) => {
  const session = await createSession(request, response, { serializer: (text) => text });
  session.push('first\nsecond');
  session.push(' indented');
  response.end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const response = await fetch(`http://127.0.0.1:${server.address().port}/`);
const body = await response.text();
server.close();

for (const block of body.match(/^data:[^]*?\n\n/gm)) {
  console.log(`written: ${JSON.stringify(block)}`);
}
const parser = createParser({
  onEvent: ({ data }) => console.log(`received: ${JSON.stringify(data)}`),
});
parser.feed(body);
EOF

expected='written: "data:first\nsecond\n\n"
written: "data: indented\n\n"
received: "first"
received: "indented"'

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
