//! Record of what a server has received, which the test can read or wait for.
//!
//! Servers write it, tests read it. Does not interpret it.

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{clock::TestClock, gate::until, seen::SeenRequest};

/// One side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The code under test.
    Client,
    /// The server of this crate.
    Server,
}

/// All that a server has seen.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) requests: Vec<SeenRequest>,
    /// Numbers of the requests that the client has abandoned before the reply ended.
    pub(crate) abandoned: Vec<usize>,
    /// By number: the side that has ended the connection, if it has ended.
    pub(crate) connections: Vec<Option<Side>>,
    /// Number of requests when a connection of the server's own was accepted, by its address.
    pub(crate) counts: HashMap<SocketAddr, usize>,
}

/// Record that can be waited on.
pub(crate) struct Log {
    record: watch::Sender<Record>,
    time: TimeSource,
}

/// Source of the times of the requests.
#[derive(Debug)]
pub(crate) enum TimeSource {
    Since(Instant),
    Clock(TestClock),
}

impl TimeSource {
    pub(crate) fn now(&self) -> Duration {
        match self {
            Self::Since(start) => start.elapsed(),
            Self::Clock(clock) => clock.now(),
        }
    }
}

impl Log {
    pub(crate) fn new(time: TimeSource) -> Self {
        Self { record: watch::Sender::default(), time }
    }

    /// Returns the current record.
    pub(crate) fn read<T>(&self, of: impl FnOnce(&Record) -> T) -> T {
        of(&self.record.borrow())
    }

    pub(crate) async fn until(&self, is_wanted: impl FnMut(&Record) -> bool) {
        until(&self.record, is_wanted).await;
    }

    /// Assigns a number to a new connection.
    pub(crate) fn connected(&self) -> usize {
        let mut number = 0;
        self.record.send_modify(|record| {
            number = record.connections.len();
            record.connections.push(None);
        });
        number
    }

    pub(crate) fn disconnected(&self, connection: usize, by: Side) {
        self.record.send_modify(|record| {
            record.connections[connection].get_or_insert(by);
        });
    }

    /// Returns the time of a request that has arrived.
    pub(crate) fn now(&self) -> Duration {
        self.time.now()
    }

    /// Waits until this time.
    pub(crate) async fn until_time(&self, time: Duration) {
        let remaining = time.saturating_sub(self.now());
        if remaining.is_zero() {
            return;
        }
        match &self.time {
            TimeSource::Since(_) => tokio::time::sleep(remaining).await,
            TimeSource::Clock(clock) => clock.sleep(remaining).await,
        }
    }

    /// Assigns a number to a request.
    pub(crate) fn requested(&self, request: SeenRequest) -> usize {
        let mut number = 0;
        self.record.send_modify(|record| {
            number = record.requests.len();
            record.requests.push(request);
        });
        number
    }

    pub(crate) fn abandoned(&self, request: usize) {
        self.record.send_modify(|record| record.abandoned.push(request));
    }

    pub(crate) fn counted(&self, own: SocketAddr) {
        self.record.send_modify(|record| {
            record.counts.insert(own, record.requests.len());
        });
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.borrow().fmt(f)
    }
}
