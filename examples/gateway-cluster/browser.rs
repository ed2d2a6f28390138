//! The events of one browser: those that it has missed, from the engine, and then the newest, from
//! the hub.
//!
//! Responsible for joining the two without losing or repeating an event, and for reporting a gap
//! where events are gone. The numbers of events have no gaps, so each step knows which event comes
//! next.

use std::{sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _, stream};
use serde_json::json;
use sse_core::{EncodedEvent, EncodedEvents, ServerSentEvent};
use sse_fanout::{Subscription, SubscriptionError};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

use crate::{
    engine::{Engine, Stored},
    hub::{self, GAP, Hub, Join},
    page,
    place::Place,
    status::Status,
};

/// State that all browsers of a process share.
#[derive(Debug, Clone)]
pub(crate) struct Browsers {
    engine: Engine,
    hub: Hub,
    status: Status,
    /// Permits to read from the engine: many browsers that come back at once must not flood it.
    reads: Arc<Semaphore>,
    keep_alive: Duration,
}

/// A browser's way through the history.
#[derive(Debug)]
struct Browser {
    shared: Browsers,
    stage: Stage,
    /// Time of the last item, before it has joined the newest events.
    sent: Instant,
    _open: Open,
}

#[derive(Debug)]
enum Stage {
    /// The next item is the reconnection time.
    Greeting {
        reconnection_time: Duration,
        last_event_id: Option<String>,
    },
    /// Starts with the oldest event, after a gap if the browser has sent an ID.
    Oldest {
        is_gap: bool,
    },
    /// Reads after this place.
    After(Place),
    Live(Subscription),
    Ended,
}

/// Counts an open response.
#[derive(Debug)]
struct Open(Status);

impl Browsers {
    pub(crate) fn new(engine: Engine, hub: Hub, status: Status, keep_alive: Duration) -> Self {
        let reads = Arc::new(Semaphore::new(CONCURRENT_READS));
        Self { engine, hub, status, reads, keep_alive }
    }

    /// Returns the events after the last one that a browser has received, or from the oldest on.
    ///
    /// While the engine does not respond, a browser waits, with comments: an `EventSource` that is
    /// refused would not come back.
    pub(crate) fn open(
        &self,
        last_event_id: Option<&str>,
        reconnection_time: Duration,
    ) -> impl Stream<Item = Result<EncodedEvents, SubscriptionError>> + Send + use<> {
        self.status.opened();
        let last_event_id = last_event_id.filter(|id| !id.is_empty()).map(str::to_owned);
        let browser = Browser {
            shared: self.clone(),
            stage: Stage::Greeting { reconnection_time, last_event_id },
            sent: Instant::now(),
            _open: Open(self.status.clone()),
        };
        Box::pin(stream::unfold(browser, |mut browser| async move {
            let item = browser.next().await?;
            Some((item, browser))
        }))
    }
}

impl Browser {
    async fn next(&mut self) -> Option<Result<EncodedEvents, SubscriptionError>> {
        loop {
            let item = match &mut self.stage {
                Stage::Live(subscription) => return subscription.next().await,
                Stage::Ended => return None,
                Stage::Greeting { reconnection_time, last_event_id } => {
                    let retry = ServerSentEvent::builder().retry(*reconnection_time).build();
                    let id = last_event_id.take();
                    self.stage = match id.as_deref().map(Place::parse) {
                        None => Stage::Oldest { is_gap: false },
                        Some(None) => Stage::Oldest { is_gap: true },
                        Some(Some(place)) => Stage::After(place),
                    };
                    retry.ok().map(|retry| EncodedEvent::from(retry).into())
                }
                Stage::Oldest { is_gap } => {
                    let is_gap = *is_gap;
                    if self.shared.hub.is_closed() {
                        self.stage = Stage::Ended;
                        continue;
                    }
                    self.start(is_gap).await
                }
                Stage::After(place) => {
                    let place = place.clone();
                    match self.shared.hub.join(&place) {
                        Join::Live(subscription) => {
                            self.stage = Stage::Live(subscription);
                            None
                        }
                        Join::Closed => {
                            self.stage = Stage::Ended;
                            None
                        }
                        Join::Wait => self.verify(place).await,
                        Join::Read => self.read_page(place).await,
                    }
                }
            };
            if let Some(item) = item {
                self.sent = Instant::now();
                return Some(Ok(item));
            }
        }
    }

