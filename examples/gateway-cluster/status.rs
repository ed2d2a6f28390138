//! Counters and state of the process, for `/status` and for the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::engine::EngineError;

/// State of the process. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Status {
    report: Arc<Mutex<Report>>,
}

/// State of the process, as `/status` shows it.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Report {
    /// ID of the newest event that this process has.
    pub(crate) newest: String,
    pub(crate) browsers: usize,
    pub(crate) is_leader: bool,
    /// Number of times that this process has become the leader.
    pub(crate) terms: u64,
    /// Events that this process has appended.
    pub(crate) appended: u64,
    /// Events that came twice from the upstream and were stored once.
    pub(crate) duplicates: u64,
    /// Failure to read from the engine, until it responds again.
    pub(crate) read_failure: Option<String>,
    /// Failure to acquire or to renew the lease, until that works again.
    pub(crate) lease_failure: Option<String>,
    /// Failure to append, until that works again or another process leads. The lease may be renewed
    /// meanwhile, such as by an engine that is full.
    pub(crate) append_failure: Option<String>,
    pub(crate) engine_failures: u64,
    /// Attempts that the engine had no memory for.
    pub(crate) engine_full: u64,
    /// Gaps that browsers were notified of.
    pub(crate) gaps: u64,
}

impl Status {
    pub(crate) fn report(&self) -> Report {
        self.lock().clone()
    }

    pub(crate) fn became_leader(&self) {
        let mut report = self.lock();
        report.is_leader = true;
        report.terms += 1;
    }

    pub(crate) fn became_follower(&self) {
        self.lock().is_leader = false;
    }

    /// Forgets the failures of a leader: another process leads.
    pub(crate) fn another_leads(&self) {
        let mut report = self.lock();
        report.lease_failure = None;
        report.append_failure = None;
    }

    /// Forgets a failure of the lease: this process has acquired or renewed it.
    pub(crate) fn holds_lease(&self) {
        self.lock().lease_failure = None;
    }

    pub(crate) fn appended(&self, stored: u64, duplicates: u64) {
        let mut report = self.lock();
        report.appended += stored;
        report.duplicates += duplicates;
        if report.append_failure.take().is_some() {
            eprintln!("engine: takes events again");
        }
    }

    /// Logs a failure to read, once until the engine responds.
    pub(crate) fn read_failed(&self, error: &EngineError) {
        self.lock().failed(error, |report| &mut report.read_failure);
    }

    /// Logs a failure to acquire or to renew the lease, once until that works.
    pub(crate) fn lease_failed(&self, error: &EngineError) {
        self.lock().failed(error, |report| &mut report.lease_failure);
    }

    /// Logs a failure to append, once until that works.
    pub(crate) fn append_failed(&self, error: &EngineError) {
        self.lock().failed(error, |report| &mut report.append_failure);
    }

    /// Notes that the engine has replied to a read.
    pub(crate) fn engine_responded(&self) {
        if self.lock().read_failure.take().is_some() {
            eprintln!("engine: responds again");
        }
    }

    pub(crate) fn reported_gap(&self) {
        self.lock().gaps += 1;
    }

    pub(crate) fn opened(&self) {
        self.lock().browsers += 1;
    }

    pub(crate) fn closed(&self) {
        self.lock().browsers -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report {
    fn failed(&mut self, error: &EngineError, failure: impl Fn(&mut Self) -> &mut Option<String>) {
        self.engine_failures += 1;
        self.engine_full += u64::from(matches!(error, EngineError::Full(_)));
        let text = Some(error.to_string());
        // The same reason often concerns all of them.
        let is_logged = [&self.read_failure, &self.lease_failure, &self.append_failure];
        let is_logged = is_logged.contains(&&text);
        if failure(self).replace(error.to_string()).is_none() && !is_logged {
            eprintln!("engine: {error}; trying again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;
    use crate::engine::EngineError;

    #[test]
    fn append_failure_is_forgotten_by_a_follower_and_not_by_a_renewal() {
        let status = Status::default();
        status.append_failed(&EngineError::Forbidden("xadd".to_owned()));
        status.lease_failed(&EngineError::Unreachable("cut".to_owned()));
        status.engine_responded();
        status.holds_lease();
        let report = status.report();
        assert!(report.append_failure.is_some() && report.lease_failure.is_none(), "{report:?}");
        status.lease_failed(&EngineError::Unreachable("cut".to_owned()));
        status.another_leads();
        let report = status.report();
        assert!(report.append_failure.is_none() && report.lease_failure.is_none(), "{report:?}");
        status.append_failed(&EngineError::Full("OOM".to_owned()));
        status.appended(1, 0);
        assert_eq!((status.report().append_failure, status.report().engine_full), (None, 1));
    }
}
