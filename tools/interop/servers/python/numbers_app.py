"""Numbered events from sse-starlette: those after the last event ID up to a number, then one of the
type `end`. The connection is cut after a number of events.

GET /events?last=N[&cut-after=N][&separator=CRLF|CR|LF][&pause=SECONDS]
"""

import asyncio

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.routing import Route

SEPARATORS = {"CRLF": "\r\n", "CR": "\r", "LF": "\n"}


def payload(n):
    large = "large " * 20_000 if n % 20 == 5 else ""
    return f"{n}\nthe second line of {n}: naïve – 日本語 🦀\n{large}"


class Cut(Exception):
    """Makes uvicorn close the connection in the middle of a body."""


async def events(request):
    query = request.query_params
    last = int(query["last"])
    cut_after = int(query.get("cut-after", 0))
    pause = float(query.get("pause", 0))
    separator = SEPARATORS[query.get("separator", "CRLF")]
    first = int(request.headers.get("last-event-id", 0)) + 1

    async def numbers():
        for n in range(first, last + 1):
            event = ServerSentEvent(
                payload(n), event="tick", id=str(n), retry=20, comment=f"number {n}", sep=separator
            )
            yield event
            await asyncio.sleep(pause)
            if n < last and n - first + 1 == cut_after:
                raise Cut
        yield ServerSentEvent("", event="end", id=str(last + 1), sep=separator)

    return EventSourceResponse(numbers(), sep=separator, ping=1)


app = Starlette(routes=[Route("/events", events)])
