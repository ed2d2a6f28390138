// Numbered events from gin, as package numbers says, at GET /events. The port is in the environment
// variable PORT.
package main

import (
	"github.com/gin-contrib/sse"
	"github.com/gin-gonic/gin"

	"sse-interop/numbers"
)

func main() {
	gin.SetMode(gin.ReleaseMode)
	// With gin's recovery.
	router := gin.Default()
	router.GET("/events", func(c *gin.Context) {
		numbers.Read(c.Request).Each(c.Request.Context(), func(event numbers.Event) error {
			c.Render(-1, sse.Event{Id: event.ID, Event: event.Type, Data: event.Data})
			c.Writer.Flush()
			return nil
		})
	})
	numbers.Serve(router, nil)
}
