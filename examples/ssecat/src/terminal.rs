//! Decides which events end the session: terminal events, and errors that the server reports in the
//! event stream.
//!
//! Sees every event with data, also those of types that are not printed, and if a type is a
//! condition, every event without data.

use std::sync::{Arc, OnceLock};

use sse_reqwest::ServerSentEvent;

use crate::args::EndArgs;

/// The options that say which events end the session, and the error that was reported, if any.
#[derive(Debug, Clone)]
pub(crate) struct Terminal {
    args: Arc<EndArgs>,
    reported: Arc<OnceLock<Reported>>,
}

/// Error that a server has reported in the event stream.
#[derive(Debug, Clone)]
pub(crate) struct Reported {
    /// Condition that makes an error of the event.
    pub(crate) why: String,
    /// The start of its data.
    pub(crate) data: String,
}

impl Terminal {
    pub(crate) fn new(args: &EndArgs) -> Self {
        Self { args: Arc::new(args.clone()), reported: Arc::default() }
    }

    /// Returns `true` if any event can end the session.
    pub(crate) fn is_any(&self) -> bool {
        let EndArgs { stop_after_data, stop_after_type, stop_when, fail_on, fail_when, .. } =
            &*self.args;
        let texts = [stop_after_data, stop_after_type, fail_on];
        let conditions = [stop_when, fail_when];
        texts.iter().any(|it| !it.is_empty()) || conditions.iter().any(|it| !it.is_empty())
    }

    /// Returns `true` if a condition is a type, which an event without data can have.
    pub(crate) fn names_types(&self) -> bool {
        !self.args.stop_after_type.is_empty() || !self.args.fail_on.is_empty()
    }

    /// Returns `true` if the session ends after this event, and remembers the error that it
    /// reports. An event that is both is an error.
    pub(crate) fn is_met_by(&self, event: &ServerSentEvent) -> bool {
        if let Some(why) = self.failure_in(event) {
            // The session ends after the first one, so no other can be lost.
            let _ = self.reported.set(Reported { why, data: excerpt(event.data()) });
            return true;
        }
        let args = &self.args;
        (event.has_data() && args.stop_after_data.iter().any(|it| it == event.data()))
            || has_type(event, &args.stop_after_type)
            || args.stop_when.iter().any(|it| it.is_met_by(event.data()))
    }

    fn failure_in(&self, event: &ServerSentEvent) -> Option<String> {
        if has_type(event, &self.args.fail_on) {
            return Some(format!("event of type {}", event.event_type()));
        }
        let condition = self.args.fail_when.iter().find(|it| it.is_met_by(event.data()))?;
        Some(format!("event with {}", condition.text()))
    }

    /// Returns the error that was reported, if any.
    pub(crate) fn reported(&self) -> Option<&Reported> {
        self.reported.get()
    }
}

/// Returns `true` if the event has one of these types. A block of an ID or a comment has none: it
/// is not a `message`.
fn has_type(event: &ServerSentEvent, types: &[String]) -> bool {
    (event.has_data() || event.event().is_some()) && types.iter().any(|it| it == event.event_type())
}

/// Returns the start of the data, on one line.
fn excerpt(data: &str) -> String {
    let mut excerpt: String = data.chars().take(MAX_CHARS).map(visible).collect();
    if data.chars().nth(MAX_CHARS).is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// Longer errors are in the output, or in that of --json.
const MAX_CHARS: usize = 300;

fn visible(character: char) -> char {
    if character.is_control() { ' ' } else { character }
}
