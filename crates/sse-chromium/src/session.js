// Follows many streams at once, each by a session of ours that runs in the page.
//
// Streams in, as `{ url, begins_with }`; what they gave out, as `[type, data, lastEventId]`, or null where one was
// still at it when the time was over.
async (streams) => {
  const LIMIT = 20_000;

  window.ours ??= import(new URL("/session.js", location)).then(async (module) => {
    await module.default({ module_or_path: new URL("/session_bg.wasm", location) });
    return module;
  });
  const { follow, follow_response } = await window.ours;
  const session = ({ url, begins_with }) =>
    begins_with === "Response" ? follow_response(url) : follow(url);
  const late = () => new Promise((resolve) => setTimeout(() => resolve(null), LIMIT));
  return Promise.all(
    streams.map((stream) => Promise.race([session(stream).then(JSON.parse), late()])),
  );
}
