"""Numbered events from FastAPI's own event streams: those after the last event ID up to a number,
then one of the type `end`, unless `open-ended` is set. The stream ends regularly, fails, or stays open
without further events, after a number of events. Without a pause before the failure, the body is
truncated instead.

GET /events?last=N[&end-after=N][&fail-after=N][&hold-after=N][&open-ended=1]
"""

import asyncio
from collections.abc import AsyncIterable
from typing import Annotated

from fastapi import FastAPI, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from numbers_app import payload

app = FastAPI()


@app.get("/events", response_class=EventSourceResponse)
async def events(
    last: int,
    end_after: Annotated[int, Query(alias="end-after")] = 0,
    fail_after: Annotated[int, Query(alias="fail-after")] = 0,
    hold_after: Annotated[int, Query(alias="hold-after")] = 0,
    open_ended: Annotated[bool, Query(alias="open-ended")] = False,
    last_event_id: Annotated[int, Header()] = 0,
) -> AsyncIterable[ServerSentEvent]:
    for n in range(last_event_id + 1, last + 1):
        yield ServerSentEvent(raw_data=payload(n), event="tick", id=str(n), retry=20)
        count = n - last_event_id
        if count == fail_after:
            await asyncio.sleep(0.05)
            raise RuntimeError("the source failed")
        if n < last and count == end_after:
            return
        if n < last and count == hold_after:
            await asyncio.Event().wait()
    if not open_ended:
        yield ServerSentEvent(raw_data="", event="end", id=str(last + 1))
