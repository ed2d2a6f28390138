//! Form: what the events of a service mean, as data, and how an event is judged by it.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};

use serde_json::Value;
use sse_core::ServerSentEvent;

use super::path::{find, first};

/// Description of a wire form. Types and keys that it does not name mean nothing to it.
#[derive(Debug)]
pub(super) struct Form {
    /// Key of the type in the data, where the event has none that the form knows.
    pub(super) type_key: &'static str,
    /// Types of events that only show that the server is alive.
    pub(super) keep_alives: &'static [&'static str],
    /// Types of the first event of an answer.
    pub(super) begins: &'static [&'static str],
    /// Types of the last event of a whole answer.
    pub(super) wholes: &'static [&'static str],
    /// Types that say that the answer is finished, while its end is still to come.
    pub(super) finishes: &'static [&'static str],
    /// Types of events that report a failure.
    pub(super) failures: &'static [&'static str],
    /// Paths of a value that only a failure has.
    pub(super) errors: &'static [&'static str],
    /// Path of a value beside which those of `errors` are not a failure.
    pub(super) despite: &'static str,
    /// Paths of a value that only the whole answer has.
    pub(super) results: &'static [&'static str],
    /// Paths of the message of a failure.
    pub(super) messages: &'static [&'static str],
    /// Paths of the code, type or status of a failure.
    pub(super) codes: &'static [&'static str],
    /// Paths of the reason for which the answer is finished.
    pub(super) reasons: &'static [&'static str],
    /// Types of the events that have a reason; empty for all.
    pub(super) reason_types: &'static [&'static str],
    /// Reasons of a whole answer.
    pub(super) good_reasons: &'static [&'static str],
    /// Values of the reason of an answer that is not finished.
    pub(super) ongoing: &'static [&'static str],
    pub(super) end: End,
    /// Types and paths of the text. An empty type stands for all.
    pub(super) texts: &'static [(&'static str, &'static str)],
}

/// End of a whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// An event: one of `wholes`, or one with one of `results`.
    Event,
    /// An event with a good reason.
    Reason,
    /// `[DONE]`, after the answer was finished.
    Done,
    /// `[DONE]`, or a body that ends as HTTP shows, after the answer was finished.
    DoneOrBody,
    /// A body that ends as HTTP shows, after the answer was finished.
    Body,
    /// A body that ends as HTTP shows, after at least one event.
    BodyAlone,
}

/// Meaning of an event in a form.
#[derive(Debug)]
pub(super) enum Meaning {
    KeepAlive,
    Begin,
    /// Part of the answer, or nothing: the caller's decoder knows.
    Part(Value),
    /// Like [`Part`](Self::Part), with the reason to finish.
    Finished(Value),
    /// The last event, which may be a part too.
    Whole(Option<Value>),
    /// The last event of an answer that is not whole.
    Incomplete,
    Failed {
        message: String,
        /// Data of the event.
        value: Value,
        code: Option<String>,
    },
    Malformed(serde_json::Error),
}

/// The empty form, of which the others name the differences.
pub(super) const NOTHING: Form = Form {
    type_key: "type",
    keep_alives: &[],
    begins: &[],
    wholes: &[],
    finishes: &[],
    failures: &["error"],
    errors: &["error"],
    despite: "",
    results: &[],
    messages: &["error.message", "message", "error", "detail"],
    codes: &["error.code", "error.type", "error.status", "code", "type", "status"],
    reasons: &[],
    reason_types: &[],
    good_reasons: &[],
    ongoing: &[],
    end: End::Event,
    texts: &[],
};

