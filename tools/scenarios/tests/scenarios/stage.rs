//! Stage of a scenario: the lines of its outcome so far, and the acts that are due.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, OnceLock},
};

use sse_session::SessionHandle;
use sse_test::{ScriptedServer, TestClock};

use crate::scenario::{Act, Scenario, When};

/// State that the session, the server and the acts of one performance share.
pub(crate) struct Stage {
    pub(crate) server: Option<Arc<ScriptedServer>>,
    pub(crate) clock: TestClock,
    pub(crate) handle: OnceLock<SessionHandle>,
    acts: Vec<(When, Act)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    /// Acts, by number, that are due once the session waits for bytes.
    in_silence: Vec<usize>,
    /// Acts, by number, that were performed.
    performed: HashSet<usize>,
}

impl Stage {
    pub(crate) fn new(scenario: &Scenario, server: Option<Arc<ScriptedServer>>) -> Self {
        let clock = (scenario.clock)();
        let acts = scenario.acts.clone();
        Self { server, clock, handle: OnceLock::new(), acts, state: Mutex::default() }
    }

    /// Adds a line, and performs the acts that it causes. Returns `true` if the event of the line
    /// is to be acknowledged.
    pub(crate) fn say(&self, line: String) -> bool {
        let mut acknowledges = false;
        for (number, (when, act)) in self.acts.iter().enumerate() {
            match *when {
                When::Line(cause) if cause == line => {
                    acknowledges |= *act == Act::Acknowledge;
                    self.perform(number);
                }
                When::Silence(cause) if cause == line => self.state().in_silence.push(number),
                _ => {}
            }
        }
        self.state().lines.push(line);
        acknowledges
    }

    /// Performs the acts that were to wait until the session waits for bytes.
    pub(crate) fn silence(&self) {
        let acts = mem::take(&mut self.state().in_silence);
        acts.into_iter().for_each(|number| self.perform(number));
    }

    /// Performs the acts that the requests cause, and ends after the last of them.
    pub(crate) async fn watch_requests(&self) {
        let Some(server) = &self.server else {
            return;
        };
        for (number, (when, _)) in self.acts.iter().enumerate() {
            if let When::Requests(count) = *when {
                server.requested(count).await;
                self.perform(number);
            }
        }
    }

    /// Takes the lines so far, and one for each act that was not performed.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        let mut state = self.state();
        let mut lines = mem::take(&mut state.lines);
        let missed = (0..self.acts.len()).filter(|number| !state.performed.contains(number));
        lines.extend(missed.map(|number| format!("not performed: {:?}", self.acts[number])));
        lines
    }

    fn perform(&self, number: usize) {
        self.state().performed.insert(number);
        match self.acts[number].1 {
            Act::GoOn => self.server.iter().for_each(|server| server.go_on()),
            Act::Advance(time) => self.clock.advance(time),
            Act::Close => self.handle.get().unwrap().close(),
            Act::ReconnectNow => self.handle.get().unwrap().reconnect_now(),
            Act::Acknowledge => {} // by the reader of the session
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}
