//! Judge: the meaning of an event in a format, given the events before it.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
};

use serde_json::Value;
use sse_core::ServerSentEvent;

use super::{
    codes::is_transient,
    format::{End, Format, Work},
    path::{find, first},
};

/// State from the earlier events of an answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// `true` if the answer has a good finish reason.
    pub(super) is_finished: bool,
    /// Format that its first event has chosen.
    format: Option<&'static Format>,
    /// ID of its run.
    run: Option<String>,
}

impl Seen {
    pub(super) fn finished() -> Self {
        Self { is_finished: true, ..Self::default() }
    }
}

/// Meaning of an event in a format.
#[derive(Debug)]
pub(super) enum Meaning {
    KeepAlive,
    Begin,
    /// Part of the answer, or nothing: the caller's decoder decides.
    Part(Value),
    /// Not part of the answer.
    Other,
    /// Like [`Part`](Self::Part), with the finish reason.
    Finished(Value),
    /// The last event, which may be a part too.
    Whole(Option<Value>),
    /// The last event of an answer that is not complete.
    Incomplete,
    Failed {
        message: String,
        /// Data of the event.
        value: Value,
        code: Option<String>,
    },
    Malformed(serde_json::Error),
}

impl Format {
    /// Judges an event. `is_good` adds reasons to the good ones; `id` is that of the JSON-RPC
    /// request that is answered.
    pub(super) fn judge(
        &'static self,
        event: &ServerSentEvent,
        seen: &mut Seen,
        is_good: &dyn Fn(&str) -> bool,
        id: Option<&Value>,
    ) -> Meaning {
        if let Some(format) = seen.format.filter(|format| !core::ptr::eq(*format, self)) {
            return format.judge(event, seen, is_good, id);
        }
        let named = event.event().unwrap_or_default();
        let data = event.data().trim();
        if self.is_ping(named, event.data()) {
            return Meaning::KeepAlive;
        }
        if data.is_empty() {
            return self.without_data(named, event.id().is_some());
        }
        if data == "[DONE]" {
            return self.done(seen.is_finished);
        }
        let value: Value = match serde_json::from_str(data) {
            Ok(value) => value,
            // A bare text as an error.
            Err(_) if self.failures.contains(&named) => {
                return self.failed(Value::String(data.to_owned()));
            }
            Err(error) => return Meaning::Malformed(error),
        };
        if let (true, Some(id)) = (self.is_rpc, id) {
            let is_call = value.get("method").is_some();
            match value.get("id").filter(|it| !it.is_null()) {
                None if is_call => return Meaning::Part(value),
                Some(found) if !is_call && found == id => {}
                _ => return Meaning::Other,
            }
        }
        let is = |types: &[&str]| self.is_of(named, &value, types);
        if let (None, Some((first, format))) = (seen.format, self.instead) {
            if is(&[first]) {
                seen.format = Some(format);
                return format.judge(event, seen, is_good, id);
            }
        }
        if is(self.begins) || is(self.wholes) || is(self.failures) {
            if self.is_of_another_run(&value, seen) {
                return Meaning::Other;
            }
            if is(self.begins) {
                seen.format = Some(self);
                seen.run = self.run_of(&value).or(seen.run.take());
            }
        }
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
        let is_good_reason = |it: &str| self.good_reasons.contains(&it);
        let is_cut = is(self.cuts);
        let reason = match reason {
            reason if !is_cut => reason,
            Some(reason) if !is_good_reason(&reason) => Some(reason),
            _ => Some(CUT.to_owned()),
        };
        if let Some(reason) = &reason {
            if !is_good_reason(reason) && !is_good(reason) {
                let said = first(&value, self.messages).and_then(|(it, _)| text_of(&it));
                let message = said.map_or_else(
                    || format!("finish reason `{reason}`"),
                    |said| format!("finish reason `{reason}`: {said}"),
                );
                return Meaning::Failed { message, value, code: Some(reason.clone()) };
            }
            seen.is_finished = true;
        }
        let has_result = first(&value, self.results).is_some();
        if is(self.wholes) || is_cut || has_result || (reason.is_some() && self.end == End::Reason)
        {
            return Meaning::Whole(Some(value));
        }
        let finishes = reason.is_some() || is(self.finishes) || self.end == End::BodyAlone;
        seen.is_finished |= finishes;
        let counts = matches!(self.end, End::Body | End::BodyAlone | End::DoneOrBody);
        if finishes && counts { Meaning::Finished(value) } else { Meaning::Part(value) }
    }

    /// Returns `true` if the event is a keep-alive by its name. One with several lines of data is
    /// none: a gateway has written it in the middle of another event, whose text is lost.
    fn is_ping(&self, named: &str, data: &str) -> bool {
        self.keep_alives.contains(&named) && !data.trim().contains('\n')
    }

    fn run_of(&self, value: &Value) -> Option<String> {
        let paths: &[_] = if self.run.is_empty() { &[] } else { &[self.run] };
        first(value, paths).and_then(|(it, _)| text_of(&it))
    }

    fn is_of_another_run(&self, value: &Value, seen: &Seen) -> bool {
        let own = seen.run.as_ref();
        own.is_some_and(|own| self.run_of(value).is_some_and(|it| it != *own))
    }

    /// Returns `true` if the event has one of these types.
    fn is_of(&self, named: &str, value: &Value, types: &[&str]) -> bool {
        let is = |it: &Value| it.as_str().is_some_and(|it| types.contains(&it));
        let is_at = |key: &str| if key.is_empty() { None } else { value.get(key) };
        types.contains(&named)
            || is_at(self.type_key).is_some_and(is)
            || is_at(self.types_key).and_then(Value::as_array).is_some_and(|it| it.iter().any(is))
    }

    /// Returns `true` if every event but a keep-alive shows that the server works.
    pub(super) fn always_works(&self) -> bool {
        matches!(self.work, Work::Always)
    }

    /// Returns `true` if the event shows that the server does work that a repetition would do
    /// twice.
    pub(super) fn works(&self, value: &Value) -> bool {
        match self.work {
            Work::Never => false,
            Work::Always => true,
            Work::At(path, values) => {
                let found = first(value, &[path]);
                found.is_some_and(|(it, _)| it.as_str().is_some_and(|it| values.contains(&it)))
            }
        }
    }

    fn without_data(&self, named: &str, has_id: bool) -> Meaning {
        if self.failures.contains(&named) {
            self.failed(Value::Null)
        } else if self.wholes.contains(&named) {
            Meaning::Whole(None)
        } else if self.begins.contains(&named) {
            Meaning::Begin
        } else if has_id && self.always_works() {
            // A server that has begun to work gives it an ID to resume from.
            Meaning::Other
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
    pub(super) fn text(&self, event_type: &str, value: &Value, seen: &Seen) -> Option<String> {
        let mut text = String::new();
        if self.is_of_another_run(value, seen) {
            return None;
        }
        for (of, path) in seen.format.unwrap_or(self).texts {
            if of.is_empty() || self.is_of(event_type, value, &[of]) {
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

/// Reason of an answer that is cut short without one.
const CUT: &str = "incomplete";

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
