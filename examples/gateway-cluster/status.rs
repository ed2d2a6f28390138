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
    /// Failure to lead or to append, until that works again or another process leads.
    pub(crate) write_failure: Option<String>,
    /// `true` if that failure is that the engine has no memory.
    #[serde(skip)]
    is_full: bool,
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

    /// Forgets a failure to write: the engine has said who leads.
    pub(crate) fn leader_is_known(&self) {
        self.lock().write_failure = None;
    }

    /// Forgets a failure to write, unless the engine is full: it replies then too.
    pub(crate) fn renewed(&self) {
        let mut report = self.lock();
        if !report.is_full {
            report.write_failure = None;
        }
    }

    pub(crate) fn appended(&self, stored: u64, duplicates: u64) {
        let mut report = self.lock();
        report.appended += stored;
        report.duplicates += duplicates;
        if report.write_failure.take().is_some() {
            eprintln!("engine: takes events again");
        }
    }

    /// Logs a failure to read, once until the engine responds.
    pub(crate) fn read_failed(&self, error: &EngineError) {
        let mut report = self.lock();
        report.engine_failures += 1;
        log_once(&mut report.read_failure, error);
    }

    /// Logs a failure to lead or to append, once until that works.
    pub(crate) fn write_failed(&self, error: &EngineError) {
        let mut report = self.lock();
        report.engine_failures += 1;
        report.is_full = matches!(error, EngineError::Full(_));
        report.engine_full += u64::from(report.is_full);
        log_once(&mut report.write_failure, error);
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

fn log_once(known: &mut Option<String>, error: &EngineError) {
    let text = error.to_string();
    if known.is_none() {
        eprintln!("engine: {text}; trying again");
    }
    *known = Some(text);
}
