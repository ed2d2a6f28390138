// Follows many streams at once, each with a session that runs in the page: of sse-reqwest, or over
// the transport of the example `fetch-session`.
//
// The argument is an array of `{ url, kind }`. The result has for each stream its events, as
// `[type, data, lastEventId]`, or null if it did not end in time.
async (streams) => {
  const LIMIT = 20_000;

  window.ours ??= import(new URL("/session.js", location)).then(async (module) => {
    await module.default({ module_or_path: new URL("/session_bg.wasm", location) });
    return module;
  });
  const { follow_request, follow_response, follow_fetch } = await window.ours;
  const functions = { Request: follow_request, Response: follow_response, Fetch: follow_fetch };
  const session = ({ url, kind }) => functions[kind](url);
  const timeout = () => new Promise((resolve) => setTimeout(() => resolve(null), LIMIT));
  return Promise.all(
    streams.map((stream) => Promise.race([session(stream).then(JSON.parse), timeout()])),
  );
}
