#!/usr/bin/env bash
#
# Library: Varnish 7.1.1, as in Debian 12.
#
# Behavior: an upstream server sends a head and three events in a chunked body, each in a write of
# its own, and closes its connection without the last chunk. If it closes right after the third
# event, Varnish discards what it has received and not yet passed on: many clients get a part of the
# events, none of them, or status 503. If it closes half a second later, every client gets all of
# them. Both are with return (pass) and with streaming, which is the default.
#
# Expected instead: the three events and a truncated body in both cases, as from HAProxy 2.6 and
# lighttpd 1.4.69: the proxy had received them.
#
# Consequence: the last events before a failure are lost, among them one that says what failed. A
# status of 503 also hides that the server had begun to respond, so a client may repeat a request
# that had an effect.
#
# Output seen on 1 December 2026:
#   cut half a second later: all of 40 responses have 3 events
#   cut at once: some of 40 responses have 3 events
#
# Here: docs/guide/real-servers.md, Proxies; docs/INTEROP.md. Resumption after the last event ID
# brings events back.
#
# Needs: bash, timeout, a C compiler, Debian 12 with lists of packages (apt-get update), Python 3,
# curl. No package is installed into the system. Exit status: 0 if the output is the same, 1 if it
# changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

# The time limit of this script ends the proxy too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))


def respond(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        request += connection.recv(4096)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    for number in range(3):
        event = b"data: %d\n\n" % number
        connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
    if request.startswith(b"GET /later"):
        time.sleep(0.5)
    # Without a last chunk.
    connection.close()


def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=respond, args=[connection], daemon=True).start()


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the proxy does not listen")


def get(name, url):
    whole = 0
    for _ in range(40):
        command = ["curl", "--silent", "--max-time", "20", url]
        body = subprocess.run(command, capture_output=True, text=True).stdout
        whole += body.count("data: ") == 3
    amount = {0: "none", 40: "all"}.get(whole, "some")
    print(f"{name}: {amount} of 40 responses have 3 events", flush=True)


upstream = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=[upstream], daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
pathlib.Path("events.vcl").write_text(f"""
vcl 4.1;
backend default {{ .host = "127.0.0.1"; .port = "{upstream.getsockname()[1]}"; }}
sub vcl_recv {{ return (pass); }}
""")
command = ["root/usr/sbin/varnishd", "-F", "-j", "none", "-s", "malloc,16m", "-T", "none"]
command += ["-a", f"127.0.0.1:{port}", "-n", f"{pathlib.Path.cwd()}/work"]
command += ["-f", f"{pathlib.Path.cwd()}/events.vcl"]
proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
try:
    wait_for(port)
    get("cut half a second later", f"http://127.0.0.1:{port}/later")
    get("cut at once", f"http://127.0.0.1:{port}/once")
finally:
    proxy.terminate()
    proxy.wait()
EOF

expected='cut half a second later: all of 40 responses have 3 events
cut at once: some of 40 responses have 3 events'

actual=$(
    cd "$tmp"
    timeout 300 apt-get download --quiet "varnish=7.1.1-*" libvarnishapi3 libjemalloc2 libedit2 \
        libncursesw6 libtinfo6 libbsd0 libmd0 >&2
    for package in *.deb; do
        dpkg-deb --extract "$package" root
    done
    libraries=$(echo "$tmp"/root/usr/lib/*-linux-gnu)
    timeout 120 env LD_LIBRARY_PATH="$libraries:$libraries/varnish" python3 -B main.py
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
