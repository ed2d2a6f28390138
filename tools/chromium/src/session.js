// Follows many streams at once, each with a session of sse-reqwest that runs in the page.
//
// The argument is an array of `{ url, begins_with }`. The result has for each stream its events, as
// `[type, data, lastEventId]`, or null if it did not end in time.
async (streams) => {
  const LIMIT = 20_000;

  window.ours ??= import(new URL("/session.js", location)).then(async (module) => {
    await module.default({ module_or_path: new URL("/session_bg.wasm", location) });
    return module;
  });
  const { follow, follow_response } = await window.ours;
  const session = ({ url, begins_with }) =>
    begins_with === "Response" ? follow_response(url) : follow(url);
  const timeout = () => new Promise((resolve) => setTimeout(() => resolve(null), LIMIT));
  return Promise.all(
    streams.map((stream) => Promise.race([session(stream).then(JSON.parse), timeout()])),
  );
}
