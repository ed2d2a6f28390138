package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"

	"github.com/r3labs/sse/v2"
	gosse "github.com/tmaxmax/go-sse"

	"sse-interop/numbers"
)

// topics are streams of all events, and of three without an end.
var topics = map[string]int{"all": numbers.Last, "three": 3}

// events returns the events of a topic.
func events(last int) []numbers.Event {
	var list []numbers.Event
	for n := 1; n <= last; n++ {
		list = append(list, numbers.Tick(n))
	}
	if last == numbers.Last {
		list = append(list, numbers.End(last))
	}
	return list
}

func goSSE() {
	replayer, err := gosse.NewFiniteReplayer(2*numbers.Last, false)
	if err != nil {
		log.Fatal(err)
	}
	server := &gosse.Server{
		Provider: &gosse.Joe{Replayer: replayer},
		OnSession: func(_ http.ResponseWriter, request *http.Request) ([]string, bool) {
			return []string{request.URL.Path[1:]}, true
		},
	}
	for topic, last := range topics {
		// An event to resume after: a subscription without an ID gets nothing of the history.
		list := append([]numbers.Event{{ID: topic}}, events(last)...)
		for _, event := range list {
			id := event.ID
			if event.Type != "" {
				id = topic + "-" + id
			}
			message := &gosse.Message{ID: gosse.ID(id), Type: gosse.Type(event.Type)}
			// A line break at the end would be dropped.
			data, _ := json.Marshal(event.Data)
			message.AppendData(string(data))
			if err := server.Publish(message, topic); err != nil {
				log.Fatal(err)
			}
		}
	}
	numbers.Serve(server, func() { server.Shutdown(context.Background()) })
}

func r3labs() {
	server := sse.New()
	server.SplitData = true
	for topic, last := range topics {
		server.CreateStream(topic)
		for _, event := range events(last) {
			server.Publish(topic, &sse.Event{Event: []byte(event.Type), Data: []byte(event.Data)})
		}
	}
	numbers.Serve(server, server.Close)
}
