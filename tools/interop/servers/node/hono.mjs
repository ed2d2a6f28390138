// Numbered events from Hono, as `numbers.mjs` says: at /events, and at /reported with an `onError`.
// The port is in the environment variable PORT.

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { events } from "./numbers.mjs";

const handler = (onError) => (context) =>
  streamSSE(
    context,
    async (stream) => {
      for await (const event of events(context.req.url, context.req.header("last-event-id"))) {
        const { type, ...rest } = event;
        await stream.writeSSE({ event: type, ...rest });
      }
    },
    onError,
  );

const app = new Hono();
app.get("/events", handler());
app.get("/reported", handler(async () => {}));
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" }, () =>
  console.log("listening"),
);
