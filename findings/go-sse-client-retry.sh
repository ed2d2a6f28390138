#!/usr/bin/env bash
#
# Library: github.com/tmaxmax/go-sse 0.12.0, its client. Seen with Go 1.26.8.
#
# Behavior: a server sends "retry: 4000" and an event on its first connection, and ends each
# connection regularly. The client waits about 4 s before its second connection, and its own 0.5 s
# before the third: accepting a response resets the interval to the one configured. And a Jitter of
# -1, which the documentation gives for "no randomization", is replaced by the default of 0.5 when a
# connection is made, so that waits of 500 ms vary from 250 to 750 ms.
#
# Expected instead: the standard keeps the reconnection time until the server sends another one, as
# browsers do; and equal waits with a Jitter of -1.
#
# Consequence: a server that sends "retry" once, at the beginning of a feed, to spread its load is
# obeyed for one reconnection.
#
# Output seen on 1 December 2026:
#   waits with "retry: 4000" on the first connection: above 1.9 s, below 1.9 s, below 1.9 s
#   20 waits with a Jitter of -1: not equal
#
# Here: a server's "retry" holds for the session until the next one (docs/RELIABILITY.md).
# docs/COMPARISON.md, Clients of other languages.
#
# Needs: bash, timeout, Go 1.24 or later, access to Go modules. Exit status: 0 if the output is the
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
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tmaxmax/go-sse"
)

// Returns the first waits between connections that the client announces.
func waits(url string, backoff sse.Backoff, count int) []time.Duration {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		log.Fatal(err)
	}
	var announced []time.Duration
	client := sse.Client{
		Backoff: backoff,
		OnRetry: func(_ error, wait time.Duration) {
			if announced = append(announced, wait); len(announced) == count {
				cancel()
			}
		},
	}
	client.NewConnection(request).Connect()
	return announced
}

func main() {
	var connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		if connections.Add(1) == 1 {
			io.WriteString(w, "retry: 4000\n")
		}
		io.WriteString(w, "data: an event\n\n")
	}))

	// With the default jitter of half the wait, 4 s are 2 s or more, and 0.5 s are 0.75 s or less.
	var seen []string
	for _, wait := range waits(server.URL, sse.Backoff{}, 3) {
		how := "below"
		if wait >= 1900*time.Millisecond {
			how = "above"
		}
		seen = append(seen, how+" 1.9 s")
	}
	fmt.Printf("waits with \"retry: 4000\" on the first connection: %s\n", strings.Join(seen, ", "))

	fixed := sse.Backoff{InitialInterval: 20 * time.Millisecond, Multiplier: 1, Jitter: -1}
	how := "equal"
	all := waits(server.URL, fixed, 20)
	for _, wait := range all {
		if wait != all[0] {
			how = "not equal"
		}
	}
	fmt.Printf("%d waits with a Jitter of -1: %s\n", len(all), how)
}
EOF

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
expected='waits with "retry: 4000" on the first connection: above 1.9 s, below 1.9 s, below 1.9 s
20 waits with a Jitter of -1: not equal'

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
