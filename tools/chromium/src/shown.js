// Waits until the gateway's page shows a number of events and a state, and returns its contents.
({ events, state }) => new Promise((resolve) => {
  const LIMIT = 20_000;

  const text = (id) => document.getElementById(id).textContent;
  const cells = (row) => ["type", "id", "data"].map((name) => row.querySelector("." + name).textContent);
  const shown = () => ({
    state: document.getElementById("state").dataset.state,
    count: Number(text("count")),
    last_event_id: text("last-event-id"),
    gaps: document.querySelectorAll("#events tr.gap").length,
    // The page shows the newest event first.
    events: [...document.querySelectorAll("#events tr:has(.type)")].reverse().map(cells),
  });
  const end = () => {
    observer.disconnect();
    clearTimeout(timer);
    resolve(shown());
  };
  const check = () => {
    const now = shown();
    if (now.events.length >= events && now.state === state) end();
  };
  const observer = new MutationObserver(check);
  const everything = { subtree: true, childList: true, characterData: true, attributes: true };
  observer.observe(document.body, everything);
  const timer = setTimeout(end, LIMIT);
  check();
})