    /// Starts with the oldest event, once the engine has responded.
    async fn start(&mut self, is_gap: bool) -> Option<EncodedEvents> {
        let generation = self.shared.hub.seen().place.generation;
        let place = Place::new(generation, 0);
        if place.generation.is_empty() {
            return self.wait().await;
        }
        let Some(events) = self.read(&place).await else { return self.wait().await };
        let gap = if is_gap { self.gap(None) } else { None };
        // Not read again: the oldest event may have left the history by then, which would be a gap.
        let encoded = hub::encoded(&place.generation, &events);
        let number = events.last().map_or(0, |event| event.number);
        self.stage = Stage::After(Place { number, ..place });
        let item: Vec<_> = gap.into_iter().chain(encoded).collect();
        if item.is_empty() { None } else { Some(item.into_iter().collect()) }
    }

    /// Finds out whether a place exists that this process does not have, and waits for it if so.
    async fn verify(&mut self, place: Place) -> Option<EncodedEvents> {
        let Browsers { engine, hub, reads, .. } = &self.shared;
        let permit = reads.acquire().await;
        let newest = engine.check(&hub.seen()).await;
        drop(permit);
        if let Ok(newest) = newest {
            let exists = newest.generation == place.generation && newest.number >= place.number;
            let is_followed = newest.generation == hub.seen().place.generation;
            if !exists && is_followed {
                self.stage = Stage::Oldest { is_gap: true };
                return None;
            }
        }
        self.wait().await
    }

    async fn read_page(&mut self, place: Place) -> Option<EncodedEvents> {
        let events = self.read(&place).await.unwrap_or_default();
        let (Some(first), Some(last)) = (events.first(), events.last()) else {
            // The engine has failed, or has lost these events; then the hub will know.
            return self.wait().await;
        };
        let missed = first.number.saturating_sub(place.number + 1);
        let gap = if missed > 0 { self.gap(Some(missed)) } else { None };
        let encoded = hub::encoded(&place.generation, &events);
        self.stage = Stage::After(Place { number: last.number, ..place });
        Some(gap.into_iter().chain(encoded).collect())
    }

    /// Reads events from the engine, or returns `None` if it fails.
    async fn read(&self, after: &Place) -> Option<Vec<Stored>> {
        let Browsers { engine, hub, status, reads, .. } = &self.shared;
        let permit = reads.acquire().await;
        let read = engine.read(after, hub.page().limit(PAGE_BYTES, PAGE)).await;
        hub.page().learn(&read);
        let mut events = read.inspect_err(|error| status.read_failed(error)).ok()?;
        page::cut(&mut events, PAGE_BYTES);
        drop(permit);
        Some(events)
    }

    /// Waits for news, but not for long. Returns a comment if it is time to keep the connection
    /// open.
    async fn wait(&self) -> Option<EncodedEvents> {
        let mut changes = self.shared.hub.changes();
        let _ = timeout(PAUSE, changes.changed()).await;
        let is_due = self.sent.elapsed() >= self.shared.keep_alive;
        is_due.then(|| EncodedEvent::keep_alive().into())
    }

    /// Makes the event that reports a gap. It has no ID, so that the browser's last event ID stays.
    fn gap(&self, missed: Option<u64>) -> Option<EncodedEvent> {
        self.shared.status.reported_gap();
        let data = json!({ "missed": missed }).to_string();
        ServerSentEvent::builder().event(GAP).data(data).build().ok().map(Into::into)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.closed();
    }
}

/// Number of events that are read at once, at most, and their bytes, unless a single one has more.
/// A page is in memory until the browser has read it.
const PAGE: usize = 64;
const PAGE_BYTES: usize = 256 * 1024;

/// Number of reads at the same time.
const CONCURRENT_READS: usize = 8;

/// Longest pause before the next attempt.
const PAUSE: Duration = Duration::from_millis(200);
