// Numbered events for the servers of this directory, and the queries that they share.

import { EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";

export const payload = (n) => {
  const large = n % 20 === 5 ? "large ".repeat(20_000) : "";
  return `${n}\nthe second line of ${n}: naïve – 日本語 🦀\n${large}`;
};

// Its event `failure` makes the streams fail that are open without further events.
export const failures = new EventEmitter();

// The events after the last event ID up to a number, then one of the type `end`, unless `open-ended` is
// set. Ends, throws, or stays open without further events, after a number of events.
//
// ?last=N[&end-after=N][&cut-after=N][&fail-after=N][&hold-after=N][&open-ended=1]
export async function* events(url, lastEventId, signal) {
  const query = new URL(url, "http://localhost").searchParams;
  const last = Number(query.get("last"));
  const first = Number(lastEventId ?? 0) + 1;
  for (let n = first; n <= last; n++) {
    yield { type: "tick", id: String(n), data: payload(n), retry: 20 };
    const count = n - first + 1;
    if (count === Number(query.get("fail-after"))) {
      // NestJS discards events that it has not sent before a failure.
      await setTimeout(50);
      throw new Error("the source failed");
    }
    if (n < last && count === Number(query.get("end-after"))) return;
    if (n < last && count === Number(query.get("cut-after"))) throw new Error("cut");
    if (n < last && count === Number(query.get("hold-after"))) {
      await new Promise((resolve, reject) => {
        signal?.addEventListener("abort", resolve);
        failures.once("failure", () => reject(new Error("the source failed")));
      });
      return;
    }
  }
  if (!query.has("open-ended")) yield { type: "end", id: String(last + 1), data: "" };
}
