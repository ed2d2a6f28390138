#!/usr/bin/env bash
#
# Library: github.com/tmaxmax/go-sse 0.12.0, its server. Seen with Go 1.26.8.
#
# Behavior: a subscriber has received an event when the program calls Server.Shutdown, as the
# documentation asks for before http.Server.Shutdown. The handler then writes the text of its own
# error into the event stream, as a line without a field name and without a blank line after it, and
# ends the body regularly.
#
# Expected instead: a regular end without further bytes, or a truncated body.
#
# Consequence: clients ignore the line, so it tells nobody about the shutdown. A client that logs
# lines that are no fields, or treats an unfinished event at a regular end as a hidden cut, sees one
# at each deployment.
#
# Output seen on 1 December 2026:
#   first line: "data: hello\n"
#   after Shutdown: "\ngo-sse.server: provider is closed\n", complete
#
# Here: docs/guide/real-servers.md, a bare sentence: the report on the end has the text, and
# expect_complete_events takes it for a cut.
#
# Needs: bash, timeout, Go 1.23 or later, access to Go modules. Exit status: 0 if the output is the
# same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/go.mod" <<'EOF'
module finding

go 1.24

require github.com/tmaxmax/go-sse v0.12.0
EOF

cat >"$tmp/main.go" <<'EOF'
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/tmaxmax/go-sse"
)

func main() {
	events := &sse.Server{}
	server := httptest.NewServer(events)
	client := http.Client{Timeout: 20 * time.Second}

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	go func() {
		// Publishes until the subscriber is there.
		for ctx.Err() == nil {
			message := &sse.Message{}
			message.AppendData("hello")
			if events.Publish(message) != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	response, err := client.Get(server.URL)
	if err != nil {
		log.Fatal(err)
	}
	body := bufio.NewReader(response.Body)
	first, err := body.ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("first line: %q\n", first)
	if err := events.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}
	rest, err := io.ReadAll(body)
	end := "complete"
	if err != nil {
		end = err.Error()
	}
	// Only the bytes after the last event: their number before depends on time.
	last := string(rest)
	for i := len(rest) - 2; i > 0; i-- {
		if rest[i] == '\n' && rest[i-1] == '\n' {
			last = string(rest[i+1:])
			break
		}
	}
	fmt.Printf("after Shutdown: %q, %s\n", last, end)
	server.CloseClientConnections()
	server.Close()
}
EOF

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
expected='first line: "data: hello\n"
after Shutdown: "\ngo-sse.server: provider is closed\n", complete'

actual=$(
    cd "$tmp"
    timeout 300 go build -o finding . >&2
    timeout 60 ./finding
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
