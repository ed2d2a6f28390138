#!/usr/bin/env bash
#
# Library: @durable-streams/server 0.3.7, the reference server of the protocol Durable Streams. Seen
# with Node.js 20.20.2.
#
# Behavior: a client reads a stored stream of three messages from its beginning, with live=sse. The
# server sends the three as events of the type data, and then one event of the type control with the
# offset to continue at. Message "  two" begins with two spaces; it is written directly after the
# colon, and a client removes the first of them, as the standard says.
#
# Expected instead: an offset after each message, or in the ID of each event, so that a client which
# is cut off can continue after the last message that it has; and a space between the colon and the
# data, as the messages are arbitrary text.
#
# Consequence: a client that is cut off while it catches up starts again where it started, and
# receives all messages twice. If the history takes longer than a connection lasts, it never arrives
# at the end. Text whose messages begin with spaces, such as tokens of a language model, loses the
# first one of each.
#
# Output seen on 1 December 2026:
#   event: data / data:one
#   event: data / data:  two
#   event: data / data:three
#   event: control / data:{"streamNextOffset":"0000000000000000_0000000000000028","streamClosed":true}
#
# Here: docs/INTEROP.md, Durable Streams.
#
# Needs: bash, timeout, Node.js 20 or later, npm, access to its registry. Exit status: 0 if the
# output is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.mjs" <<'EOF'
import { DurableStreamTestServer } from "@durable-streams/server";

const server = new DurableStreamTestServer({ port: 0, host: "127.0.0.1" });
await server.start();
const url = `${server.url}/stream`;
async function send(method, body, more) {
  const headers = { "content-type": "text/plain", ...more };
  const response = await fetch(url, { method, headers, body });
  if (!response.ok) throw new Error(`${method}: ${response.status}`);
}
await send("PUT");
for (const body of ["one", "  two", "three"]) await send("POST", body);
await send("POST", undefined, { "stream-closed": "true" });

const response = await fetch(`${url}?offset=-1&live=sse`);
for (const event of (await response.text()).split("\n\n")) {
  if (event) console.log(event.replaceAll("\n", " / "));
}
process.exit();
EOF

expected='event: data / data:one
event: data / data:  two
event: data / data:three
event: control / data:{"streamNextOffset":"0000000000000000_0000000000000028","streamClosed":true}'

actual=$(
    cd "$tmp"
    timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts \
        @durable-streams/server@0.3.7 >&2
    timeout 60 node main.mjs
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
