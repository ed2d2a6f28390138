//! Tests of what the cluster promises, over the engine in memory: no event is lost or repeated
//! without a notice.
//!
//! `cargo xtask cluster` runs the same over Redis, with processes that are killed.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::{pin::Pin, time::Duration};

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use sse_core::{EncodedEvents, Parser, ServerSentEvent};
use sse_fanout::SubscriptionError;
use tokio::{task::JoinHandle, time::Instant};

use crate::{
    browser::Browsers,
    engine::{Acquired, Appended, Batch, Engine, EngineError, Renewed, Seen, Stored, Term},
    hub::{Bounds, Hub, Join},
    memory::MemoryEngine,
    place::Place,
    status::Status,
};

const LEASE: Duration = Duration::from_secs(3);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const MOMENT: Duration = Duration::from_millis(50);

#[test]
fn place_is_parsed_only_as_it_is_written() {
    let place = Place::new("ab-cd", 17);
    assert_eq!(place.to_string(), "ab-cd-17");
    assert_eq!(Place::parse("ab-cd-17"), Some(place));
    for id in ["", "17", "-17", "ab-", "ab-0", "ab-+1", "ab-x", "ab-99999999999999999999"] {
        assert_eq!(Place::parse(id), None, "{id:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn epoch_fences_a_leader_whose_lease_has_expired() {
    let engine = engine();
    let old = lead(&engine, "old").await;
    assert!(matches!(acquire(&engine, "new").await, Acquired::Other(rest) if rest == LEASE));
    tokio::time::advance(LEASE).await;
    assert_eq!(renew(&engine, "old", &old).await, Renewed::Other);
    let new = lead(&engine, "new").await;
    assert_eq!(append(&engine, &old, 1, 0, &["1"]).await, Appended::Refused);
    assert_eq!(append(&engine, &new, 1, 0, &["1"]).await, stored(1, 0));
}

#[tokio::test]
async fn batch_that_is_sent_again_is_stored_once() {
    let engine = engine();
    let term = lead(&engine, "a").await;
    for _ in 0..2 {
        assert_eq!(append(&engine, &term, 1, 0, &["", "2"]).await, stored(2, 0));
    }
    assert_eq!(append(&engine, &term, 2, 0, &[""]).await, stored(3, 0));
}

#[tokio::test]
async fn upstream_id_of_an_earlier_connection_marks_a_duplicate() {
    let engine = engine();
    let term = lead(&engine, "a").await;
    // Within one connection, the upstream may give one ID to several events.
    assert_eq!(append(&engine, &term, 1, 0, &["1", "2", "2"]).await, stored(3, 0));
    assert_eq!(append(&engine, &term, 2, 3, &["2", "3"]).await, stored(4, 1));
    let next = lead(&engine, "a").await;
    assert_eq!((next.last_upstream_id.as_str(), next.place.number), ("3", 4));
}

#[tokio::test(start_paused = true)]
async fn browser_gets_the_history_of_the_engine_and_then_the_newest_events() {
    let node = Node::start(engine(), 10);
    let term = lead(&node.engine, "a").await;
    fill(&node.engine, &term, 1..=150).await;
    node.has(150).await;
    let mut new = node.open(None);
    assert_eq!(new.numbers(150).await, (1..=150).collect::<Vec<_>>());
    // In the memory of the process, in the engine, and the newest one.
    for number in [145, 7, 150] {
        let mut resumed = node.open(Some(&node.id(number)));
        assert_eq!(resumed.numbers(150 - number).await, (number + 1..=150).collect::<Vec<_>>());
        assert_eq!(resumed.next().now_or_never(), None);
    }
    fill(&node.engine, &term, 151..=152).await;
    assert_eq!(new.numbers(2).await, [151, 152]);
}

#[tokio::test(start_paused = true)]
async fn id_of_another_process_that_is_ahead_is_waited_for() {
    let mut node = Node::start(engine(), 10);
    let term = lead(&node.engine, "a").await;
    fill(&node.engine, &term, 1..=3).await;
    node.has(3).await;
    node.following.abort();
    fill(&node.engine, &term, 4..=6).await;
    let mut ahead = node.open(Some(&node.id(5)));
    let waited = tokio::time::timeout(Duration::from_secs(5), ahead.next()).await;
    assert!(waited.is_err(), "{waited:?}");
    node.following = tokio::spawn(node.hub.clone().follow(node.engine.clone()));
    assert_eq!(ahead.numbers(1).await, [6]);
}

#[tokio::test(start_paused = true)]
async fn gap_is_reported_for_an_id_that_has_left_the_history_or_is_unknown() {
    let node = Node::start(Engine::Memory(MemoryEngine::new(20, LEASE)), 10);
    let term = lead(&node.engine, "a").await;
    fill(&node.engine, &term, 1..=50).await;
    node.has(50).await;
    let cases = [
        (node.id(30), None),
        (node.id(29), Some("gateway-gap {\"missed\":1}")),
        (node.id(1), Some("gateway-gap {\"missed\":29}")),
        (node.id(51), Some("gateway-gap {\"missed\":null}")),
        ("other-7".to_owned(), Some("gateway-gap {\"missed\":null}")),
        ("7".to_owned(), Some("gateway-gap {\"missed\":null}")),
    ];
    for (id, gap) in cases {
        let mut browser = node.open(Some(&id));
        if let Some(gap) = gap {
            assert_eq!(browser.next().await.unwrap(), gap, "{id}");
        }
        assert_eq!(browser.numbers(20).await, (31..=50).collect::<Vec<_>>(), "{id}");
    }
}

#[tokio::test(start_paused = true)]
async fn engine_that_is_restarted_empty_starts_a_generation() {
    let node = Node::start(engine(), 10);
    let term = lead(&node.engine, "a").await;
    fill(&node.engine, &term, 1..=5).await;
    node.has(5).await;
    let mut browser = node.open(Some(&node.id(5)));
    let id = node.id(5);
    assert_eq!(browser.next().now_or_never(), None);
    let Engine::Memory(memory) = &node.engine else { unreachable!() };
    memory.restart_empty();
    // Its response ends as a truncated one, so that it comes back.
    assert_eq!(browser.next().await, None);
    assert_eq!(append(&node.engine, &term, 2, 0, &["6"]).await, Appended::Refused);
    let Acquired::Held(term) = node.engine.acquire("b", &node.hub.seen()).await.unwrap() else {
        panic!("nobody holds the lease")
    };
    assert_eq!(term.last_upstream_id, "5");
    fill(&node.engine, &term, 6..=7).await;
    let mut again = node.open(Some(&id));
    assert_eq!(again.next().await.unwrap(), "gateway-gap {\"missed\":null}");
    assert_eq!(again.numbers(2).await, [6, 7]);
}

#[tokio::test(start_paused = true)]
async fn browser_waits_with_comments_while_the_engine_fails() {
    let engine = engine();
    let Engine::Memory(memory) = &engine else { unreachable!() };
    memory.fail_with(Some(EngineError::Unreachable("cut".to_owned())));
    let node = Node::start(engine.clone(), 10);
    let began = Instant::now();
    let mut browser = node.open(None);
    assert_eq!(browser.frame().await.unwrap(), "retry: 1000\n\n");
    assert_eq!(browser.frame().await.unwrap(), ":\n\n");
    assert!(began.elapsed() >= KEEP_ALIVE);
    memory.fail_with(None);
    let term = lead(&engine, "a").await;
    fill(&engine, &term, 1..=1).await;
    assert_eq!(browser.numbers(1).await, [1]);
}

#[tokio::test(start_paused = true)]
async fn close_ends_a_browser_that_waits_while_the_engine_fails() {
    let engine = engine();
    let Engine::Memory(memory) = &engine else { unreachable!() };
    memory.fail_with(Some(EngineError::Unreachable("cut".to_owned())));
    for id in [None, Some("x"), Some("other-7")] {
        let node = Node::start(engine.clone(), 10);
        let mut browser = node.open(id);
        assert_eq!(browser.frame().await.unwrap(), "retry: 1000\n\n");
        assert_eq!(browser.frame().now_or_never(), None);
        node.hub.close();
        let ended = tokio::time::timeout(KEEP_ALIVE, browser.frame()).await;
        assert_eq!(ended.ok(), Some(None), "{id:?}");
    }
}

#[tokio::test]
async fn token_fences_a_leader_whose_epoch_was_given_again() {
    let engine = engine();
    let term = lead(&engine, "a").await;
    let older = Term { token: "that of another acquisition".to_owned(), ..term.clone() };
    assert_eq!(append(&engine, &older, 1, 0, &["1"]).await, Appended::Refused);
    assert_eq!(append(&engine, &term, 1, 0, &["1"]).await, stored(1, 0));
}

#[tokio::test]
async fn token_fences_the_renewal_of_an_earlier_acquisition() {
    let engine = engine();
    let earlier = lead(&engine, "a").await;
    let term = lead(&engine, "a").await;
    assert_eq!(renew(&engine, "a", &earlier).await, Renewed::Other);
    assert_eq!(renew(&engine, "b", &term).await, Renewed::Other);
    assert_eq!(renew(&engine, "a", &term).await, Renewed::Held);
    let Engine::Memory(memory) = &engine else { unreachable!() };
    memory.restart_empty();
    assert_eq!(renew(&engine, "a", &term).await, Renewed::Lost);
}

#[tokio::test(start_paused = true)]
async fn events_that_are_checked_and_cannot_be_read_are_a_read_failure() {
    let node = Node::start(engine(), 10);
    let term = lead(&node.engine, "a").await;
    fill(&node.engine, &term, 1..=3).await;
    node.has(3).await;
    let Engine::Memory(memory) = &node.engine else { unreachable!() };
    memory.hide(true);
    fill(&node.engine, &term, 4..=5).await;
    let failure = || node.status.report().read_failure;
    while failure().is_none() {
        tokio::time::advance(MOMENT).await;
    }
    for _ in 0..100 {
        tokio::time::advance(MOMENT).await;
        let failure = failure().unwrap();
        assert!(failure.ends_with("-5 cannot be read"), "{failure}");
    }
    memory.hide(false);
    node.has(5).await;
    while failure().is_some() {
        tokio::time::advance(MOMENT).await;
    }
}

#[tokio::test(start_paused = true)]
async fn new_browser_is_not_notified_of_a_gap_while_the_history_is_trimmed() {
    let node = Node::start(engine(), 10);
    let term = lead(&node.engine, "a").await;
    fill(&node.engine, &term, 1..=50).await;
    node.has(50).await;
    node.following.abort();
    let Engine::Memory(memory) = &node.engine else { unreachable!() };
    memory.forget_after_each_read(1);
    let mut browser = node.open(None);
    assert_eq!(browser.numbers(50).await, (1..=50).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn history_that_is_trimmed_between_two_pages_is_not_joined_over_the_gap() {
    let engine = engine();
    let term = lead(&engine, "a").await;
    fill(&engine, &term, 1..=100).await;
    let Engine::Memory(memory) = &engine else { unreachable!() };
    memory.forget_after_each_read(20);
    let node = Node::start(engine.clone(), 100);
    node.has(100).await;
    let join = |number| node.hub.join(&Place::new(node.hub.seen().place.generation, number));
    assert!(matches!(join(5), Join::Read), "{:?}", join(5));
    assert!(matches!(join(30), Join::Live(_)), "{:?}", join(30));
}

/// One process of a cluster, without sockets and without an upstream.
struct Node {
    engine: Engine,
    hub: Hub,
    browsers: Browsers,
    following: JoinHandle<()>,
    status: Status,
}

impl Node {
    fn start(engine: Engine, kept: usize) -> Self {
        let status = Status::default();
        let hub = Hub::new(Bounds { events: kept, ..Bounds::default() }, status.clone());
        let browsers = Browsers::new(engine.clone(), hub.clone(), status.clone(), KEEP_ALIVE);
        let following = tokio::spawn(hub.clone().follow(engine.clone()));
        Self { engine, hub, browsers, following, status }
    }

    /// Waits until the process has the event with this number.
    async fn has(&self, number: u64) {
        let mut changes = self.hub.changes();
        while self.hub.seen().place.number < number {
            changes.changed().await.unwrap();
        }
    }

    fn id(&self, number: u64) -> String {
        Place::new(self.hub.seen().place.generation, number).to_string()
    }

    fn open(&self, id: Option<&str>) -> Reader {
        let events = Box::pin(self.browsers.open(id, Duration::from_secs(1)));
        Reader { events, parser: Parser::new(), read: Vec::new().into_iter() }
    }
}

/// Reads the events of a browser.
struct Reader {
    events: Pin<Box<dyn Stream<Item = Result<EncodedEvents, SubscriptionError>>>>,
    parser: Parser,
    read: std::vec::IntoIter<ServerSentEvent>,
}

impl Reader {
    async fn frame(&mut self) -> Option<String> {
        let frame = self.events.next().await?.ok()?;
        Some(String::from_utf8(frame.as_bytes().to_vec()).unwrap())
    }

    /// Returns the type and the data of the next event, or `None` at the end, however it came.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.read.next() {
                return Some(format!("{} {}", event.event_type(), event.data()));
            }
            let mut bytes = self.events.next().await?.ok()?.into_bytes();
            let mut events = Vec::new();
            while let Some(event) = self.parser.next(&mut bytes).unwrap() {
                events.push(event);
            }
            self.read = events.into_iter();
        }
    }

    async fn numbers(&mut self, count: u64) -> Vec<u64> {
        let mut numbers = Vec::new();
        for _ in 0..count {
            let event = self.next().await.unwrap();
            numbers.push(event.strip_prefix("message ").unwrap().parse().unwrap());
        }
        numbers
    }
}

fn engine() -> Engine {
    Engine::Memory(MemoryEngine::new(1000, LEASE))
}

async fn acquire(engine: &Engine, owner: &str) -> Acquired {
    engine.acquire(owner, &Seen::default()).await.unwrap()
}

async fn lead(engine: &Engine, owner: &str) -> Term {
    match acquire(engine, owner).await {
        Acquired::Held(term) => term,
        other => panic!("{other:?}"),
    }
}

async fn renew(engine: &Engine, owner: &str, term: &Term) -> Renewed {
    engine.renew(owner, &term.token, LEASE).await.unwrap()
}

/// Appends events with these upstream IDs, which are their data too.
async fn append(engine: &Engine, term: &Term, seq: u64, began: u64, ids: &[&str]) -> Appended {
    let event = |id: &&str| Stored {
        number: 0,
        event: String::new(),
        data: (*id).to_owned(),
        upstream_id: (*id).to_owned(),
        last_upstream_id: (*id).to_owned(),
    };
    let events: Vec<_> = ids.iter().map(event).collect();
    engine.append(&Batch { term, seq, began, events: &events }).await.unwrap()
}

/// Appends events with these numbers, one batch each.
async fn fill(engine: &Engine, term: &Term, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let appended = append(engine, term, number, 0, &[&number.to_string()]).await;
        assert!(matches!(appended, Appended::Stored { .. }));
    }
}

fn stored(count: u64, duplicates: u64) -> Appended {
    Appended::Stored { count, duplicates }
}
