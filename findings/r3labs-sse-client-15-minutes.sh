#!/usr/bin/env bash
#
# Library: github.com/r3labs/sse/v2 2.10.0, its client, with the default backoff, an
# ExponentialBackOff of gopkg.in/cenkalti/backoff.v1 1.1.0. Seen with Go 1.26.8.
#
# Behavior: a connection that is cut within 15 minutes of Subscribe is opened again. The backoff
# counts its maximum of 15 minutes from Subscribe on, and is not reset by a connection that brought
# events: if the first cut comes later, Subscribe returns the error of that cut and does not
# reconnect. If the server ends the body regularly, Subscribe returns nil at once, at any time.
# Here the clock of the backoff, and nothing else, is set forward.
#
# Expected instead: a reconnection, as the standard has it: attempts are counted from the
# disconnect, however long the connection was healthy.
#
# Consequence: a feed that ran for longer than a quarter of an hour ends at its first disconnect,
# unless the caller subscribes in a loop. Tests that cut connections early do not show it.
#
# Output seen on 1 December 2026:
#   cut after 1 minute: 2 connections
#   cut after 16 minutes: 1 connection, Subscribe returns unexpected EOF
#   ended regularly after 1 minute: 1 connection, Subscribe returns nil
#
# Here: attempts are counted since the last healthy connection, and a regular end is followed by a
# reconnection (docs/RELIABILITY.md). docs/COMPARISON.md, Clients of other languages.
#
# Needs: bash, timeout, Go 1.24 or later, access to Go modules. Exit status: 0 if the output is the
# same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/go.mod" <<'EOF'
module finding

go 1.24

require (
	github.com/r3labs/sse/v2 v2.10.0
	gopkg.in/cenkalti/backoff.v1 v1.1.0
)

require golang.org/x/net v0.0.0-20191116160921-f9c825593386 // indirect
EOF

cat >"$tmp/main.go" <<'EOF'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"time"

	"github.com/r3labs/sse/v2"
	"gopkg.in/cenkalti/backoff.v1"
)

// A clock that can be set forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Subscribes, ends the first connection after its event, with that much time gone by, and reports
// what follows.
func run(name string, after time.Duration, cut bool) {
	var connections atomic.Int32
	second := make(chan struct{})
	received := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, "data: an event\n\n")
		w.(http.Flusher).Flush()
		if connections.Add(1) > 1 {
			close(second)
			<-r.Context().Done()
			return
		}
		<-received
		if cut {
			panic(http.ErrAbortHandler)
		}
	}))

	now := &clock{}
	strategy := backoff.NewExponentialBackOff()
	strategy.Clock = now
	strategy.Reset()
	client := sse.NewClient(server.URL)
	client.ReconnectStrategy = strategy
	returned := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		returned <- client.SubscribeRawWithContext(ctx, func(*sse.Event) {
			if now.ahead.Swap(int64(after)) == 0 {
				received <- struct{}{}
			}
		})
	}()

	select {
	case err := <-returned:
		how := "nil"
		if err != nil {
			how = err.Error()
		}
		fmt.Printf("%s: %d connection, Subscribe returns %s\n", name, connections.Load(), how)
	case <-second:
		fmt.Printf("%s: 2 connections\n", name)
	}
}

func main() {
	run("cut after 1 minute", time.Minute, true)
	run("cut after 16 minutes", 16*time.Minute, true)
	run("ended regularly after 1 minute", time.Minute, false)
	os.Exit(0)
}
EOF

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
expected='cut after 1 minute: 2 connections
cut after 16 minutes: 1 connection, Subscribe returns unexpected EOF
ended regularly after 1 minute: 1 connection, Subscribe returns nil'

actual=$(
    cd "$tmp"
    timeout 300 go build -o finding . >&2
    timeout 60 ./finding 2>"$tmp/log"
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
