#!/usr/bin/env bash
#
# Library: sseclient-py 1.9.0, requests 2.34.2. Seen with Python 3.11.7.
#
# Behavior: a server sends one event and the first part of another, then ends the body in the middle
# of a line. events() yields both: the first one, and one with what has arrived of the second.
#
# Expected instead: one event. The HTML standard discards a block that the end of the stream has
# cut, because only a blank line says that a block is complete.
#
# Consequence: the last event of a stream that was cut may be part of one, with an ID that counts it
# as received. A number that was cut is still a number: the second event says 1, where the server
# was about to send 1000.
#
# Output seen on 1 December 2026:
#   id 1: balance 250
#   id 2: balance 1
#
# Here: a block without its blank line is discarded, with its ID (P21 in docs/CONFORMANCE.md).
# docs/INTEROP.md, Clients of other projects.
#
# Needs: bash, timeout, Python 3.10 or later with venv, access to the Python package index. Exit
# status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be installed or
# run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import http.server
import threading

import requests
import sseclient

WHOLE = b"id: 1\ndata: balance 250\n\nid: 2\ndata: balance 1000\n\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        # The connection ends the body, five bytes early.
        self.wfile.write(WHOLE[:-5])

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
response = requests.get(f"http://127.0.0.1:{server.server_port}/", stream=True, timeout=20)
for event in sseclient.SSEClient(response).events():
    print(f"id {event.id}: {event.data}")
EOF

expected='id 1: balance 250
id 2: balance 1'

actual=$(
    cd "$tmp"
    python3 -m venv venv >&2
    timeout 300 venv/bin/pip install --quiet --disable-pip-version-check \
        sseclient-py==1.9.0 requests==2.34.2 >&2
    timeout 60 venv/bin/python -B main.py
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
