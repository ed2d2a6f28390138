#!/usr/bin/env bash
#
# Library: aiohttp-sse-client2 0.3.0 on aiohttp 3.14.5. Seen on Python 3.11.7.
#
# Behavior: the client removes all spaces after the colon of a field, and all line ends at the end
# of the data, where the standard has one of each. A server that sends the tokens "Hello", " world",
# and then code with an indentation and two line ends loses the spaces and the line ends.
#
# Expected instead: the value without its first space, and the data without the last line end.
#
# Consequence: the tokens of a language model, many of which begin with a space, run together when
# they are sent as plain text, and code loses its indentation. JSON is safe.
#
# Output seen on 1 December 2026:
#   sent ['Hello', ' world', '    return 1\n\n']
#   received ['Hello', 'world', 'return 1']
#
# Here: exactly one space and one line end are removed (docs/CONFORMANCE.md). docs/COMPARISON.md,
# Clients of other languages.
#
# Needs: bash, timeout, Python 3.10 or later with venv, access to the Python package index. Exit
# status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be installed or
# run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import asyncio

from aiohttp import web
from aiohttp_sse_client2.client import EventSource

SENT = ["Hello", " world", "    return 1\n\n"]


async def stream(request):
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for text in SENT:
        lines = "".join(f"data: {line}\n" for line in text.split("\n"))
        await response.write(f"{lines}\n".encode())
    return response


async def main():
    app = web.Application()
    app.router.add_get("/", stream)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]

    received = []
    async with EventSource(f"http://127.0.0.1:{port}/") as events:
        async for event in events:
            received.append(event.data)
            if len(received) == len(SENT):
                break
    print(f"sent {SENT}")
    print(f"received {received}")
    await runner.cleanup()


asyncio.run(main())
EOF

expected="sent ['Hello', ' world', '    return 1\n\n']
received ['Hello', 'world', 'return 1']"

actual=$(
    cd "$tmp"
    timeout 120 python3 -m venv venv >&2
    timeout 300 venv/bin/pip install --quiet --disable-pip-version-check \
        aiohttp==3.14.5 aiohttp-sse-client2==0.3.0 >&2
    timeout 60 venv/bin/python main.py
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
