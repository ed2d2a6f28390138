// MCP server from the official SDK, with an event store and a tool, `trigger-long-running-operation`,
// which sends its progress at once. The port is in the environment variable PORT.
package main

import (
	"context"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"sse-interop/numbers"
)

type arguments struct {
	Steps    int `json:"steps"`
	Duration int `json:"duration"`
}

func operate(ctx context.Context, request *mcp.CallToolRequest, in arguments) (*mcp.CallToolResult, any, error) {
	for n := 1; n <= in.Steps; n++ {
		progress := &mcp.ProgressNotificationParams{
			Progress:      float64(n),
			Total:         float64(in.Steps),
			ProgressToken: request.Params.GetProgressToken(),
		}
		if err := request.Session.NotifyProgress(ctx, progress); err != nil {
			return nil, nil, err
		}
	}
	text := &mcp.TextContent{Text: "Long running operation completed."}
	return &mcp.CallToolResult{Content: []mcp.Content{text}}, nil, nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "numbers", Version: "1"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "trigger-long-running-operation"}, operate)
	of := func(*http.Request) *mcp.Server { return server }
	options := &mcp.StreamableHTTPOptions{EventStore: mcp.NewMemoryEventStore(nil)}
	numbers.Serve(mcp.NewStreamableHTTPHandler(of, options), nil)
}
