// Follows many streams at once, each by an EventSource of its own, until the browser gives each up.
//
// Streams in, as `{ url, types }`; what was dispatched out, as `[type, data, lastEventId]`, or null
// where a source was still at it when the time was over.
(streams) => {
  const LIMIT = 20_000;

  const follow = ({ url, types }) => new Promise((resolve) => {
    const source = new EventSource(url);
    const events = [];
    const isMessage = (event) => event instanceof MessageEvent;
    const end = (result) => {
      source.close();
      clearTimeout(timer);
      resolve(result);
    };
    const timer = setTimeout(() => end(null), LIMIT);
    for (const type of types) {
      source.addEventListener(type, (event) => {
        if (isMessage(event)) events.push([event.type, event.data, event.lastEventId]);
      });
    }
    // A stream may call its own events "error".
    source.addEventListener("error", (event) => {
      if (!isMessage(event) && source.readyState === EventSource.CLOSED) end(events);
    });
  });

  return Promise.all(streams.map(follow));
}
