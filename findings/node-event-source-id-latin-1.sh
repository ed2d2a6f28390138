#!/usr/bin/env bash
#
# Library: undici 7.30.2 (EventSource), beside eventsource 5.1.5. Seen on Node.js 20.20.2.
#
# Behavior: an event has the ID e with an acute accent, which is C3 A9 in the stream. On
# reconnection undici sends one byte, E9: it takes the code points of the ID for the bytes of the
# header. eventsource, which uses the fetch of Node, encodes the ID first.
#
# Expected instead: C3 A9: the HTML standard says that the value of Last-Event-ID is encoded as
# UTF-8. Browsers send that.
#
# Consequence: a server that compares the header with the ID that it sent does not find it. One that
# decodes the header as UTF-8 gets a replacement character, or an error.
#
# Output seen on 1 December 2026:
#   undici: sent C3 A9, got back E9
#   eventsource: sent C3 A9, got back C3 A9
#
# Here: an ID is sent as UTF-8 (C4 in docs/CONFORMANCE.md,
# id_header::an_id_is_sent_as_raw_utf_8). A page cannot send one that is not ASCII.
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
    "undici": "7.30.2",
    "eventsource": "5.1.5"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import { createServer } from 'node:http';
import { EventSource as Eventsource } from 'eventsource';
import { EventSource as Undici } from 'undici';

const hex = (bytes) => Buffer.from(bytes).toString('hex').toUpperCase().match(/../g).join(' ');
const ID = '\u00e9';

// Returns the ID that a client sends when it connects for the second time.
async function returned(Client) {
  let source;
  const server = createServer();
  const id = new Promise((resolve) => {
    server.on('request', (request, response) => {
      const value = request.headers['last-event-id'];
      if (value === undefined) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`retry: 10\nid: ${ID}\ndata: x\n\n`);
      } else {
        // Node decodes header values as Latin-1.
        resolve(Buffer.from(value, 'latin1'));
        response.writeHead(204).end();
      }
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  source = new Client(`http://127.0.0.1:${server.address().port}/`);
  const bytes = await id;
  source.close();
  server.closeAllConnections();
  server.close();
  return bytes;
}

for (const [name, Client] of [['undici', Undici], ['eventsource', Eventsource]]) {
  console.log(`${name}: sent ${hex(ID)}, got back ${hex(await returned(Client))}`);
}
process.exit(0);
EOF

expected='undici: sent C3 A9, got back E9
eventsource: sent C3 A9, got back C3 A9'

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
