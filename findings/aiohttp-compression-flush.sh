#!/usr/bin/env bash
#
# Library: aiohttp 3.14.5. Seen with Python 3.11.7.
#
# Behavior: a handler calls enable_compression() on its StreamResponse and awaits write() for each
# of three events. Without compression each event arrives at once. With compression none arrives:
# write() passes the event to the compressor and does not flush it, and StreamResponse has no
# method that does. If the handler raises an exception later, the events are lost, although write()
# has returned. If the client accepts gzip and deflate, aiohttp selects deflate.
#
# Expected instead: write() flushes the compressor, or the response has a method for that, as the
# responses of Tornado and of the standard library of Go do.
#
# Consequence: one line that turns compression on delays events until zlib has collected a block,
# which takes thousands of small events. A failure discards what the handler has written since then.
#
# Output seen on 1 December 2026:
#   without compression: 3 of 3 events before the failure, 3 in all, truncated
#   with compression: deflate, 0 of 3 events before the failure, 0 in all, truncated
#
# Here: docs/INTEROP.md, Compression middleware.
#
# Needs: bash, Python 3.10 or later with venv, access to the Python package index. Exit status: 0
# if the output is the same, 1 if it changed, 2 if the package could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import asyncio
import http.client
import logging
import queue
import threading
import zlib

from aiohttp import web

EVENTS = [f"id: {number}\ndata: event {number}\n\n".encode() for number in range(1, 4)]

# Keeps the handlers from failing.
may_fail = asyncio.Event()


async def events(request):
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    if request.path == "/compressed":
        response.enable_compression()
    await response.prepare(request)
    for event in EVENTS:
        await response.write(event)
    await may_fail.wait()
    raise RuntimeError("the source failed")


def count(coding, body):
    """Returns the number of events in the start of a body."""
    if coding == "deflate":
        body = zlib.decompressobj().decompress(body)
    elif coding == "gzip":
        body = zlib.decompressobj(wbits=31).decompress(body)
    return body.count(b"\n\n")


def get(name, port, target, fail):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", target, headers={"Accept-Encoding": "gzip, deflate"})
    response = connection.getresponse()
    coding = response.headers["content-encoding"]
    chunks = queue.Queue()

    def read():
        end = "complete"
        try:
            while chunk := response.read1():
                chunks.put(chunk)
        except http.client.IncompleteRead:
            end = "truncated"
        chunks.put(end)

    threading.Thread(target=read, daemon=True).start()
    body = b""
    try:
        while count(coding, body) < len(EVENTS):
            body += chunks.get(timeout=1)
    except queue.Empty:
        pass
    early = count(coding, body)
    fail()
    while not isinstance(chunk := chunks.get(timeout=10), str):
        body += chunk
    coding_name = f"{coding}, " if coding else ""
    before = f"{early} of {len(EVENTS)} events before the failure"
    print(f"{name}: {coding_name}{before}, {count(coding, body)} in all, {chunk}")


async def main():
    logging.disable()
    app = web.Application()
    app.router.add_get("/plain", events)
    app.router.add_get("/compressed", events)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    loop = asyncio.get_running_loop()
    for name, target in ("without compression", "/plain"), ("with compression", "/compressed"):
        may_fail.clear()
        fail = lambda: loop.call_soon_threadsafe(may_fail.set)
        await asyncio.to_thread(get, name, port, target, fail)
    await runner.cleanup()


asyncio.run(main())
EOF

expected='without compression: 3 of 3 events before the failure, 3 in all, truncated
with compression: deflate, 0 of 3 events before the failure, 0 in all, truncated'

actual=$(
    cd "$tmp"
    python3 -m venv venv
    venv/bin/pip install --quiet aiohttp==3.14.5 >&2
    venv/bin/python main.py
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
