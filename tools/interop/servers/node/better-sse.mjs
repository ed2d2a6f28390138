// Numbered events from better-sse, as `numbers.mjs` says, at /events. The port is in the
// environment variable PORT.

import { createServer } from "node:http";
import { setImmediate } from "node:timers/promises";
import { createSession } from "better-sse";
import { events } from "./numbers.mjs";

const server = createServer(async (request, response) => {
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  const session = await createSession(request, response, { retry: 20 });
  try {
    for await (const event of events(request.url, session.lastId, abort.signal)) {
      if (abort.signal.aborted) return;
      session.push(event.data, event.type, event.id);
      // Lets the socket send the event.
      await setImmediate();
    }
    // A session has no method that ends the response.
    response.end();
  } catch {
    response.destroy();
  }
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
