// Numbered events from better-sse: those after the last event ID up to a number, then one of the type
// `end`. The connection is cut, or stays open without further events, after a number of events.
//
// GET /events?last=N[&cut-after=N][&hold-after=N], at the port in the environment variable PORT.

import { createServer } from "node:http";
import { createSession } from "better-sse";

const payload = (n) => {
  const large = n % 20 === 5 ? "large ".repeat(20_000) : "";
  return `${n}\nthe second line of ${n}: naïve – 日本語 🦀\n${large}`;
};

const server = createServer(async (request, response) => {
  const query = new URL(request.url, "http://localhost").searchParams;
  const last = Number(query.get("last"));
  const cutAfter = Number(query.get("cut-after") ?? Infinity);
  const holdAfter = Number(query.get("hold-after") ?? Infinity);
  const session = await createSession(request, response, { retry: 20 });
  const first = Number(session.lastId) + 1;
  for (let n = first; n <= last && session.isConnected; n++) {
    session.push(payload(n), "tick", String(n));
    // Lets the socket send the event.
    await new Promise((resolve) => setImmediate(resolve));
    if (n < last && n - first + 1 === cutAfter) {
      request.socket.destroy();
      return;
    }
    if (n < last && n - first + 1 === holdAfter) return;
  }
  session.push("", "end", String(last + 1));
});

server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
