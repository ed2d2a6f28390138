//! Prints events and steps as JSON objects, one per line, for other programs.
//!
//! Each object has a `kind` and a `time`. Members without a value are omitted.

use std::time::SystemTime;

use serde::Serialize;
use sse_reqwest::{Call, ServerSentEvent};

use super::{
    end::{EndMembers, Ended},
    timestamp,
};
use crate::{
    failure::{self, Ending, Failure},
    steps::StepKind,
};

/// Appends lines to a text, with a time.
pub(crate) struct JsonLines<'a>(pub(crate) &'a mut String, pub(crate) SystemTime);

#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    time: String,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'a> {
    Connecting {
        attempt: u32,
    },
    Open {
        status: u16,
        version: String,
        url: String,
    },
    Event {
        r#type: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        last_event_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_ms: Option<u128>,
        #[serde(skip_serializing_if = "Option::is_none")]
        comments: Option<&'a str>,
    },
    Disconnected {
        error: String,
        causes: Vec<String>,
        wait_ms: u128,
        last_event_id: &'a str,
        #[serde(flatten)]
        end: EndMembers,
    },
    Gap {
        requested_id: &'a str,
        resumed_after_id: &'a str,
    },
    Closed {
        reason: &'static str,
        #[serde(flatten)]
        end: EndMembers,
    },
    Failed {
        error: String,
        causes: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        exit_code: u8,
        #[serde(flatten)]
        end: EndMembers,
    },
}

impl JsonLines<'_> {
    pub(crate) fn event(&mut self, event: &ServerSentEvent, last_event_id: &str) {
        let what = What::Event {
            r#type: event.event_type(),
            data: event.has_data().then(|| event.data()),
            id: event.id(),
            last_event_id,
            retry_ms: event.retry().map(|time| time.as_millis()),
            comments: event.comments(),
        };
        self.push("event", what);
    }

    /// Appends a step, with what has ended.
    pub(crate) fn step(&mut self, step: &StepKind, ended: &Ended) {
        match step {
            StepKind::Connecting { attempt } => {
                self.push("connecting", What::Connecting { attempt: *attempt });
            }
            StepKind::Open(call) => self.push("open", open(call)),
            StepKind::Disconnected { cause, delay } => {
                let what = What::Disconnected {
                    error: cause.to_string(),
                    causes: failure::causes(cause),
                    wait_ms: delay.as_millis(),
                    last_event_id: cause.last_event_id(),
                    end: EndMembers::new(ended),
                };
                self.push("disconnected", what);
            }
            StepKind::Gap(gap) => {
                let (requested_id, resumed_after_id) = (gap.requested_id(), gap.resumed_after_id());
                self.push("gap", What::Gap { requested_id, resumed_after_id });
            }
        }
    }

    pub(crate) fn end(&mut self, result: &Result<Ending, Failure>, ended: &Ended) {
        let end = EndMembers::new(ended);
        match result {
            Ok(ending) => self.push("closed", What::Closed { reason: ending.name(), end }),
            Err(failure) => {
                let error = failure.session();
                let what = What::Failed {
                    error: failure.text(),
                    causes: failure.causes(),
                    status: error.and_then(|it| it.status()).map(|status| status.as_u16()),
                    body: error.and_then(|it| it.body_text()).map(|body| body.into_owned()),
                    exit_code: failure.code(),
                    end,
                };
                self.push("failed", what);
            }
        }
    }

    fn push(&mut self, kind: &'static str, what: What<'_>) {
        let time = timestamp(self.1);
        // Strings and numbers can always be serialized.
        if let Ok(line) = serde_json::to_string(&Line { kind, time, what }) {
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }
}

fn open(call: &Call) -> What<'static> {
    let response = call.response();
    What::Open {
        status: response.status().as_u16(),
        version: format!("{:?}", response.version()),
        url: response.uri().to_string(),
    }
}
