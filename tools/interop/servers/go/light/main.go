// Servers with few dependencies. The first argument is the name of one. The port is in the
// environment variable PORT.
//
//   - net-http: GET /events, as package numbers says, by hand.
//   - go-sse: GET /all and /three, from the server of tmaxmax/go-sse, with a history.
//   - r3labs: GET /events?stream=all, and three, from r3labs/sse, with a history.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"sse-interop/numbers"
)

func main() {
	servers := map[string]func(){"net-http": netHTTP, "go-sse": goSSE, "r3labs": r3labs}
	if len(os.Args) != 2 || servers[os.Args[1]] == nil {
		log.Fatal("expected the name of a server")
	}
	servers[os.Args[1]]()
}

func netHTTP() {
	handler := func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		controller := http.NewResponseController(w)
		send := func(event numbers.Event) error {
			data := strings.ReplaceAll(event.Data, "\n", "\ndata: ")
			fmt.Fprintf(w, "id: %s\nevent: %s\ndata: %s\n\n", event.ID, event.Type, data)
			return controller.Flush()
		}
		numbers.Read(request).Each(request.Context(), send)
	}
	numbers.Serve(http.HandlerFunc(handler), nil)
}
