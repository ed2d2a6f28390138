#!/usr/bin/env bash
#
# Library: @server-sent-stream/web 1.0.3 and @server-sent-stream/parser 1.0.4. Seen on Node.js
# 20.20.2.
#
# Behavior: the parser reads a line with a regular expression whose dot does not match U+2028,
# U+2029. Data end before such a character, and the rest of the line is lost. The expression is not
# anchored either: a comment that contains the name of a field, as a field that is commented out
# does, is taken for that field.
#
# Expected instead: the whole line as data: only CR, LF and CRLF end a line. A line that begins with
# a colon is a comment whatever follows.
#
# Consequence: JSON.stringify writes U+2028 as it is, so JSON with text that was pasted from a word
# processor arrives cut and cannot be decoded.
#
# Output seen on 1 December 2026:
#   {"text":"a\u2028b"} as JSON: received "{\"text\":\"a"
#   a comment ":data: old" before "data: new": received "old\nnew"
#
# Here: P3 and P7 in docs/CONFORMANCE.md. docs/INTEROP.md, Clients of other projects.
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
    "@server-sent-stream/web": "1.0.3",
    "@server-sent-stream/parser": "1.0.4"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import web from '@server-sent-stream/web';

const EventStream = web.default ?? web;

async function read(text) {
  const events = [];
  for await (const { data } of new Response(text).body.pipeThrough(new EventStream())) {
    events.push(JSON.stringify(data));
  }
  return events.join(', ');
}

const json = JSON.stringify({ text: 'a\u2028b' });
console.log(`{"text":"a\\u2028b"} as JSON: received ${await read(`data: ${json}\n\n`)}`);
const comment = await read(':data: old\ndata: new\n\n');
console.log(`a comment ":data: old" before "data: new": received ${comment}`);
EOF

expected='{"text":"a\u2028b"} as JSON: received "{\"text\":\"a"
a comment ":data: old" before "data: new": received "old\nnew"'

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
