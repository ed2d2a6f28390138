// Package numbers has what the servers of this module share: numbered events, the queries that
// select them, and the start and shutdown of a server.
package numbers

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Last is the number of the last event of a server that publishes its events at its start.
const Last = 300

// Event is a numbered event, or the terminal one.
type Event struct {
	ID, Type, Data string
}

// Tick returns the numbered event n.
func Tick(n int) Event {
	return Event{strconv.Itoa(n), "tick", Payload(n)}
}

// End returns the terminal event of a stream whose last event is n.
func End(n int) Event {
	return Event{strconv.Itoa(n + 1), "end", "end"}
}

// Payload returns the data of the event n.
func Payload(n int) string {
	large := ""
	if n%20 == 5 {
		large = strings.Repeat("large ", 20_000)
	}
	return fmt.Sprintf("%d\nthe second line of %d: naïve – 日本語 🦀\n%s", n, n, large)
}

// Query selects events: those after First up to Last, then a terminal event. The stream ends, fails,
// or stays open without further events, after a number of events.
type Query struct {
	First, Last, EndAfter, FailAfter, HoldAfter int
}

// Read returns the query of a request:
//
//	?last=N[&end-after=N][&fail-after=N][&hold-after=N]
func Read(request *http.Request) Query {
	first, _ := strconv.Atoi(request.Header.Get("Last-Event-ID"))
	return FromValues(first+1, request.URL.Query())
}

// FromValues returns the query with these parameters.
func FromValues(first int, values url.Values) Query {
	number := func(name string) int {
		n, _ := strconv.Atoi(values.Get(name))
		return n
	}
	return Query{first, number("last"), number("end-after"), number("fail-after"), number("hold-after")}
}

// Each calls send with each event. It panics if the query says that the stream fails.
func (q Query) Each(ctx context.Context, send func(Event) error) error {
	for n := q.First; n <= q.Last; n++ {
		if err := send(Tick(n)); err != nil {
			return err
		}
		count := n - q.First + 1
		switch {
		case count == q.FailAfter:
			panic("the source failed")
		case n < q.Last && count == q.EndAfter:
			return nil
		case n < q.Last && count == q.HoldAfter:
			<-ctx.Done()
			return ctx.Err()
		}
	}
	return send(End(q.Last))
}

// Serve serves handler at the port in the environment variable PORT. At SIGTERM it shuts the server
// down, which waits for open requests, calls stop, if any, and closes the connections that are left.
func Serve(handler http.Handler, stop func()) {
	terminated, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	server := http.Server{Handler: handler}
	if stop != nil {
		server.RegisterOnShutdown(stop)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(listener)
	fmt.Println("listening")
	<-terminated.Done()
	grace, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	if server.Shutdown(grace) != nil {
		server.Close()
	}
}
