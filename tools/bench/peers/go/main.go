// Reads event streams with net/http and go-sse, and prints the CPU time per event of the last one.
//
// The arguments are pairs of a URL and the number of its events. All but the last pair warm up.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/tmaxmax/go-sse"
)

type drained struct {
	Events     uint64  `json:"events"`
	DataBytes  uint64  `json:"data_bytes"`
	NsPerEvent float64 `json:"ns_per_event"`
}

func main() {
	log.SetFlags(0)
	pairs := os.Args[1:]
	if len(pairs) == 0 || len(pairs)%2 != 0 {
		log.Fatal("takes pairs of a URL and a number of events")
	}
	var found drained
	for ; len(pairs) > 0; pairs = pairs[2:] {
		expected, err := strconv.ParseUint(pairs[1], 10, 64)
		if err != nil {
			log.Fatal(err)
		}
		if found, err = drain(pairs[0], expected); err != nil {
			log.Fatal(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		log.Fatal(err)
	}
}

func drain(url string, expected uint64) (found drained, err error) {
	response, err := http.Get(url)
	if err != nil {
		return found, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return found, fmt.Errorf("status %s", response.Status)
	}
	var start time.Duration
	for event, err := range sse.Read(response.Body, nil) {
		if err != nil {
			return found, err
		}
		if found.Events == 0 {
			start = cpuTime()
		}
		found.Events++
		found.DataBytes += uint64(len(event.Data))
	}
	if found.Events != expected {
		return found, fmt.Errorf("%d events of %d", found.Events, expected)
	}
	found.NsPerEvent = float64(cpuTime()-start) / float64(expected-1)
	return found, nil
}

// cpuTime returns the CPU time of the process, user and system.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		log.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
