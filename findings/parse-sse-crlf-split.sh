#!/usr/bin/env bash
#
# Library: parse-sse 0.1.0 (npm). Seen on Node.js 20.20.2.
#
# Behavior: an event with CRLF line ends, type "add" and two lines of data. If a chunk ends between
# the CR and the LF of a line end, the parser takes the CR for one line end and the LF, at the
# start of the next chunk, for a second one. That is a blank line, so the event ends there. The
# rest of the lines become another event, or the type is lost.
#
# Expected instead: the same event however the stream is split. Neither the server nor the client
# controls where the network splits a stream.
#
# Consequence: a stream that is read correctly in a test, in which each write arrives as one
# chunk, is sometimes read incorrectly in production.
#
# The script reads the stream once for each place where it can be split in two.
#
# Output seen on 1 December 2026:
#   1 of 40 splits: add "a", message "b"
#   37 of 40 splits: add "a\nb"
#   2 of 40 splits: message "a\nb"
#
# Here: P5 in docs/CONFORMANCE.md; docs/INTEROP.md, Clients of other projects.
#
# Needs: bash, Node.js 20 or later, npm, access to the npm registry. Exit status: 0 if the output
# is the same, 1 if it changed, 2 if the package could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/package.json" <<'EOF'
{
  "private": true,
  "dependencies": { "parse-sse": "0.1.0" }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { parseServerSentEvents } from 'parse-sse';

const stream = new TextEncoder().encode('event: add\r\nid: 1\r\ndata: a\r\ndata: b\r\n\r\n');

async function read(chunks) {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const headers = { 'content-type': 'text/event-stream' };
  const events = [];
  for await (const { type, data } of parseServerSentEvents(new Response(body, { headers }))) {
    events.push(`${type} ${JSON.stringify(data)}`);
  }
  return events.join(', ');
}

const counts = new Map();
for (let at = 0; at <= stream.length; at += 1) {
  const chunks = [stream.slice(0, at), stream.slice(at)].filter(({ length }) => length > 0);
  const events = await read(chunks);
  counts.set(events, (counts.get(events) ?? 0) + 1);
}
for (const events of [...counts.keys()].sort()) {
  console.log(`${counts.get(events)} of ${stream.length + 1} splits: ${events}`);
}
EOF

expected='1 of 40 splits: add "a", message "b"
37 of 40 splits: add "a\nb"
2 of 40 splits: message "a\nb"'

actual=$(
    cd "$tmp"
    npm install --ignore-scripts --no-audit --no-fund --silent >&2
    node main.mjs
) || {
    echo "could not install or run the package" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
