#!/usr/bin/env bash
#
# Server: Redis 7.0.15, as in Debian 12.
#
# Behavior: a user may not run SET. If the client sends it, the error has the code NOPERM. If a
# script calls it, the error has the code ERR, which is that of any other failure.
#
# Expected instead: the same code for the same refusal. Errors of other kinds keep their code within
# a script: OOM and READONLY do.
#
# Consequence: a client that classifies errors by their code takes a right that its user lacks for a
# failure of the script. It repeats the script, or reports the wrong cause. Only the text tells.
#
# Output seen on 1 December 2026:
#   by the client: NOPERM this user has no permissions to run the 'set' command
#   by a script: ERR The user executing the script can't run this command or subcommand script: [..]
#
# Here: examples/gateway-cluster/link.rs.
#
# Needs: bash, timeout, Debian 12 with lists of packages (apt-get update), Python 3. No package is
# installed into the system. Exit status: 0 if the output is the same, 1 if it changed, 2 if the
# packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'PYTHON'
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


def connect(port):
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            time.sleep(0.1)
    sys.exit("the server does not start")


def run(lines, line):
    """Sends one command, and returns the first line of the reply, without its type."""
    lines.write(line.encode() + b"\r\n")
    lines.flush()
    return lines.readline().decode().strip()[1:]


port = free_port()
command = ["root/usr/bin/redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
try:
    with connect(port) as connection, connection.makefile("rwb") as lines:
        run(lines, "ACL SETUSER reader on >secret ~* +eval +get")
        run(lines, "AUTH reader secret")
        print("by the client:", run(lines, "SET key value"))
        error = run(lines, "EVAL \"return redis.call('SET', KEYS[1], 'value')\" 1 key")
        print("by a script:", re.sub("script: .*", "script: [..]", error))
finally:
    server.terminate()
    server.wait()
PYTHON

expected="by the client: NOPERM this user has no permissions to run the 'set' command
by a script: ERR The user executing the script can't run this command or subcommand script: [..]"

actual=$(
    cd "$tmp"
    timeout 300 apt-get download --quiet "redis-server=5:7.0.15-*" "redis-tools=5:7.0.15-*" \
        liblzf1 libjemalloc2 libatomic1 >&2
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
