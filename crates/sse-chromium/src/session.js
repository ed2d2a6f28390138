// Follows many streams at once, each by a session of ours that runs in the page.
//
// Streams in, as `{ url }`; what they gave out, as `[type, data, lastEventId]`, or null where one was
// still at it when the time was over.
async (streams) => {
  const LIMIT = 20_000;

  window.ours ??= import(new URL("/session.js", location)).then(async (module) => {
    await module.default({ module_or_path: new URL("/session_bg.wasm", location) });
    return module;
  });
  const { follow } = await window.ours;
  const late = () => new Promise((resolve) => setTimeout(() => resolve(null), LIMIT));
  return Promise.all(streams.map(({ url }) => Promise.race([follow(url).then(JSON.parse), late()])));
}
