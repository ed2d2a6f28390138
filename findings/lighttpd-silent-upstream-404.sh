#!/usr/bin/env bash
#
# Library: lighttpd 1.4.69, as in Debian 12.
#
# Behavior: lighttpd buffers the response of an upstream server by default. If the upstream server
# sends three events, goes silent, and the read timeout of mod_proxy expires, lighttpd discards the
# response and handles the request as one for a static file, which it does not find: status 404,
# although the upstream server had answered 200. With server.stream-response-body = 2 the client
# gets the events at once and a truncated body.
#
# Expected instead: 504, or the three events and a truncated body.
#
# Consequence: 404 says that the resource does not exist. An EventSource fails for good, and a
# client that repeats requests after 5xx only does not come back, for a pause of the feed. If the
# file exists, the client gets that file.
#
# Output seen on 1 December 2026:
#   defaults, silent upstream: status 404, 0 of 3 events, complete
#   defaults, upstream cut: status 200, 3 of 3 events, complete
#   streaming, silent upstream: status 200, 3 of 3 events, truncated
#   streaming, upstream cut: status 200, 3 of 3 events, truncated
#
# Here: docs/guide/real-servers.md, Proxies: retry_rejected_reconnections and for_feeds survive it.
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
pathlib.Path("empty").mkdir()
pathlib.Path("lighttpd.conf").write_text(f"""
server.document-root = "{here}/empty"
server.bind = "127.0.0.1"
server.port = {port}
server.modules = ("mod_proxy")
proxy.server = ("" => ((
    "host" => "127.0.0.1", "port" => {upstream.server_port}, "read-timeout" => 1
)))
$HTTP["querystring"] == "streaming" {{
    server.stream-response-body = 2
}}
""")
command = ["root/usr/sbin/lighttpd", "-D", "-f", "lighttpd.conf", "-m", "root/usr/lib/lighttpd"]
proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
try:
    wait_for(port)
    for setting, query in [("defaults", ""), ("streaming", "?streaming")]:
        get(f"{setting}, silent upstream", f"http://127.0.0.1:{port}/silent{query}")
        get(f"{setting}, upstream cut", f"http://127.0.0.1:{port}/cut{query}")
finally:
    proxy.terminate()
    proxy.wait()
EOF

expected='defaults, silent upstream: status 404, 0 of 3 events, complete
defaults, upstream cut: status 200, 3 of 3 events, complete
streaming, silent upstream: status 200, 3 of 3 events, truncated
streaming, upstream cut: status 200, 3 of 3 events, truncated'

actual=$(
    cd "$tmp"
    timeout 300 apt-get download --quiet "lighttpd=1.4.69-*" libnettle8 >&2
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
