//! Interface to an engine: a lease, a bounded history of numbered events, and a way to wait for the
//! next.
//!
//! [`RedisEngine`] keeps them in Redis, for any number of processes. [`MemoryEngine`] keeps them in
//! this process, for a gateway without an engine and for tests.

use std::time::Duration;

use crate::{memory::MemoryEngine, place::Place, redis_engine::RedisEngine};

/// Engine of a gateway.
#[derive(Debug, Clone)]
pub(crate) enum Engine {
    Redis(RedisEngine),
    Memory(MemoryEngine),
}

/// Event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Its number, or 0 before it has one.
    pub(crate) number: u64,
    /// Event type; empty for the default type.
    pub(crate) event: String,
    pub(crate) data: String,
    /// ID that the upstream gave to this event; empty if it gave none.
    pub(crate) upstream_id: String,
    /// ID to resume the upstream after this event; empty if it has sent none so far.
    pub(crate) last_upstream_id: String,
}

/// Part of the history that a gateway has seen, by which an engine that has lost some of it is
/// recognized.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) place: Place,
    pub(crate) last_upstream_id: String,
}

/// Outcome of an attempt to become the leader.
#[derive(Debug)]
pub(crate) enum Acquired {
    Held(Term),
    /// Another process is the leader. Its lease expires after this time unless it is renewed.
    Other(Duration),
}

/// Outcome of an attempt to renew a lease.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Renewed {
    Held,
    /// Another acquisition is newer, or the lease has expired.
    Other,
    /// The engine has lost its state, and nobody has acquired the lease since.
    Lost,
}

/// Time for which a process is the leader.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    /// Fencing token: a batch of an earlier epoch is refused.
    pub(crate) epoch: u64,
    /// Name of this acquisition, checked too: an engine that went back to an older state may give
    /// an epoch a second time.
    pub(crate) token: String,
    /// Place after the newest event.
    pub(crate) place: Place,
    /// ID to resume the upstream after; empty if the upstream has sent none.
    pub(crate) last_upstream_id: String,
    /// `true` if this acquisition has started the generation.
    pub(crate) is_started: bool,
}

/// Batch of events to append.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    pub(crate) term: &'a Term,
    /// Number of the batch in the term, counted from 1. A batch that is sent again is stored once.
    pub(crate) seq: u64,
    /// Number of the newest event when the connection to the upstream began. An upstream ID of an
    /// event up to that one marks a duplicate.
    pub(crate) began: u64,
    pub(crate) events: &'a [Stored],
}

/// Outcome of appending a batch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    Stored {
        /// Number of the newest event.
        count: u64,
        duplicates: u64,
    },
    /// Another process has become the leader, or the history has been lost. Nothing was stored.
    Refused,
}

/// Failure of an engine.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("engine is full: {0}")]
    Full(String),
    #[error("engine refuses the credentials: {0}")]
    Denied(String),
    #[error("certificate of the engine is not trusted: {0}")]
    Untrusted(String),
    #[error("engine refuses a command: {0}")]
    Forbidden(String),
    #[error("engine does not respond: {0}")]
    Unreachable(String),
    #[error("engine failed: {0}")]
    Failed(String),
}

pub(crate) type Result<T> = std::result::Result<T, EngineError>;

/// Calls the method of the same name of either engine.
macro_rules! either {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match $self {
            Self::Redis(engine) => engine.$method($($argument),*).await,
            Self::Memory(engine) => engine.$method($($argument),*),
        }
    };
}

impl Engine {
    /// Acquires or keeps the lease, and starts a new epoch.
    pub(crate) async fn acquire(&self, owner: &str, seen: &Seen) -> Result<Acquired> {
        either!(self.acquire(owner, seen))
    }

    /// Extends the lease of an acquisition. Waits for at most `limit`.
    pub(crate) async fn renew(&self, owner: &str, token: &str, limit: Duration) -> Result<Renewed> {
        match self {
            Self::Redis(engine) => engine.renew(owner, token, limit).await,
            Self::Memory(engine) => engine.renew(owner, token),
        }
    }

    /// Releases the lease.
    pub(crate) async fn release(&self, owner: &str) -> Result<()> {
        either!(self.release(owner))
    }

    /// Appends a batch, once, however often it is sent.
    pub(crate) async fn append(&self, batch: &Batch<'_>) -> Result<Appended> {
        either!(self.append(batch))
    }

    /// Returns the place after the newest event, in a new generation if the engine has lost what
    /// was seen.
    pub(crate) async fn check(&self, seen: &Seen) -> Result<Place> {
        either!(self.check(seen))
    }

    /// Returns up to `limit` events after a place. The first is a later one than the next if that
    /// is gone.
    pub(crate) async fn read(&self, after: &Place, limit: usize) -> Result<Vec<Stored>> {
        either!(self.read(after, limit))
    }

    /// Abandons the connections for reads, which are other ones than those for the rest.
    pub(crate) fn reconnect_reads(&self) {
        if let Self::Redis(engine) = self {
            engine.reconnect_reads();
        }
    }

    /// Waits for events after a place, for [`LONGEST_WAIT`] at most. Returns up to `limit`.
    pub(crate) async fn wait(&self, after: &Place, limit: usize) -> Result<Vec<Stored>> {
        match self {
            Self::Redis(engine) => engine.wait(after, limit).await,
            Self::Memory(engine) => engine.wait(after, limit).await,
        }
    }
}

/// Longest time that one call waits for events.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(1);
