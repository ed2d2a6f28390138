#!/usr/bin/env bash
#
# Library: httpx-sse 0.4.3, httpx 0.28.1. Seen with Python 3.11.7.
#
# Behavior: a server sends an event with an ID, two keep-alive comments, each followed by a blank
# line, and another event. iter_sse() yields four events: each comment has become an event of type
# message with empty data. A comment that no blank line follows does not. The same stream without
# the ID yields two events. The decoder dispatches a block if it has data, a type, a retry or a last
# event ID, and the last event ID outlives its block.
#
# Expected instead: two events in both cases. The HTML standard dispatches no event for a block
# without data, and an ID does not change that.
#
# Consequence: a program that decodes the data of each event as JSON works until the server assigns
# IDs and is silent for the interval of its keep-alives. Then it fails on an empty text, or counts
# events that the server has not sent.
#
# Output seen on 1 December 2026:
#   without an ID: 'a', 'b'
#   with an ID: 'a', '', '', 'b'
#   with an ID, comments without a blank line: 'a', 'b'
#
# Here: a block without data is not an event (P17 in docs/CONFORMANCE.md). docs/INTEROP.md, Clients
# of other projects.
#
# Needs: bash, timeout, Python 3.10 or later with venv, access to the Python package index. Exit
# status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be installed or
# run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import httpx
import httpx_sse

COMMENTS = b": keep-alive\n\n: keep-alive\n\n"
STREAMS = {
    "without an ID": b"data: a\n\n" + COMMENTS + b"data: b\n\n",
    "with an ID": b"id: 1\ndata: a\n\n" + COMMENTS + b"data: b\n\n",
    "with an ID, comments without a blank line":
        b"id: 1\ndata: a\n\n" + COMMENTS.replace(b"\n\n", b"\n") + b"data: b\n\n",
}
for name, body in STREAMS.items():

    def respond(request, body=body):
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=body)

    with httpx.Client(transport=httpx.MockTransport(respond)) as client:
        with httpx_sse.connect_sse(client, "GET", "http://localhost/") as source:
            events = list(source.iter_sse())
    print(f"{name}: {', '.join(repr(event.data) for event in events)}")
EOF

expected='without an ID: '\''a'\'', '\''b'\''
with an ID: '\''a'\'', '\'''\'', '\'''\'', '\''b'\''
with an ID, comments without a blank line: '\''a'\'', '\''b'\'''

actual=$(
    cd "$tmp"
    python3 -m venv venv >&2
    timeout 300 venv/bin/pip install --quiet --disable-pip-version-check \
        httpx==0.28.1 httpx-sse==0.4.3 >&2
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
