//! Closure of an answer: the findings of a format, as the judgments of sse-session.

use serde_json::Value;
use sse_core::ServerSentEvent;
use sse_session::Judgment;

use super::{
    answer_format::AnswerFormat,
    codes::is_transient,
    judge::{Meaning, Seen},
};

impl AnswerFormat {
    /// Returns the closure of an answer, whose deltas are what `decode` returns.
    pub(super) fn judge<T, D>(
        self,
        mut decode: D,
    ) -> impl FnMut(&ServerSentEvent) -> Judgment<T> + Clone + use<T, D>
    where
        D: FnMut(&ServerSentEvent, &Value, &Seen) -> Result<Option<T>, serde_json::Error> + Clone,
    {
        let mut seen = Seen::default();
        move |event| {
            let meaning = self.meaning(event, &mut seen);
            let mut decoded = |value: &Value, judgment: fn(Option<T>) -> Judgment<T>| {
                decode(event, value, &seen).map_or_else(Judgment::malformed, judgment)
            };
            match meaning {
                Meaning::KeepAlive => Judgment::KeepAlive,
                Meaning::Begin if self.format.always_works() => Judgment::BeginWorking,
                Meaning::Begin => Judgment::Begin,
                Meaning::Other if self.format.always_works() => Judgment::Working,
                Meaning::Other => Judgment::NotYet,
                Meaning::Part(value) if self.format.works(&value) => {
                    decoded(&value, |it| it.map_or(Judgment::Working, Judgment::Delta))
                }
                Meaning::Part(value) => {
                    decoded(&value, |it| it.map_or(Judgment::NotYet, Judgment::Delta))
                }
                Meaning::Finished(value) => decoded(&value, Judgment::Finished),
                Meaning::Whole(None) => Judgment::Whole(None),
                Meaning::Whole(Some(value)) => decoded(&value, Judgment::Whole),
                Meaning::Incomplete => Judgment::Incomplete,
                Meaning::Failed { message, value, code } => {
                    let is_transient = match &self.is_transient {
                        Some(own) => own(&value),
                        None => code.as_deref().is_some_and(is_transient),
                    };
                    Judgment::failed(message, is_transient)
                }
                Meaning::Malformed(error) => Judgment::malformed(error),
            }
        }
    }

    pub(super) fn meaning(&self, event: &ServerSentEvent, seen: &mut Seen) -> Meaning {
        let is_good = |reason: &str| self.accepted.iter().any(|it| it == reason);
        self.format.judge(event, seen, &is_good, self.id.as_ref())
    }
}
