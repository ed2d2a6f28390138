#!/usr/bin/env bash
#
# Library: nchan 1.3.6 in nginx 1.22.1, as in Debian 12.
#
# Behavior: a message is published and a subscriber receives it as an event. Its ID is the second of
# publication and a counter. nginx is reloaded (SIGHUP), which discards all messages in memory, and
# another message is published within the same second. It gets the same ID. A subscriber that
# resumes after that ID does not receive it, while one without an ID does. Before the reload, a
# second message of the same second has an ID of its own.
#
# Expected instead: an ID that no event of the channel had before, or the new message for the
# subscriber. The ID is what makes an event distinct.
#
# Consequence: a client that loses its connection in the reload and resumes misses messages, without
# a sign of it. A configuration that is reloaded under load does that to some of the clients.
#
# Output seen on 1 December 2026:
#   before the reload: IDs T:0 and T:1
#   after the reload: ID T:0
#   resumed after T:0: nothing
#   without an ID: "three"
#
# Here: docs/INTEROP.md, nchan. cargo xtask interop waits for the next second after each reload.
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
import re
import signal
import socket
import subprocess
import sys
import time

# The time limit of this script ends the server too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("took too long"))

def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def publish(channel, text):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", f"/publish?id={channel}", text)
    status = connection.getresponse().status
    if status not in (201, 202):
        raise SystemExit(f"cannot publish: {status}")
    connection.close()


def subscribe(channel, seconds, last_event_id=None):
    """Returns the IDs and the data of the events that arrive within some seconds."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=5)
    resume = f"Last-Event-ID: {last_event_id}\r\n" if last_event_id else ""
    request = f"GET /subscribe?id={channel} HTTP/1.1\r\nHost: localhost\r\n"
    accept = "Accept: text/event-stream\r\n"
    connection.sendall(f"{request}{accept}{resume}\r\n".encode())
    received = b""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            received += connection.recv(65536)
        except TimeoutError:
            break
    connection.close()
    return re.findall(r"id: (\S+)\ndata: (.*)\n", received.decode())


def workers():
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.pid)], capture_output=True)
    return set(out.stdout.split())


port = free_port()
here = pathlib.Path.cwd()
folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
temporary = "\n".join(f"{name}_temp_path {here}/{name};" for name in folders)
pathlib.Path("nginx.conf").write_text(f"""
daemon off;
pid {here}/pid;
worker_processes 1;
load_module {here}/root/usr/lib/nginx/modules/ngx_nchan_module.so;
events {{}}
http {{
    access_log off;
    {temporary}
    server {{
        listen 127.0.0.1:{port};
        location = /publish {{
            nchan_publisher;
            nchan_channel_id $arg_id;
        }}
        location = /subscribe {{
            nchan_subscriber eventsource;
            nchan_channel_id $arg_id;
            nchan_subscriber_first_message oldest;
        }}
    }}
}}
""")
command = ["root/usr/sbin/nginx", "-c", here / "nginx.conf", "-e", here / "log"]
server = subprocess.Popen(command)
try:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            time.sleep(0.1)
    for channel in range(20):
        # Begins with a second, because the ID contains it.
        time.sleep(1.02 - time.time() % 1)
        second = int(time.time())
        publish(channel, "one")
        publish(channel, "two")
        before = subscribe(channel, 0.15)
        old = workers()
        server.send_signal(signal.SIGHUP)
        for _ in range(500):
            if workers() - old:
                break
            time.sleep(0.01)
        time.sleep(0.2)
        publish(channel, "three")
        # On a busy machine that can take more than a second: then again, with another channel.
        if int(time.time()) == second and len(before) == 2:
            break
    else:
        raise SystemExit("no reload within a second")
    after = subscribe(channel, 0.5)
    resumed = subscribe(channel, 1, before[0][0])
finally:
    server.terminate()
    server.wait()


def relative(event):
    return event[0].replace(str(second), "T")


print(f"before the reload: IDs {' and '.join(map(relative, before))}")
print(f"after the reload: ID {', '.join(map(relative, after))}")
print(f"resumed after {relative(before[0])}: {', '.join(text for _, text in resumed) or 'nothing'}")
print(f'without an ID: "{", ".join(text for _, text in after)}"')
EOF

expected='before the reload: IDs T:0 and T:1
after the reload: ID T:0
resumed after T:0: nothing
without an ID: "three"'

actual=$(
    cd "$tmp"
    timeout 300 apt-get download --quiet "nginx=1.22.1-*" \
        "libnginx-mod-nchan=1:1.3.6*" >&2
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
