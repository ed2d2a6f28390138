#!/usr/bin/env bash
#
# Library: github.com/gofiber/fiber/v3 3.1.0 (middleware/compress). Seen with Go 1.26.8.
#
# Behavior: a handler returns a stream of three events with SendStreamWriter and flushes each.
# Without middleware, each event arrives at once. With compress.New(), nothing arrives, not even
# the head, until the stream ends: to learn whether the body is empty, the middleware reads the
# whole stream into memory. It does so for every request. A request with "Accept-Encoding: identity"
# and a response with "Cache-Control: no-transform", which are not compressed, are delayed as well.
# These three events are not compressed for gzip either, because they are shorter than 200 bytes.
#
# Expected instead: the middleware compresses a stream piece by piece, as that of Fiber 2 does for
# gzip, or leaves it as it is.
#
# Consequence: behind this middleware, no client receives the head of an event stream before the
# stream ends. Neither the client nor the response can opt out: the server has to exclude the route
# from the middleware, with its option Next.
#
# Output seen on 1 December 2026:
#   no middleware: 3 of 3 events before the end
#   compress, gzip accepted: 0 of 3 events before the end, content-encoding ""
#   compress, identity: 0 of 3 events before the end, content-encoding ""
#   compress, no-transform: 0 of 3 events before the end, content-encoding ""
#
# Here: docs/INTEROP.md, Compression middleware.
#
# Needs: bash, Go 1.25 or later, access to Go modules. Exit status: 0 if the output is the same,
# 1 if it changed, 2 if the program could not be built or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/go.mod" <<'EOF'
module finding

go 1.25.0

require github.com/gofiber/fiber/v3 v3.1.0
EOF

cat >"$tmp/main.go" <<'EOF'
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/compress"
)

const total = 3

// start serves a stream of events that ends when mayEnd is closed.
func start(mayEnd chan struct{}, middleware ...any) string {
	app := fiber.New()
	for _, handler := range middleware {
		app.Use(handler)
	}
	app.Get("/*", func(c fiber.Ctx) error {
		c.Set("Content-Type", "text/event-stream")
		c.Set("Cache-Control", c.Params("*"))
		return c.SendStreamWriter(func(w *bufio.Writer) {
			for number := 1; number <= total; number++ {
				fmt.Fprintf(w, "id: %d\ndata: event %d\n\n", number, number)
				w.Flush()
			}
			<-mayEnd
		})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go app.Listener(listener, fiber.ListenConfig{DisableStartupMessage: true})
	return "http://" + listener.Addr().String()
}

// get prints how many events arrive within a second, while the response cannot end.
func get(name, path, accept string, middleware ...any) {
	mayEnd := make(chan struct{})
	request, err := http.NewRequest("GET", start(mayEnd, middleware...)+"/"+path, nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", accept)
	events := make(chan struct{}, total)
	coding := make(chan string, 1)
	go func() {
		defer close(events)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			log.Fatal(err)
		}
		defer response.Body.Close()
		coding <- response.Header.Get("Content-Encoding")
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "data: ") {
				events <- struct{}{}
			}
		}
	}()
	early := 0
	timeout := time.After(time.Second)
	for waiting := true; waiting && early < total; {
		select {
		case <-events:
			early++
		case <-timeout:
			waiting = false
		}
	}
	close(mayEnd)
	all := early
	for range events {
		all++
	}
	if all != total {
		log.Fatalf("%s: %d events", name, all)
	}
	fmt.Printf("%s: %d of %d events before the end, content-encoding %q\n", name, early, total, <-coding)
}

func main() {
	get("no middleware", "no-cache", "gzip")
	get("compress, gzip accepted", "no-cache", "gzip", compress.New())
	get("compress, identity", "no-cache", "identity", compress.New())
	get("compress, no-transform", "no-transform", "gzip", compress.New())
}
EOF

expected='no middleware: 3 of 3 events before the end, content-encoding ""
compress, gzip accepted: 0 of 3 events before the end, content-encoding ""
compress, identity: 0 of 3 events before the end, content-encoding ""
compress, no-transform: 0 of 3 events before the end, content-encoding ""'

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
