// Follows many streams at once, each with its own EventSource, until the browser closes it.
//
// The argument is an array of `{ url, types }`. The result has for each stream its events, as
// `[type, data, lastEventId]`, or null if it did not end in time.
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
    // An event of the stream may have the type "error" too.
    source.addEventListener("error", (event) => {
      if (!isMessage(event) && source.readyState === EventSource.CLOSED) end(events);
    });
  });

  return Promise.all(streams.map(follow));
}
