//! Browsers of the cluster: sessions of our client, which check each event against the one before.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use sse_reqwest::{ReconnectPolicy, SseClient, SseConfig};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::error::{Result, ScenarioError};

/// Counts of one browser, or of several together.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Record {
    pub(super) browsers: u64,
    pub(super) events: u64,
    pub(super) connections: u64,
    /// Events that are missing, without a notice.
    pub(super) lost: u64,
    /// Events that came again, without a notice.
    pub(super) twice: u64,
    /// Notices of a gap.
    pub(super) gaps: u64,
    /// Browsers with at least one.
    pub(super) notified: u64,
    /// Events that are missing after a notice.
    pub(super) missed: u64,
    /// Missing events by the account of the notices.
    pub(super) said: u64,
}

/// Running browsers.
#[derive(Debug)]
pub(super) struct Browsers {
    running: JoinSet<Result<Record>>,
    newest: Arc<AtomicU64>,
    slowest: Vec<Arc<AtomicU64>>,
}

impl Browsers {
    /// Starts browsers at an address, which read from event 1 up to the event with this number. The
    /// number may change.
    pub(super) fn start(count: usize, address: SocketAddr, last: &Arc<AtomicU64>) -> Result<Self> {
        Self::open(count, address, last, None, false)
    }

    /// Like [`start`](Self::start), but the first event may have any number.
    pub(super) fn start_anywhere(
        count: usize,
        address: SocketAddr,
        last: &Arc<AtomicU64>,
    ) -> Result<Self> {
        Self::open(count, address, last, None, true)
    }

    /// Like [`start_anywhere`](Self::start_anywhere), for browsers that have a last event ID.
    pub(super) fn start_after(
        count: usize,
        address: SocketAddr,
        last: &Arc<AtomicU64>,
        id: Option<&str>,
    ) -> Result<Self> {
        Self::open(count, address, last, id, true)
    }

    fn open(
        count: usize,
        address: SocketAddr,
        last: &Arc<AtomicU64>,
        id: Option<&str>,
        is_anywhere: bool,
    ) -> Result<Self> {
        let policy = ReconnectPolicy::fixed(Duration::from_millis(200));
        let mut config = SseConfig::for_feeds().reconnect(policy);
        if let Some(id) = id {
            config = config.last_event_id(id);
        }
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
        let client = SseClient::new(http, config);
        let mut browsers =
            Self { running: JoinSet::new(), newest: Arc::default(), slowest: Vec::new() };
        for _ in 0..count {
            let (client, newest) = (client.clone(), Arc::clone(&browsers.newest));
            let last = Arc::clone(last);
            let own = Arc::new(AtomicU64::new(0));
            browsers.slowest.push(Arc::clone(&own));
            browsers.running.spawn(async move {
                follow(
                    &client,
                    &format!("http://{address}/events"),
                    &last,
                    is_anywhere,
                    &newest,
                    &own,
                )
                .await
            });
        }
        Ok(browsers)
    }

    /// Returns the highest number that a browser has received.
    pub(super) fn newest(&self) -> u64 {
        self.newest.load(Ordering::Relaxed)
    }

    /// Returns the number that every browser has received.
    pub(super) fn slowest(&self) -> u64 {
        self.slowest.iter().map(|number| number.load(Ordering::Relaxed)).min().unwrap_or(0)
    }

    /// Waits until a browser has received an event after this one. Returns when that was.
    pub(super) async fn newer_than(&self, number: u64) -> Result<Instant> {
        wait(|| self.newest() > number, "no event after it").await
    }

    /// Waits until every browser has received the event with this number. Fails if no browser that
    /// lacks it receives anything for 30 s.
    pub(super) async fn all_have(&self, number: u64) -> Result<Instant> {
        // Later events do not count: other browsers may receive them.
        let own = |it: &Arc<AtomicU64>| it.load(Ordering::Relaxed).min(number);
        let sum = || self.slowest.iter().map(own).sum::<u64>();
        loop {
            let before = sum();
            match wait(|| self.slowest() >= number, "a browser does not get on").await {
                Err(_) if sum() > before => {}
                outcome => return outcome,
            }
        }
    }

    /// Waits until the browsers have read everything.
    pub(super) async fn end(mut self, limit: Duration) -> Result<Record> {
        let mut sum = Record::default();
        let ended = timeout(limit, async {
            while let Some(record) = self.running.join_next().await {
                let record = record.map_err(ScenarioError::during("browser"))??;
                sum.browsers += 1;
                sum.events += record.events;
                sum.connections += record.connections;
                sum.lost += record.lost;
                sum.twice += record.twice;
                sum.gaps += record.gaps;
                sum.notified += u64::from(record.gaps > 0);
                sum.missed += record.missed;
                sum.said += record.said;
            }
            Ok(())
        });
        match ended.await {
            Ok(ended) => ended.map(|()| sum),
            Err(_) => Err(ScenarioError::failed(format!(
                "browsers do not end: {} of them, at event {}",
                self.running.len(),
                self.slowest(),
            ))),
        }
    }
}

async fn follow(
    client: &SseClient,
    url: &str,
    last: &AtomicU64,
    is_anywhere: bool,
    newest: &AtomicU64,
    own: &AtomicU64,
) -> Result<Record> {
    let mut session = client.sse_session(url).await?;
    let mut record = Record::default();
    let mut number = 0;
    let mut is_excused = is_anywhere;
    while number < last.load(Ordering::Relaxed) {
        let Some(event) = session.next().await.transpose()? else {
            return Err(ScenarioError::failed(format!(
                "a browser's stream ended after event {number}"
            )));
        };
        if event.event_type() == "gateway-gap" {
            let notice: Value = serde_json::from_str(event.data())?;
            record.said += notice["missed"].as_u64().unwrap_or(0);
            record.gaps += 1;
            is_excused = true;
            continue;
        }
        let it: u64 = event.data().split(' ').next().and_then(|it| it.parse().ok()).unwrap_or(0);
        match (it > number, is_excused) {
            (true, false) => record.lost += it - number - 1,
            // The state of the browser before it was started is not known.
            (true, true) if number > 0 => record.missed += it - number - 1,
            (true, true) => {}
            (false, false) => record.twice += 1,
            (false, true) => {}
        }
        record.events += 1;
        is_excused = false;
        number = it;
        own.store(number, Ordering::Relaxed);
        newest.fetch_max(number, Ordering::Relaxed);
    }
    record.connections = session.connections();
    Ok(record)
}

pub(super) async fn wait(mut is_so: impl FnMut() -> bool, otherwise: &str) -> Result<Instant> {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > LIMIT {
            return Err(ScenarioError::failed(format!("{otherwise} within {LIMIT:?}")));
        }
        sleep(Duration::from_millis(1)).await;
    }
    Ok(Instant::now())
}

const LIMIT: Duration = Duration::from_secs(30);
