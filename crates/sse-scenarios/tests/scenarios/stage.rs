//! Stage of a scenario: the lines of its outcome so far, and the acts that are due.

use std::{
    mem,
    sync::{Arc, Mutex, OnceLock},
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
    /// Acts that are due once the session waits for bytes.
    in_silence: Vec<Act>,
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
        for (when, act) in &self.acts {
            match *when {
                When::Line(cause) if cause == line && *act == Act::Acknowledge => {
                    acknowledges = true;
                }
                When::Line(cause) if cause == line => self.perform(*act),
                When::Silence(cause) if cause == line => {
                    self.state.lock().unwrap().in_silence.push(*act);
                }
                _ => {}
            }
        }
        self.state.lock().unwrap().lines.push(line);
        acknowledges
    }

    /// Performs the acts that were to wait until the session waits for bytes.
    pub(crate) fn silence(&self) {
        let acts = mem::take(&mut self.state.lock().unwrap().in_silence);
        acts.into_iter().for_each(|act| self.perform(act));
    }

    /// Performs the acts that the requests cause. It never ends before the last of them.
    pub(crate) async fn watch_requests(&self) {
        let Some(server) = &self.server else {
            return;
        };
        for (when, act) in &self.acts {
            if let When::Requests(count) = *when {
                server.requested(count).await;
                self.perform(*act);
            }
        }
    }

    /// Takes the lines so far.
    pub(crate) fn take_lines(&self) -> Vec<String> {
        mem::take(&mut self.state.lock().unwrap().lines)
    }

    fn perform(&self, act: Act) {
        match act {
            Act::GoOn => self.server.iter().for_each(|server| server.go_on()),
            Act::Advance(time) => self.clock.advance(time),
            Act::Close => self.handle.get().unwrap().close(),
            Act::ReconnectNow => self.handle.get().unwrap().reconnect_now(),
            Act::Acknowledge => panic!("only an event can be acknowledged"),
        }
    }
}
