#!/usr/bin/env bash
#
# Libraries: github.com/gorilla/handlers 1.5.2 (RecoveryHandler) around the ReverseProxy of the
# standard library (net/http/httputil). Seen with Go 1.26.8.
#
# Behavior: a backend sends one event in a chunked body and closes the connection without the last
# chunk. ReverseProxy reports that with a panic of http.ErrAbortHandler, which tells the server of
# net/http to close the connection to the client as well. RecoveryHandler recovers from this
# panic, as from any other. The handler then returns normally, and the server writes the last
# chunk. The client receives status 200 and a complete body.
#
# Expected instead: RecoveryHandler lets http.ErrAbortHandler through, because this value asks the
# server to abort the response, and the client sees that the body is truncated.
#
# Consequence: adding the handler, which is meant to make a proxy robust, removes the only sign of
# a truncated event stream.
#
# Output seen on 1 December 2026:
#   proxy alone: status 200, "data: 1\n\n", unexpected EOF
#   proxy in RecoveryHandler: status 200, "data: 1\n\n", complete
#
# Here: docs/RELIABILITY.md; docs/guide/real-servers.md. Only expect_terminal detects it.
#
# Needs: bash, Go 1.22 or later, access to Go modules. Exit status: 0 if the output is the same,
# 1 if it changed, 2 if the program could not be built or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/go.mod" <<'EOF'
module finding

go 1.22

require (
	github.com/felixge/httpsnoop v1.0.3 // indirect
	github.com/gorilla/handlers v1.5.2
)
EOF

cat >"$tmp/main.go" <<'EOF'
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"

	"github.com/gorilla/handlers"
)

// truncated sends one event and closes the connection without the last chunk.
func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	io.WriteString(w, "data: 1\n\n")
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// get requests the event stream through handler and prints how its body ends.
func get(name string, handler http.Handler) {
	server := httptest.NewServer(handler)
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		fmt.Printf("%s: no response: %v\n", name, err)
		return
	}
	defer response.Body.Close()
	end := "complete"
	body, err := io.ReadAll(response.Body)
	if err != nil {
		end = err.Error()
	}
	fmt.Printf("%s: status %d, %q, %s\n", name, response.StatusCode, body, end)
}

func main() {
	log.SetOutput(io.Discard)
	backend := httptest.NewServer(http.HandlerFunc(truncated))
	defer backend.Close()
	target, err := url.Parse(backend.URL)
	if err != nil {
		log.Panic(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	get("proxy alone", proxy)
	get("proxy in RecoveryHandler", handlers.RecoveryHandler()(proxy))
}
EOF

expected='proxy alone: status 200, "data: 1\n\n", unexpected EOF
proxy in RecoveryHandler: status 200, "data: 1\n\n", complete'

# A writable module cache, so that the temporary folder can be removed.
export GOMODCACHE=$tmp/modules GOFLAGS='-mod=mod -modcacherw'
actual=$(cd "$tmp" && go run .) || {
    echo "could not build or run the program" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
