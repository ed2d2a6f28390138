#!/usr/bin/env bash
#
# Library: FastAPI 0.165.0 (fastapi.sse), Starlette 1.10.0, uvicorn 0.54.0. Seen on Python 3.11.7.
#
# Behavior: a path operation with response_class=EventSourceResponse yields three events and raises
# an exception. If it has awaited anything since its last event, the body ends regularly: the client
# sees a complete answer. If it raises at once, the body is truncated, and the last event may be
# missing. FastAPI runs the generator in a task of its own, whose failure cancels the task that
# writes the response; whether that task is waiting for the next event or writing the last one
# decides which end the client sees.
#
# Expected instead: a truncated body in both cases, as from a plain StreamingResponse.
#
# Consequence: a failed answer looks like a complete one, in the case that applications meet: they
# fail after they have waited for a database or for another service.
#
# Output seen on 1 December 2026:
#   EventSourceResponse, raises after a pause: complete
#   EventSourceResponse, raises at once: truncated
#   StreamingResponse, raises after a pause: truncated
#
# Here: docs/INTEROP.md, FastAPI, Hono and NestJS; docs/guide/real-servers.md. Only expect_terminal
# detects it.
#
# Needs: bash, Python 3.10 or later with venv, access to PyPI. Exit status: 0 if the output is the
# same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
server=
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$tmp"
}
trap cleanup EXIT

cat >"$tmp/app.py" <<'EOF'
import asyncio
from collections.abc import AsyncIterable

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

app = FastAPI()


@app.get("/events", response_class=EventSourceResponse)
async def events(pause: float) -> AsyncIterable[ServerSentEvent]:
    for number in range(3):
        yield ServerSentEvent(raw_data=str(number))
    if pause:
        await asyncio.sleep(pause)
    raise RuntimeError("the source failed")


@app.get("/plain")
async def plain(pause: float) -> StreamingResponse:
    async def chunks():
        for number in range(3):
            yield f"data: {number}\n\n"
        await asyncio.sleep(pause)
        raise RuntimeError("the source failed")

    return StreamingResponse(chunks(), media_type="text/event-stream")
EOF

cat >"$tmp/client.py" <<'EOF'
import http.client
import sys

port = int(sys.argv[1])
cases = [
    ("EventSourceResponse, raises after a pause", "/events?pause=0.2"),
    ("EventSourceResponse, raises at once", "/events?pause=0"),
    ("StreamingResponse, raises after a pause", "/plain?pause=0.2"),
]
for name, path in cases:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    end = "complete"
    try:
        while response.read1():
            pass
    except http.client.IncompleteRead:
        end = "truncated"
    connection.close()
    print(f"{name}: {end}")
EOF

python3 -m venv "$tmp/venv" >&2 || exit 2
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check \
    fastapi==0.165.0 starlette==1.10.0 uvicorn==0.54.0 >&2 || exit 2

cd "$tmp"
"$tmp/venv/bin/python" -B -m uvicorn app:app --port 0 >"$tmp/log" 2>&1 &
server=$!
for _ in $(seq 300); do
    if grep -q "running on" "$tmp/log"; then
        break
    fi
    if ! kill -0 "$server" 2>/dev/null; then
        cat "$tmp/log" >&2
        exit 2
    fi
    sleep 0.1
done
port=$(sed -nE 's#.*running on http://127\.0\.0\.1:([0-9]+).*#\1#p' "$tmp/log")
[ -n "$port" ] || exit 2

seen=$("$tmp/venv/bin/python" -B "$tmp/client.py" "$port") || exit 2
expected="EventSourceResponse, raises after a pause: complete
EventSourceResponse, raises at once: truncated
StreamingResponse, raises after a pause: truncated"

printf '%s\n' "$seen"
if [ "$seen" != "$expected" ]; then
    echo "changed; expected:" >&2
    printf '%s\n' "$expected" >&2
    exit 1
fi
