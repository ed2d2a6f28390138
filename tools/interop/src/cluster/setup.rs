//! Setup of the scenarios: Redis, a network that can be cut, gateways and a load balancer.

use std::{fmt, future::Future, net::SocketAddr, time::Duration};

use super::{
    browsers::{Browsers, Record},
    gateways::Gateways,
    proxy::Proxy,
    redis::Redis,
    upstream::{Options, Upstream},
};
use crate::error::{Result, ScenarioError};

/// A running cluster.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) gateways: Gateways,
    pub(super) balancer: Proxy,
    /// Between the gateways and Redis.
    pub(super) network: Proxy,
    pub(super) upstream: Upstream,
    pub(super) redis: Redis,
}

/// Result of a scenario.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) record: Record,
    pub(super) note: String,
}

impl Cluster {
    /// Starts three gateways with these arguments in addition.
    pub(super) async fn start(options: Options, args: &[&str]) -> Result<Self> {
        let redis = Redis::start().await?;
        let address = redis.address;
        Self::over(redis, address, "redis://", options, args).await
    }

    /// Like [`start`](Self::start), over a Redis that runs, at one of its addresses. `prefix` is
    /// the part of its URL before the address.
    pub(super) async fn over(
        redis: Redis,
        address: SocketAddr,
        prefix: &str,
        options: Options,
        args: &[&str],
    ) -> Result<Self> {
        let network = Proxy::start(vec![address]).await?;
        let upstream = Upstream::start(options).await?;
        let (redis_url, upstream_url) = (format!("{prefix}{}/", network.address), upstream.url());
        let mut all = vec!["--redis", &redis_url, "--upstream", &upstream_url];
        all.extend(args);
        let gateways = Gateways::start(GATEWAYS, &all).await?;
        let balancer = Proxy::start(gateways.addresses()).await?;
        Ok(Self { gateways, balancer, network, upstream, redis })
    }

    /// Starts browsers that read up to the last event of the upstream, by the load balancer.
    pub(super) fn browsers(&self, count: usize) -> Result<Browsers> {
        Browsers::start(count, self.balancer.address, &self.upstream.last())
    }

    /// Ends the stream and waits until the browsers have read it.
    ///
    /// The stream continues until a scenario has run all its faults, so none of them can come too
    /// late on a slow machine.
    pub(super) async fn end(&self, browsers: Browsers) -> Result<Record> {
        self.upstream.end_soon();
        browsers.end(PATIENCE).await
    }

    /// Waits until the state of each gateway is 200.
    pub(super) async fn all_well(&self) -> Result<()> {
        until(|| self.gateways.are_well(), "/status of a gateway is not 200").await
    }

    /// Adds the logs of the gateways to the output if an action fails.
    pub(super) async fn watched<T>(
        self,
        action: impl AsyncFnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let mut cluster = self;
        let outcome = action(&mut cluster).await;
        if outcome.is_err() {
            cluster.gateways.print_logs();
        }
        outcome
    }
}

impl Report {
    pub(super) fn new(record: Record, note: impl Into<String>) -> Self {
        Self { record, note: note.into() }
    }

    /// Fails if an event was lost or came twice without a notice.
    pub(super) fn checked(self) -> Result<Self> {
        let Record { lost, twice, .. } = self.record;
        if (lost, twice) == (0, 0) {
            Ok(self)
        } else {
            Err(ScenarioError::failed(self.to_string()))
        }
    }

    /// Also fails if a browser was notified of a gap.
    pub(super) fn complete(self) -> Result<Self> {
        if self.record.gaps == 0 {
            self.checked()
        } else {
            Err(ScenarioError::failed(format!("gaps: {self}")))
        }
    }

    /// Also fails if a browser was disconnected.
    pub(super) fn steady(self) -> Result<Self> {
        if self.record.connections == self.record.browsers {
            self.complete()
        } else {
            Err(ScenarioError::failed(format!("browsers were disconnected: {self}")))
        }
    }

    /// Also fails unless all browsers were notified of a gap of unknown size.
    pub(super) fn notified(self) -> Result<Self> {
        let Record { browsers, notified, said, .. } = self.record;
        if notified == browsers && said == 0 {
            self.checked()
        } else {
            let text = format!("{notified} browsers were notified, of {said} events: {self}");
            Err(ScenarioError::failed(text))
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.record.browsers += other.record.browsers;
        self.record.events += other.record.events;
        self.record.lost += other.record.lost;
        self.record.twice += other.record.twice;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record { browsers, events, connections, lost, twice, gaps, missed, .. } = self.record;
        write!(f, "browsers {browsers:2}  events {events:6}  connections {connections:3}")?;
        write!(f, "  lost {lost}  twice {twice}  notices {gaps:2}  reported missing {missed:4}")?;
        if self.note.is_empty() { Ok(()) } else { write!(f, "  {}", self.note) }
    }
}

/// Fails with a text unless a condition holds.
pub(super) fn ensure(holds: bool, otherwise: impl Into<String>) -> Result<()> {
    if holds { Ok(()) } else { Err(ScenarioError::failed(otherwise)) }
}

/// Waits until an asynchronous condition holds.
pub(super) async fn until<F: Future<Output = bool>>(
    mut holds: impl FnMut() -> F,
    otherwise: &str,
) -> Result<()> {
    let began = std::time::Instant::now();
    while !holds().await {
        ensure(began.elapsed() < LIMIT, otherwise)?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

pub(super) const GATEWAYS: usize = 3;
const LIMIT: Duration = Duration::from_secs(30);
/// Longest time in which browsers read the rest of the stream.
const PATIENCE: Duration = Duration::from_secs(60);
