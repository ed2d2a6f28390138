// Mercure's hub with a history of numbered events of the topic `all`, and of three of the topic
// `three`. The port is in the environment variable PORT; the history is in the current directory.
//
// GET /.well-known/mercure?topic=TOPIC
package main

import (
	"log"
	"os"

	"github.com/dunglas/mercure"
	"go.uber.org/zap"

	"sse-interop/numbers"
)

func main() {
	logger := zap.NewNop()
	_, err := os.Stat(history)
	isNew := os.IsNotExist(err)
	transport, err := mercure.NewBoltTransport(logger, history, "", 0, 0)
	if err != nil {
		log.Fatal(err)
	}
	if isNew {
		publish(transport, "all", numbers.Last)
		publish(transport, "three", 3)
	}
	key := []byte("a key of at least thirty-two bytes")
	hub, err := mercure.NewHub(mercure.WithAnonymous(), mercure.WithTransport(transport),
		mercure.WithPublisherJWT(key, "HS256"), mercure.WithSubscriberJWT(key, "HS256"),
		mercure.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	numbers.Serve(hub, func() { hub.Stop() })
}

const history = "history.db"

func publish(transport mercure.Transport, topic string, last int) {
	dispatch := func(event numbers.Event) {
		update := &mercure.Update{Topics: []string{topic}, Event: mercure.Event{
			ID: topic + "-" + event.ID, Type: event.Type, Data: event.Data}}
		if err := transport.Dispatch(update); err != nil {
			log.Fatal(err)
		}
	}
	for n := 1; n <= last; n++ {
		dispatch(numbers.Tick(n))
	}
	if last == numbers.Last {
		dispatch(numbers.End(last))
	}
}
