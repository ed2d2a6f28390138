#!/usr/bin/env bash
#
# Libraries: Django 5.2.19 (GZipMiddleware) with uvicorn 0.54.0, httpx 0.28.1. Seen with
# Python 3.11.7.
#
# Behavior: a view returns a StreamingHttpResponse of three events. Around a synchronous iterator,
# GZipMiddleware writes one gzip member and does not flush: no event can be decoded before the
# response ends. Around an asynchronous iterator, the same middleware compresses each event as a
# gzip member of its own, and each event can be decoded at once. httpx decodes the first member of
# a body and discards the rest without an error.
#
# Expected instead: one member that is flushed after each event, for both iterators. A gzip file is
# a series of members (RFC 1952, section 2.2), so httpx returns the data of all of them.
#
# Consequence: behind WSGI, a client that accepts gzip waits until zlib has collected a block, which
# takes thousands of small events. Behind ASGI, a client built on httpx, which accepts gzip by
# default, receives the first event and then a regular end of the stream.
#
# Output seen on 1 December 2026:
#   WSGI: gzip, 1 member, 0 of 3 events before the end, 3 at the end
#   ASGI: gzip, 3 members, 3 of 3 events before the end, 3 at the end
#   ASGI, read by httpx: 1 of 3 events, body complete
#
# Here: a session decodes all members. docs/INTEROP.md, Compression middleware; docs/RELIABILITY.md.
#
# Needs: bash, Python 3.10 or later with venv, access to the Python package index. Exit status: 0
# if the output is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import asyncio
import http.client
import queue
import socket
import threading
import zlib
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import StreamingHttpResponse
from django.urls import path

EVENTS = [f"id: {number}\ndata: event {number}\n\n" for number in range(1, 4)]

# Keeps the responses from ending.
may_end = threading.Event()


def sync_view(_):
    def events():
        yield from EVENTS
        may_end.wait(10)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


async def async_view(_):
    async def events():
        for event in EVENTS:
            yield event
        await asyncio.to_thread(may_end.wait, 10)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


urlpatterns = [path("sync", sync_view), path("async", async_view)]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware"],
    ROOT_URLCONF=__name__,
)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def start_wsgi():
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def start_asgi():
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(get_asgi_application(), lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    threading.Thread(target=lambda: server.run([listener]), daemon=True).start()
    return listener.getsockname()[1]


def decoded(body):
    """Returns the number of events and of members in the start of a gzip stream."""
    text, members = b"", 0
    while body:
        decoder = zlib.decompressobj(wbits=31)
        text += decoder.decompress(body)
        members += 1
        body = decoder.unused_data
    return text.count(b"\n\n"), members


def get(name, port, target):
    may_end.clear()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", target, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    chunks = queue.Queue()

    def read():
        while chunk := response.read1():
            chunks.put(chunk)
        chunks.put(None)

    threading.Thread(target=read, daemon=True).start()
    body = b""
    try:
        while decoded(body)[0] < len(EVENTS):
            body += chunks.get(timeout=1)
    except queue.Empty:
        pass
    early, _ = decoded(body)
    may_end.set()
    while (chunk := chunks.get(timeout=10)) is not None:
        body += chunk
    events, members = decoded(body)
    coding = response.headers["content-encoding"]
    members = f"{members} member{'s' if members > 1 else ''}"
    before = f"{early} of {len(EVENTS)} events before the end"
    print(f"{name}: {coding}, {members}, {before}, {events} at the end")


wsgi, asgi = start_wsgi(), start_asgi()
get("WSGI", wsgi, "/sync")
get("ASGI", asgi, "/async")
with httpx.Client(trust_env=False) as client:
    # Raises an exception if the body is truncated.
    text = client.get(f"http://127.0.0.1:{asgi}/async").text
events = text.count("\n\n")
print(f"ASGI, read by httpx: {events} of {len(EVENTS)} events, body complete")
EOF

expected='WSGI: gzip, 1 member, 0 of 3 events before the end, 3 at the end
ASGI: gzip, 3 members, 3 of 3 events before the end, 3 at the end
ASGI, read by httpx: 1 of 3 events, body complete'

actual=$(
    cd "$tmp"
    python3 -m venv venv
    venv/bin/pip install --quiet Django==5.2.19 httpx==0.28.1 uvicorn==0.54.0 >&2
    venv/bin/python main.py
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
