// Numbered events from a subscription of gqlgen, in the "distinct connections mode" of GraphQL over
// SSE, as package numbers says. The port is in the environment variable PORT.
//
// POST / with subscription { numbers(last: N, failAfter: N, holdAfter: N) }
package main

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"sse-interop/numbers"
)

const schema = `
type Query { name: String! }
type Subscription { numbers(last: Int!, failAfter: Int, holdAfter: Int): String! }`

// exec is what gqlgen generates for schema, by hand.
func exec(ctx context.Context) graphql.ResponseHandler {
	operation := graphql.GetOperationContext(ctx)
	field := operation.Operation.SelectionSet[0].(*ast.Field)
	arguments := field.ArgumentMap(operation.Variables)
	number := func(name string) int {
		n, _ := arguments[name].(int64)
		return int(n)
	}
	query := numbers.Query{
		First: 1, Last: number("last"), FailAfter: number("failAfter"), HoldAfter: number("holdAfter"),
	}
	n := 0
	return func(context.Context) *graphql.Response {
		switch {
		case n == query.FailAfter && n > 0:
			panic("the source failed")
		case n == query.HoldAfter && n > 0:
			<-ctx.Done()
			return nil
		case n == query.Last:
			return nil
		}
		n++
		data, _ := json.Marshal(map[string]string{"numbers": numbers.Payload(n)})
		return &graphql.Response{Data: data}
	}
}

func main() {
	document := gqlparser.MustLoadSchema(&ast.Source{Input: schema})
	server := handler.New(&graphql.ExecutableSchemaMock{
		ExecFunc:   exec,
		SchemaFunc: func() *ast.Schema { return document },
		ComplexityFunc: func(context.Context, string, string, int, map[string]any) (int, bool) {
			return 0, false
		},
	})
	server.AddTransport(transport.SSE{})
	numbers.Serve(server, nil)
}
