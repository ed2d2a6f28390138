"""Reads event streams with httpx-sse, and prints the CPU time per event of the last one.

The arguments are pairs of a URL and the number of its events. All but the last pair warm up.
"""

import json
import resource
import sys

import httpx
from httpx_sse import connect_sse


def cpu_time():
    """Returns the CPU time of the process, user and system, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def drain(client, url, expected):
    events = 0
    data_bytes = 0
    start = 0.0
    with connect_sse(client, "GET", url) as source:
        source.response.raise_for_status()
        for event in source.iter_sse():
            if events == 0:
                start = cpu_time()
            events += 1
            # The streams are ASCII: characters are bytes.
            data_bytes += len(event.data)
    if events != expected:
        raise SystemExit(f"{events} events of {expected}")
    ns_per_event = (cpu_time() - start) * 1e9 / (expected - 1)
    return {"events": events, "data_bytes": data_bytes, "ns_per_event": ns_per_event}


def main(pairs):
    if not pairs or len(pairs) % 2:
        raise SystemExit("takes pairs of a URL and a number of events")
    with httpx.Client(trust_env=False, timeout=None) as client:
        for url, expected in zip(pairs[::2], pairs[1::2]):
            found = drain(client, url, int(expected))
    print(json.dumps(found))


main(sys.argv[1:])
