//! Rules of a session: which events are skipped, end the values, or are errors, before any is
//! decoded.
//!
//! They apply in the order in which they were given.

use alloc::{borrow::Cow, boxed::Box, vec::Vec};

use sse_core::ServerSentEvent;

/// Rules for the events that are not values.
pub(crate) struct Rules<X> {
    rules: Vec<Rule>,
    /// Finds the events that report an error, after the rules.
    report: Option<Report<X>>,
}

/// Decision about an event.
pub(crate) enum Ruling<X> {
    Decode,
    Skip,
    Stop,
    /// The event reports this error.
    Fail(X),
}

pub(crate) struct Rule {
    pub(crate) when: When,
    pub(crate) then: Then,
}

pub(crate) enum When {
    TypeIs(Cow<'static, str>),
    DataIs(Cow<'static, str>),
    Holds(Predicate),
}

#[derive(Clone, Copy)]
pub(crate) enum Then {
    Skip,
    Stop,
}

pub(crate) type Predicate = Box<dyn Fn(&ServerSentEvent) -> bool + Send + Sync>;
pub(crate) type Report<X> = Box<dyn Fn(&ServerSentEvent) -> Option<X> + Send + Sync>;

impl<X> Rules<X> {
    pub(crate) fn none() -> Self {
        Self { rules: Vec::new(), report: None }
    }

    pub(crate) fn push(&mut self, when: When, then: Then) {
        self.rules.push(Rule { when, then });
    }

    pub(crate) fn with_report<Y>(self, report: Report<Y>) -> Rules<Y> {
        Rules { rules: self.rules, report: Some(report) }
    }

    #[inline]
    pub(crate) fn judge(&self, event: &ServerSentEvent) -> Ruling<X> {
        if self.rules.is_empty() && self.report.is_none() {
            return Ruling::Decode;
        }
        self.ask(event)
    }

    fn ask(&self, event: &ServerSentEvent) -> Ruling<X> {
        match self.rules.iter().find(|rule| rule.when.matches(event)) {
            Some(Rule { then: Then::Skip, .. }) => Ruling::Skip,
            Some(Rule { then: Then::Stop, .. }) => Ruling::Stop,
            None => {
                let reported = self.report.as_ref().and_then(|report| report(event));
                reported.map_or(Ruling::Decode, Ruling::Fail)
            }
        }
    }
}

impl When {
    fn matches(&self, event: &ServerSentEvent) -> bool {
        match self {
            Self::TypeIs(event_type) => event.event_type() == event_type,
            Self::DataIs(data) => event.has_data() && event.data() == data,
            Self::Holds(predicate) => predicate(event),
        }
    }
}
