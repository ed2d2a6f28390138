#!/usr/bin/env bash
#
# Library: github.com/r3labs/sse/v2 2.10.0 and github.com/tmaxmax/go-sse 0.12.0, their clients. Seen
# with Go 1.26.8.
#
# Behavior: a server sends an event of 100,000 bytes and a small one, and keeps the connection open.
# The client of r3labs returns neither of them and no error: it closes the connection and connects
# again, with a growing delay, again and again. The client of go-sse returns an error after the
# first connection. Both read with a bufio.Scanner of 64 KiB, of which go-sse can raise the limit
# with Connection.Buffer, and r3labs with ClientMaxBufferSize.
#
# Expected instead: both events, or an error that names the limit.
#
# Consequence: the first event above 64 KiB stops a feed for good. With r3labs nothing says why: the
# program waits, and the server sees a reconnection every few seconds.
#
# Output seen on 1 December 2026:
#   r3labs: 0 of 2 events, more than one connection, no error
#   go-sse: 0 of 2 events, one connection, bufio.Scanner: token too long
#
# Here: the limit of an event is 16 MiB, an option, and exceeding it is an error that names it
# (docs/RELIABILITY.md). docs/INTEROP.md, Clients of other projects.
#
# Needs: bash, timeout, Go 1.23 or later, access to Go modules. Exit status: 0 if the output is the
# same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/go.mod" <<'EOF'
module finding

go 1.24

require (
	github.com/r3labs/sse/v2 v2.10.0
	github.com/tmaxmax/go-sse v0.12.0
)

require (
	golang.org/x/net v0.0.0-20191116160921-f9c825593386 // indirect
	gopkg.in/cenkalti/backoff.v1 v1.1.0 // indirect
)
EOF

cat >"$tmp/main.go" <<'EOF'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"time"

	r3labs "github.com/r3labs/sse/v2"
	tmaxmax "github.com/tmaxmax/go-sse"
)

func report(name string, events, connections *atomic.Int32, err error) {
	how := "one connection"
	if connections.Load() > 1 {
		how = "more than one connection"
	}
	end := "no error"
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		parts := strings.SplitN(err.Error(), "lost: ", 2)
		end = parts[len(parts)-1]
	}
	fmt.Printf("%s: %d of 2 events, %s, %s\n", name, events.Load(), how, end)
	events.Store(0)
	connections.Store(0)
}

func main() {
	var events, connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections.Add(1)
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: "+strings.Repeat("x", 100_000)+"\n\ndata: small\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	client := r3labs.NewClient(server.URL)
	returned := make(chan error, 1)
	go func() {
		returned <- client.SubscribeRawWithContext(ctx, func(*r3labs.Event) { events.Add(1) })
	}()
	var err error
	select {
	case err = <-returned:
	case <-ctx.Done():
	}
	report("r3labs", &events, &connections, err)

	ctx, cancel = context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	other := tmaxmax.Client{Backoff: tmaxmax.Backoff{MaxRetries: -1}}
	connection := other.NewConnection(request)
	connection.SubscribeToAll(func(tmaxmax.Event) { events.Add(1) })
	err = connection.Connect()
	report("go-sse", &events, &connections, err)
	os.Exit(0)
}
EOF

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
expected='r3labs: 0 of 2 events, more than one connection, no error
go-sse: 0 of 2 events, one connection, bufio.Scanner: token too long'

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
