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
    /// Failure of the engine, until it responds again.
    pub(crate) engine_failure: Option<String>,
    pub(crate) engine_failures: u64,
    /// Attempts to append that the engine had no memory for.
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

    pub(crate) fn appended(&self, stored: u64, duplicates: u64) {
        let mut report = self.lock();
        report.appended += stored;
        report.duplicates += duplicates;
        if report.engine_failure.take().is_some() {
            eprintln!("engine: takes events again");
        }
    }

    /// Logs a failure, once until the engine responds.
    pub(crate) fn engine_failed(&self, error: &EngineError) {
        let mut report = self.lock();
        report.engine_failures += 1;
        let text = error.to_string();
        if report.engine_failure.is_none() {
            eprintln!("engine: {text}; trying again");
        }
        report.engine_failure = Some(text);
    }

    pub(crate) fn engine_was_full(&self) {
        self.lock().engine_full += 1;
    }

    pub(crate) fn engine_responded(&self) {
        let mut report = self.lock();
        // A full engine responds too.
        let is_full =
            report.engine_failure.as_ref().is_some_and(|it| it.starts_with("engine is full"));
        if !is_full && report.engine_failure.take().is_some() {
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
