// Numbered events from NestJS, as `numbers.mjs` says, at /events. The port is in the environment
// variable PORT.

import "reflect-metadata";
import { Controller, Module, Req, Sse } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { from } from "rxjs";
import { events } from "./numbers.mjs";

class Feed {
  events(request) {
    return from(events(request.url, request.headers["last-event-id"]));
  }
}
// Decorators as functions, so that no compiler is needed.
Sse("events")(Feed.prototype, "events", Object.getOwnPropertyDescriptor(Feed.prototype, "events"));
Req()(Feed.prototype, "events", 0);
Controller()(Feed);

class App {}
Module({ controllers: [Feed] })(App);

const app = await NestFactory.create(App, { logger: false });
await app.listen(Number(process.env.PORT), "127.0.0.1");
console.log("listening");
