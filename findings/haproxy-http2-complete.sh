#!/usr/bin/env bash
#
# Library: HAProxy 2.6.12, as in Debian 12.
#
# Behavior: an upstream server sends three events in a chunked body and closes its connection
# without the last chunk. A client of HTTP/1.1 sees a truncated body. A client of HTTP/2 gets
# END_STREAM: a complete body. The same holds for timeout server, which ends a silent stream.
#
# Expected instead: RST_STREAM with an error code over HTTP/2, as nginx, Apache and newer versions
# of Caddy send. The proxy knows that the response is incomplete, and says so over HTTP/1.1.
#
# Consequence: turning HTTP/2 on for clients removes the only sign of a truncated stream.
#
# Output seen on 1 December 2026:
#   HTTP/1.1, upstream cut: status 200, 3 of 3 events, truncated
#   HTTP/1.1, silent upstream: status 200, 3 of 3 events, truncated
#   HTTP/2, upstream cut: status 200, 3 of 3 events, complete
#   HTTP/2, silent upstream: status 200, 3 of 3 events, complete
#
# Here: docs/guide/real-servers.md, Proxies. Only expect_terminal detects it.
#
# Needs: bash, timeout, Debian 12 with lists of packages (apt-get update), Python 3, curl. No
# package is installed into the system. Exit status: 0 if the output is the same, 1 if it changed, 2
# if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import http.server
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

# The time limit of this script ends the proxy too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))

class Upstream(http.server.BaseHTTPRequestHandler):
    """Sends events as a server does: chunked, or up to the end of the connection for HTTP/1.0."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        chunked = self.request_version == "HTTP/1.1"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Connection", "close")
        self.end_headers()
        for number in range(3):
            event = b"data: %d\n\n" % number
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event) if chunked else event)
            time.sleep(0.1)
        if self.path.startswith("/silent"):
            time.sleep(10)
        # Closes the connection without a last chunk.
        self.close_connection = True

    def log_message(self, *args):
        pass


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the proxy does not listen")


def get(name, url, *options):
    form = "%{http_code} %{exitcode}"
    command = ["curl", "--silent", "--max-time", "20", "--write-out", "\n" + form, *options, url]
    output = subprocess.run(command, capture_output=True, text=True).stdout
    body, _, report = output.rpartition("\n")
    status, code = report.split()
    end = {"0": "complete", "18": "truncated"}.get(code, f"curl's exit code {code}")
    print(f"{name}: status {status}, {body.count('data: ')} of 3 events, {end}", flush=True)


upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
upstream.daemon_threads = True
threading.Thread(target=upstream.serve_forever, daemon=True).start()
port, http2_port = free_port(), free_port()
pathlib.Path("haproxy.cfg").write_text(f"""
defaults
    mode http
    timeout connect 2s
    timeout client 20s
    timeout server 1s
listen http1
    bind 127.0.0.1:{port}
    server upstream 127.0.0.1:{upstream.server_port}
listen http2
    bind 127.0.0.1:{http2_port} proto h2
    server upstream 127.0.0.1:{upstream.server_port}
""")
command = ["root/usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"]
proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
try:
    wait_for(port)
    for name, port, *options in [
        ("HTTP/1.1", port),
        ("HTTP/2", http2_port, "--http2-prior-knowledge"),
    ]:
        get(f"{name}, upstream cut", f"http://127.0.0.1:{port}/cut", *options)
        get(f"{name}, silent upstream", f"http://127.0.0.1:{port}/silent", *options)
finally:
    proxy.terminate()
    proxy.wait()
EOF

expected='HTTP/1.1, upstream cut: status 200, 3 of 3 events, truncated
HTTP/1.1, silent upstream: status 200, 3 of 3 events, truncated
HTTP/2, upstream cut: status 200, 3 of 3 events, complete
HTTP/2, silent upstream: status 200, 3 of 3 events, complete'

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
