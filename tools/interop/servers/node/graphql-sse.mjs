// Numbered events from graphql-sse on Node's HTTP server, as `numbers.mjs` says. The port is in the
// environment variable PORT.
//
// POST / with subscription { numbers(last: N, failAfter: N, holdAfter: N) }

import { createServer } from "node:http";
import { buildSchema } from "graphql";
import { createHandler } from "graphql-sse/lib/use/http";
import { events } from "./numbers.mjs";

const schema = buildSchema(`
  type Query { name: String }
  type Subscription { numbers(last: Int!, failAfter: Int, holdAfter: Int): String }
`);
async function* numbers({ last, failAfter, holdAfter }) {
  const query = { last, "open-ended": 1 };
  if (failAfter) query["fail-after"] = failAfter;
  if (holdAfter) query["hold-after"] = holdAfter;
  for await (const event of events(`/?${new URLSearchParams(query)}`)) yield { numbers: event.data };
}
schema.getSubscriptionType().getFields().numbers.subscribe = (_, variables) => numbers(variables);
const handler = createHandler({ schema });
// As in the package's documentation, but a failure ends the response, and not the process.
const server = createServer((request, response) =>
  handler(request, response).catch(() => response.destroy()),
);
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
