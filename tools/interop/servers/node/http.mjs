// Numbered events from Node's HTTP server, by hand, as `numbers.mjs` says, at /events. A request for
// /fail makes the streams fail that are open without further events. The port is in the environment
// variable PORT.

import { once } from "node:events";
import { createServer } from "node:http";
import { events, failures } from "./numbers.mjs";

const server = createServer(async (request, response) => {
  if (request.url === "/fail") {
    failures.emit("failure");
    response.end();
    return;
  }
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  response.setHeader("content-type", "text/event-stream");
  try {
    const { signal } = abort;
    for await (const event of events(request.url, request.headers["last-event-id"], signal)) {
      const data = event.data.replaceAll("\n", "\ndata: ");
      const block = `id: ${event.id}\nevent: ${event.type}\ndata: ${data}\n\n`;
      if (!response.write(block)) await once(response, "drain", { signal });
    }
    response.end();
  } catch {
    response.destroy();
  }
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
