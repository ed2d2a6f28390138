// Numbered events from a subscription of tRPC, as `numbers.mjs` says, at /numbers. The query is the
// JSON in `input`. The port is in the environment variable PORT.

import { initTRPC, tracked } from "@trpc/server";
import { createHTTPServer } from "@trpc/server/adapters/standalone";
import { events } from "./numbers.mjs";

const t = initTRPC.create();
const router = t.router({
  numbers: t.procedure
    // The client's last event ID becomes a part of the input.
    .input((input) => input)
    .subscription(async function* ({ input, signal }) {
      const query = new URLSearchParams({ ...input, "open-ended": 1 });
      for await (const event of events(`/?${query}`, input.lastEventId, signal)) {
        yield tracked(event.id, event.data);
      }
    }),
});
const server = createHTTPServer({ router });
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