impl Form {
    /// Judges an event. `is_good` adds reasons to the good ones; `id` is that of the JSON-RPC
    /// request that is answered.
    pub(super) fn judge(
        &self,
        event: &ServerSentEvent,
        is_finished: &mut bool,
        is_good: &dyn Fn(&str) -> bool,
        id: Option<&Value>,
    ) -> Meaning {
        let named = event.event().unwrap_or_default();
        let data = event.data().trim();
        if self.is_ping(named, event.data()) {
            return Meaning::KeepAlive;
        }
        if data.is_empty() {
            return self.without_data(named);
        }
        if data == "[DONE]" {
            return self.done(*is_finished);
        }
        let value: Value = match serde_json::from_str(data) {
            Ok(value) => value,
            // A bare text as an error.
            Err(_) if self.failures.contains(&named) => {
                return self.failed(Value::String(data.to_owned()));
            }
            Err(error) => return Meaning::Malformed(error),
        };
        if id.is_some_and(|id| value.get("id") != Some(id)) {
            return Meaning::Part(value);
        }
        let inner = value.get(self.type_key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let is = |types: &[&str]| types.contains(&named) || types.contains(&inner.as_str());
        if is(self.keep_alives) {
            return Meaning::KeepAlive;
        }
        let is_spared = || first(&value, &[self.despite]).is_some();
        if is(self.failures)
            || (first(&value, self.errors).is_some_and(|(it, _)| says_something(&it))
                && (self.despite.is_empty() || !is_spared()))
        {
            return self.failed(value);
        }
        if is(self.begins) {
            return Meaning::Begin;
        }
        let has_reason = self.reason_types.is_empty() || is(self.reason_types);
        let reason = first(&value, self.reasons).filter(|_| has_reason);
        let reason = reason.and_then(|(it, _)| it.as_str().map(ToOwned::to_owned));
        let reason = reason.filter(|it| !it.is_empty() && !self.ongoing.contains(&it.as_str()));
        if let Some(reason) = &reason {
            if !self.good_reasons.contains(&reason.as_str()) && !is_good(reason) {
                let said = first(&value, self.messages).and_then(|(it, _)| text_of(&it));
                let message = said.map_or_else(
                    || format!("finish reason `{reason}`"),
                    |said| format!("finish reason `{reason}`: {said}"),
                );
                return Meaning::Failed { message, value, code: Some(reason.clone()) };
            }
            *is_finished = true;
        }
        let has_result = first(&value, self.results).is_some();
        if is(self.wholes) || has_result || (reason.is_some() && self.end == End::Reason) {
            return Meaning::Whole(Some(value));
        }
        let finishes = reason.is_some() || is(self.finishes) || self.end == End::BodyAlone;
        *is_finished |= finishes;
        let counts = matches!(self.end, End::Body | End::BodyAlone | End::DoneOrBody);
        if finishes && counts { Meaning::Finished(value) } else { Meaning::Part(value) }
    }

    /// Returns `true` if the event is a keep-alive by its name. One with several lines of data is
    /// none: a gateway has written it in the middle of another event, whose text is lost.
    fn is_ping(&self, named: &str, data: &str) -> bool {
        self.keep_alives.contains(&named) && !data.trim().contains('\n')
    }

    fn without_data(&self, named: &str) -> Meaning {
        if self.failures.contains(&named) {
            self.failed(Value::Null)
        } else if self.wholes.contains(&named) {
            Meaning::Whole(None)
        } else if self.begins.contains(&named) {
            Meaning::Begin
        } else {
            Meaning::KeepAlive
        }
    }

    fn done(&self, is_finished: bool) -> Meaning {
        match self.end {
            End::Done | End::DoneOrBody if is_finished => Meaning::Whole(None),
            End::Done | End::DoneOrBody => Meaning::Incomplete,
            _ => Meaning::KeepAlive,
        }
    }

    fn failed(&self, value: Value) -> Meaning {
        let message = first(&value, self.messages).and_then(|(it, _)| text_of(&it));
        let message = message.unwrap_or_else(|| match &value {
            Value::String(text) => text.clone(),
            Value::Null => "no message".to_owned(),
            value => value.to_string(),
        });
        let codes = self.codes.iter().filter_map(|path| first(&value, &[path]));
        let mut codes = codes.filter_map(|(it, _)| text_of(&it));
        let code = codes
            .find(|it| is_transient(it))
            .or_else(|| first(&value, self.codes).and_then(|(it, _)| text_of(&it)));
        Meaning::Failed { message, value, code }
    }

    /// Returns the text of an event; `None` if it has none.
    pub(super) fn text(&self, event_type: &str, value: &Value) -> Option<String> {
        let inner = value.get(self.type_key).and_then(Value::as_str).unwrap_or_default();
        let mut text = String::new();
        for (of, path) in self.texts {
            if of.is_empty() || *of == event_type || *of == inner {
                let mut add = |it: &Value| -> Option<()> {
                    text.push_str(it.as_str().unwrap_or_default());
                    None
                };
                find(value, path, &mut add);
            }
        }
        (!text.is_empty()).then_some(text)
    }
}

/// Returns `true` unless the value of an `error` key stands for no error.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    }
}

/// Returns a text or a number as text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns `true` if a failure with this code, type or status may be temporary.
pub(super) fn is_transient(code: &str) -> bool {
    let is_status = code.parse::<u16>().is_ok_and(|it| matches!(it, 408 | 425 | 429 | 500..=599));
    is_status || TRANSIENT.iter().any(|it| it.eq_ignore_ascii_case(code))
}

/// Codes, types and statuses of temporary failures, as OpenAI, Anthropic, Google, DeepSeek and the
/// gateways have them.
const TRANSIENT: &[&str] = &[
    "api_error",
    "deadline_exceeded",
    "engine_overloaded",
    "engine_overloaded_error",
    "insufficient_system_resource",
    "internal",
    "internal_error",
    "internal_server_error",
    "overloaded",
    "overloaded_error",
    "rate_limit_error",
    "rate_limit_exceeded",
    "resource_exhausted",
    "server_error",
    "service_unavailable",
    "service_unavailable_error",
    "timeout",
    "timeout_error",
    "unavailable",
];
