#!/usr/bin/env bash
#
# Library: Flask-SSE 1.0.0. Seen with Python 3.11.7.
#
# Behavior: Message formats an event. It splits the data with str.splitlines(), which also splits at
# characters that end no line of an event stream, such as VT, FF, NEL and U+2028: the client gets LF
# in their place. It returns no line for empty data, so that the event has no data line and no
# client dispatches it, and drops a line end at the end of the data. It writes no space after the
# colon, so that the client takes the first space of the data for it.
#
# Expected instead: data that arrive as they were sent.
#
# Consequence: text that begins with a space or ends in a line break, as the tokens of a language
# model do, runs together. An event with empty data never arrives. A str that json.dumps has encoded
# is safe; other types than str are encoded so.
#
# Output seen on 1 December 2026:
#   ' indented': written 'data: indented\n\n', received 'indented'
#   'line\n': written 'data:line\n\n', received 'line'
#   'a\u2028b': written 'data:a\ndata:b\n\n', received 'a\nb'
#   '': written '\n\n', received nothing
#
# Here: docs/INTEROP.md, Other servers.
#
# Needs: bash, timeout, Python 3.10 or later with venv, access to the Python package index. Exit
# status: 0 if the output is the same, 1 if it changed, 2 if the packages could not be installed or
# run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/main.py" <<'EOF'
import flask_sse
import sseclient

for data in [" indented", "line\n", "a\u2028b", ""]:
    written = str(flask_sse.Message(data))
    events = sseclient.SSEClient(iter([written.encode()])).events()
    received = ", ".join(ascii(event.data) for event in events) or "nothing"
    print(f"{data!a}: written {written!a}, received {received}")
EOF

expected=''\'' indented'\'': written '\''data: indented\n\n'\'', received '\''indented'\''
'\''line\n'\'': written '\''data:line\n\n'\'', received '\''line'\''
'\''a\u2028b'\'': written '\''data:a\ndata:b\n\n'\'', received '\''a\nb'\''
'\'''\'': written '\''\n\n'\'', received nothing'

actual=$(
    cd "$tmp"
    python3 -m venv venv >&2
    timeout 300 venv/bin/pip install --quiet --disable-pip-version-check \
        Flask-SSE==1.0.0 sseclient-py==1.9.0 >&2
    timeout 60 venv/bin/python -B main.py
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
