#!/usr/bin/env bash
#
# Library: NestJS 12.5.1 (@nestjs/core, @nestjs/common, @nestjs/platform-express), rxjs 7.8.2.
# Seen on Node.js 20.20.2.
#
# Behavior: a handler with @Sse returns an Observable whose events carry the application's own
# IDs, 41 to 43. Then the Observable fails. NestJS writes an event of type "error", ends the body
# regularly, and gives that event an ID from a counter of its own, which starts at 1.
#
# Expected instead: an error event without an ID. An event without an ID leaves the last event ID
# of the client as it is, so the client resumes after event 43.
#
# Consequence: the last event ID of a client that follows the standard is now 1. It reconnects
# with "Last-Event-ID: 1", an ID the application never assigned. The application replays from the
# wrong position, or rejects the ID.
#
# Output seen on 1 December 2026:
#   status 200, body complete
#   events: 41 message, 42 message, 43 message, 1 error
#   last event ID: 1
#
# Here: docs/RELIABILITY.md; docs/INTEROP.md, FastAPI, Hono and NestJS.
#
# Needs: bash, Node.js 20 or later, npm, access to the npm registry. Exit status: 0 if the output
# is the same, 1 if it changed, 2 if the packages could not be installed or run.

set -euo pipefail

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/package.json" <<'EOF'
{
  "private": true,
  "dependencies": {
    "@nestjs/common": "12.5.1",
    "@nestjs/core": "12.5.1",
    "@nestjs/platform-express": "12.5.1",
    "reflect-metadata": "0.2.2",
    "rxjs": "7.8.2"
  }
}
EOF

cat >"$tmp/main.mjs" <<'EOF'
import 'reflect-metadata';
import { Controller, Module, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Observable } from 'rxjs';

class Feed {
  events() {
    return new Observable((subscriber) => {
      let id = 41;
      const timer = setInterval(() => {
        if (id <= 43) {
          subscriber.next({ id: String(id), data: `event ${id}` });
          id += 1;
        } else {
          subscriber.error(new Error('the source failed'));
        }
      }, 20);
      return () => clearInterval(timer);
    });
  }
}

// Applies the decorators as functions, so that no compiler is needed.
Sse('events')(Feed.prototype, 'events', Object.getOwnPropertyDescriptor(Feed.prototype, 'events'));
Controller()(Feed);
class App {}
Module({ controllers: [Feed] })(App);

const app = await NestFactory.create(App, { logger: false });
await app.listen(0, '127.0.0.1');
const { port } = app.getHttpServer().address();
const response = await fetch(`http://127.0.0.1:${port}/events`);
// Rejects if the body is truncated.
const body = await response.text();
await app.close();

console.log(`status ${response.status}, body complete`);
const field = (block, name) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
const events = body
  .split('\n\n')
  .map((block) => ({ id: field(block, 'id'), type: field(block, 'event') ?? 'message' }))
  .filter(({ id }) => id !== undefined);
console.log(`events: ${events.map(({ id, type }) => `${id} ${type}`).join(', ')}`);
console.log(`last event ID: ${events.at(-1).id}`);
EOF

expected='status 200, body complete
events: 41 message, 42 message, 43 message, 1 error
last event ID: 1'

actual=$(
    cd "$tmp"
    npm install --ignore-scripts --no-audit --no-fund --silent >&2
    node main.mjs
) || {
    echo "could not install or run the packages" >&2
    exit 2
}
printf '%s\n' "$actual"

if [[ $actual != "$expected" ]]; then
    printf 'changed: the output differs from what was recorded, which was:\n%s\n' "$expected" >&2
    exit 1
fi
echo "unchanged"
