#!/usr/bin/env bash
#
# Library: nginx 1.22.1, as in Debian 12.
#
# Behavior: nginx asks its upstream server with HTTP/1.0 and buffers the response, both by default.
# If the upstream server goes silent after three events, and proxy_read_timeout expires, nginx sends
# the head of the response, discards the events that it has buffered, and closes the connection. If
# the upstream server is cut instead, nginx passes on the events and a complete body: over HTTP/1.0
# the connection ends the body, so nginx cannot know better, and it writes a last chunk of its own.
# With proxy_http_version 1.1 and proxy_buffering off the client gets the events at once and a
# truncated body in both cases.
#
# Expected instead: the three events in each case: nginx had received them.
#
# Consequence: a client that reconnects with its last event ID never has one, so that it gets
# nothing however often it asks, as long as the pauses of the feed are longer than the timeout.
#
# Output seen on 1 December 2026:
#   defaults, silent upstream: status 200, 0 of 3 events, truncated
#   defaults, upstream cut: status 200, 3 of 3 events, complete
#   HTTP/1.1 unbuffered, silent upstream: status 200, 3 of 3 events, truncated
#   HTTP/1.1 unbuffered, upstream cut: status 200, 3 of 3 events, truncated
#
# Here: docs/INTEROP.md, nginx; docs/guide/real-servers.md, Proxies. A terminal event detects both.
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
port = free_port()
here = pathlib.Path.cwd()
folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
temporary = "\n".join(f"{name}_temp_path {here}/{name};" for name in folders)
pathlib.Path("nginx.conf").write_text(f"""
daemon off;
pid {here}/pid;
events {{}}
http {{
    access_log off;
    {temporary}
    proxy_read_timeout 1s;
    server {{
        listen 127.0.0.1:{port};
        location /default/ {{
            proxy_pass http://127.0.0.1:{upstream.server_port}/;
        }}
        location /unbuffered/ {{
            proxy_pass http://127.0.0.1:{upstream.server_port}/;
            proxy_http_version 1.1;
            proxy_buffering off;
        }}
    }}
}}
""")
command = ["root/usr/sbin/nginx", "-c", here / "nginx.conf", "-e", here / "log"]
proxy = subprocess.Popen(command)
try:
    wait_for(port)
    for setting, path in [("defaults", "default"), ("HTTP/1.1 unbuffered", "unbuffered")]:
        get(f"{setting}, silent upstream", f"http://127.0.0.1:{port}/{path}/silent")
        get(f"{setting}, upstream cut", f"http://127.0.0.1:{port}/{path}/cut")
finally:
    proxy.terminate()
    proxy.wait()
EOF

expected='defaults, silent upstream: status 200, 0 of 3 events, truncated
defaults, upstream cut: status 200, 3 of 3 events, complete
HTTP/1.1 unbuffered, silent upstream: status 200, 3 of 3 events, truncated
HTTP/1.1 unbuffered, upstream cut: status 200, 3 of 3 events, truncated'

actual=$(
    cd "$tmp"
    timeout 300 apt-get download --quiet "nginx=1.22.1-*" >&2
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
