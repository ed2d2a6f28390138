#!/usr/bin/env bash
#
# Library: github.com/r3labs/sse/v2 2.10.0, its server. Seen with Go 1.26.8.
#
# Behavior: with AutoReplay off, the server writes the IDs of the application, and an empty ID for
# an event without one. It responds with status 400 to a Last-Event-ID that is not a number, so also
# to an ID that it has just sent. With AutoReplay on, the default, it replaces the IDs by its own
# numbers, and repeats the event that the client names as its last. An event with empty data ends
# the stream of every subscriber: the body is complete, and later events are not in it.
#
# Expected instead: no id field for an event without an ID, because an empty one clears the last
# event ID of the client; IDs that the server accepts when they come back; replay that begins after
# the last event; a stream that outlives an empty event.
#
# Consequence: an EventSource that reconnects after "id: a1" fails for good. After an event without
# ID a client resumes from nowhere. With replay each reconnection delivers one event twice.
#
# Output seen on 1 December 2026:
#   AutoReplay off: "id: a1\ndata: 1\n\nid: \ndata: 2\n\n", complete
#   AutoReplay off, Last-Event-ID a1: status 400 "Last-Event-ID must be a number!\n"
#   AutoReplay on: "id: 0\ndata: 1\n\nid: 1\ndata: 2\n\n", complete
#   AutoReplay on, Last-Event-ID 1: status 200 "id: 1\ndata: 2\n\n"
#
# Here: docs/INTEROP.md, Other servers; docs/guide/real-servers.md, Peculiarities of servers.
# replace_last_event_id can forget or replace an ID.
#
# Needs: bash, timeout, Go 1.23 or later, access to Go modules. Exit status: 0 if the output is the
# same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/go.mod" <<'EOF'
module finding

go 1.23

require github.com/r3labs/sse/v2 v2.10.0

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
	"time"

	"github.com/r3labs/sse/v2"
)

// get reads the stream until it ends or limit has passed.
func get(url, id string, limit time.Duration, opened func()) (status int, body string, end string) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		log.Fatal(err)
	}
	if id != "" {
		request.Header.Set("Last-Event-ID", id)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	opened()
	bytes, err := io.ReadAll(response.Body)
	end = "complete"
	if errors.Is(err, context.DeadlineExceeded) {
		end = "open"
	} else if err != nil {
		end = err.Error()
	}
	return response.StatusCode, string(bytes), end
}

func main() {
	for _, replay := range []bool{false, true} {
		name, id := "AutoReplay off", "a1"
		if replay {
			name, id = "AutoReplay on", "1"
		}
		events := sse.New()
		events.AutoReplay = replay
		events.CreateStream("feed")
		server := httptest.NewServer(events)
		url := server.URL + "/?stream=feed"
		_, body, end := get(url, "", 5*time.Second, func() {
			events.Publish("feed", &sse.Event{ID: []byte("a1"), Data: []byte("1")})
			events.Publish("feed", &sse.Event{Data: []byte("2")})
			events.Publish("feed", &sse.Event{Data: []byte("")})
			events.Publish("feed", &sse.Event{Data: []byte("3")})
		})
		fmt.Printf("%s: %q, %s\n", name, body, end)
		if replay {
			// Leaves the empty event out of the replay, which would end it.
			events.Close()
			events = sse.New()
			events.CreateStream("feed")
			server.Config.Handler = events
			events.Publish("feed", &sse.Event{Data: []byte("1")})
			events.Publish("feed", &sse.Event{Data: []byte("2")})
			time.Sleep(200 * time.Millisecond)
		}
		status, body, _ := get(url, id, time.Second, func() {})
		fmt.Printf("%s, Last-Event-ID %s: status %d %q\n", name, id, status, body)
		events.Close()
		server.CloseClientConnections()
		server.Close()
	}
}
EOF

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
expected='AutoReplay off: "id: a1\ndata: 1\n\nid: \ndata: 2\n\n", complete
AutoReplay off, Last-Event-ID a1: status 400 "Last-Event-ID must be a number!\n"
AutoReplay on: "id: 0\ndata: 1\n\nid: 1\ndata: 2\n\n", complete
AutoReplay on, Last-Event-ID 1: status 200 "id: 1\ndata: 2\n\n"'

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
