#!/usr/bin/env bash
#
# Library: sse-starlette 3.7.0, starlette 1.10.0. Seen with Python 3.11.7.
#
# Behavior: a response has sep="\n", for clients that read LF only. Its pings and the events that
# the application yields as dict or text end their lines so. An event that it yields as
# ServerSentEvent does not: the object has a separator of its own, CRLF by default, and the
# response's is not applied to it. One stream has both.
#
# Expected instead: the separator of the response for each event, unless the event names another.
#
# Consequence: a client that splits the stream at two LF reads an event in CRLF and the one after it
# as one. Clients that follow the standard are not affected.
#
# Output seen on 1 December 2026:
#   dict: b'data: 1\n\n'
#   text: b'data: 2\n\n'
#   ServerSentEvent: b'data: 3\r\n\r\n'
#
# Here: each line may end in its own way (P3 in docs/CONFORMANCE.md; cargo xtask interop runs LF, CR
# and CRLF). docs/INTEROP.md, Other servers.
#
# Needs: bash, timeout, Python 3.10 or later with venv, access to the Python package index. Exit
# status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be installed or
# run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import asyncio

from sse_starlette import EventSourceResponse, ServerSentEvent


async def events():
    yield {"data": "1"}
    yield "2"
    yield ServerSentEvent("3")


async def main():
    chunks = []
    disconnect = asyncio.Event()

    async def receive():
        await disconnect.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.body" and message["body"]:
            chunks.append(message["body"])

    response = EventSourceResponse(events(), sep="\n")
    await asyncio.wait_for(response({"type": "http", "method": "GET"}, receive, send), 20)
    for name, chunk in zip(["dict", "text", "ServerSentEvent"], chunks, strict=True):
        print(f"{name}: {bytes(chunk)}")


asyncio.run(main())
EOF

expected='dict: b'\''data: 1\n\n'\''
text: b'\''data: 2\n\n'\''
ServerSentEvent: b'\''data: 3\r\n\r\n'\'''

actual=$(
    cd "$tmp"
    python3 -m venv venv >&2
    timeout 300 venv/bin/pip install --quiet --disable-pip-version-check \
        sse-starlette==3.7.0 starlette==1.10.0 >&2
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
