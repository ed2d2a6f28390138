// Numbered events from the reference server of Durable Streams: the stream /all has all, with the
// data of `numbers.mjs`, and is closed; /three has three and stays open. The port is in the
// environment variable PORT.
//
// GET /all?live=sse&offset=OFFSET

import { DurableStreamTestServer } from "@durable-streams/server";
import { payload } from "./numbers.mjs";

const server = new DurableStreamTestServer({ port: Number(process.env.PORT), host: "127.0.0.1" });
await server.start();

async function send(method, path, body, headers) {
  const url = `http://127.0.0.1:${process.env.PORT}${path}`;
  headers = { "content-type": "text/plain", ...headers };
  const response = await fetch(url, { method, body, headers });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
}
for (const [path, last] of [["/all", 300], ["/three", 3]]) {
  await send("PUT", path);
  for (let n = 1; n <= last; n++) await send("POST", path, payload(n));
}
await send("POST", "/all", undefined, { "stream-closed": "true" });
console.log("listening");
