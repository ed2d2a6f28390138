#!/usr/bin/env bash
#
# Library: HAProxy 2.6.12 with libslz, as in Debian 12.
#
# Behavior: HAProxy compresses an event stream whose server sends an event every 300 ms. The client
# decodes what has arrived: after each event its last bytes are missing, the blank line among them.
# They arrive with the next event, so the client is always one event late. Without compression each
# event is complete at once.
#
# Expected instead: a flush after each piece that the server sent, as other compressors of streams
# do, or a delay that ends when the server pauses.
#
# Consequence: the client can dispatch no event before the next one has come. The newest event of a
# quiet feed stays invisible for as long as the pause lasts. No timeout notices it, because bytes
# arrive in time. A comment after each event avoids it.
#
# Output seen on 1 December 2026:
#   without compression, events before the next one: 1, 2, 3
#   with gzip, events before the next one: 0, 1, 2
#   with gzip, text after the first event: "data: event"
#
# Here: docs/INTEROP.md, Compression middleware.
#
# Needs: bash, timeout, Debian 12 with lists of packages (apt-get update), Python 3, curl. No
# package is installed into the system. Exit status: 0 if the output is the same, 1 if it changed, 2
# if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import http.client
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib

# The time limit of this script ends the proxy too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))
GO_ON = threading.Semaphore(0)


def serve(listener):
    """Sends three events to each client, each when the client says so."""
    while True:
        connection, _ = listener.accept()
        with connection:
            if not connection.recv(65536):
                continue
            head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            for number in range(3):
                event = b"data: event %d\n\n" % number
                connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
                GO_ON.acquire(timeout=10)
            connection.sendall(b"0\r\n\r\n")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def read(port, coding):
    """Reads for 300 ms after each event, and returns the text after each."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    request = f"GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {coding}\r\n\r\n"
    connection.sendall(request.encode())
    raw = b""
    texts = []
    for _ in range(3):
        end = time.monotonic() + 0.3
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                raw += connection.recv(65536)
            except TimeoutError:
                break
        head, _, rest = raw.partition(b"\r\n\r\n")
        body = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            body += rest[: int(size, 16)]
            rest = rest[int(size, 16) + 2 :]
        if b"content-encoding: gzip" in head.lower():
            body = zlib.decompressobj(31).decompress(body)
        texts.append(body.decode())
        GO_ON.release()
    connection.close()
    return texts


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
port = free_port()
pathlib.Path("haproxy.cfg").write_text(f"""
defaults
    mode http
    option http-no-delay
    timeout connect 2s
    timeout client 20s
    timeout server 20s
listen compressed
    bind 127.0.0.1:{port}
    compression algo gzip
    compression type text/event-stream
    server upstream 127.0.0.1:{listener.getsockname()[1]}
""")
command = ["root/usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"]
proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
try:
    for _ in range(100):
        try:
            http.client.HTTPConnection("127.0.0.1", port).connect()
            break
        except OSError:
            time.sleep(0.1)
    for name, coding in [("without compression", "identity"), ("with gzip", "gzip")]:
        texts = read(port, coding)
        counts = ", ".join(str(text.count("\n\n")) for text in texts)
        print(f"{name}, events before the next one: {counts}")
    print(f'with gzip, text after the first event: "{texts[0].encode().decode()}"')
finally:
    proxy.terminate()
    proxy.wait()
EOF

expected='without compression, events before the next one: 1, 2, 3
with gzip, events before the next one: 0, 1, 2
with gzip, text after the first event: "data: event"'

actual=$(
    cd "$tmp"
    timeout 300 apt-get download --quiet "haproxy=2.6.12-*" \
        liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >&2
    for package in *.deb; do
        dpkg-deb --extract "$package" root
    done
    timeout 60 env LD_LIBRARY_PATH="$(echo "$tmp"/root/usr/lib/*-linux-gnu)" \
        python3 -B main.py
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
