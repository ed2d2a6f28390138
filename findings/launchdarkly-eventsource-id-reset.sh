#!/usr/bin/env bash
#
# Library: github.com/launchdarkly/eventsource 1.11.0, its client. Seen with Go 1.26.8.
#
# Behavior: a server sends an event with the ID 1 on its first connection and an event with an empty
# ID, which resets the last event ID, on its second. The events say so: their LastEventID is "1" and
# "". The third request still has "Last-Event-ID: 1", because the header, once set, stays on the
# request that is used for all connections.
#
# Expected instead: a request without Last-Event-ID, as the standard has it after a reset.
#
# Consequence: a server that resets the ID, because its history is gone or because a snapshot
# follows, is asked again to resume after an event that it has disowned. What it then sends (all
# events, none, an error) is for an ID that the client no longer holds.
#
# Output seen on 1 December 2026:
#   events: one (last ID "1"), two (last ID "")
#   Last-Event-ID of the requests: none, 1, 1
#
# Here: an empty ID resets the last event ID, and the next request has none (docs/CONFORMANCE.md).
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

require github.com/launchdarkly/eventsource v1.11.0
EOF

cat >"$tmp/main.go" <<'EOF'
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/launchdarkly/eventsource"
)

func main() {
	ids := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := "none"
		if values := r.Header.Values("Last-Event-ID"); len(values) > 0 {
			id = strings.Join(values, " and ")
		}
		ids <- id
		w.Header().Set("Content-Type", "text/event-stream")
		switch len(ids) {
		case 1:
			io.WriteString(w, "id: 1\ndata: one\n\n")
			return
		case 2:
			io.WriteString(w, "id:\ndata: two\n\n")
			return
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))

	stream, err := eventsource.SubscribeWithURL(
		server.URL, eventsource.StreamOptionInitialRetry(10*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for range stream.Errors {
		}
	}()
	var events []string
	for len(events) < 2 {
		event := <-stream.Events
		last := event.(eventsource.EventWithLastID).LastEventID()
		events = append(events, fmt.Sprintf("%s (last ID %q)", event.Data(), last))
	}
	fmt.Printf("events: %s\n", strings.Join(events, ", "))
	for len(ids) < 3 {
		time.Sleep(time.Millisecond)
	}
	fmt.Printf("Last-Event-ID of the requests: %s, %s, %s\n", <-ids, <-ids, <-ids)
	os.Exit(0)
}
EOF

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
expected='events: one (last ID "1"), two (last ID "")
Last-Event-ID of the requests: none, 1, 1'

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
