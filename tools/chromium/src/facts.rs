//! Cases of connections, with the expected events and requests, and known differences between
//! Chromium and sse-reqwest.
//!
//! Mostly data. Each case is checked for both, so that a difference that disappears is detected
//! too.

use sse_test::Reply;

use crate::{
    Outcome,
    both::{self, Both, Follower, Script},
    page::Page,
    seen::{Asked, Dispatched, Seen},
};

/// Case of a connection.
#[derive(Debug)]
struct Fact {
    name: &'static str,
    replies: fn() -> Vec<Reply>,
    expected: By,
}

#[derive(Debug, Clone, Copy)]
enum By {
    /// Equal for both, as the standard says.
    Both(Expected),
    /// Different, with a reason that says which of them conforms to the standard.
    Each { why: &'static str, chromium: Expected, ours: Expected },
}

/// Events as type, data and last event ID; requests as path and `Last-Event-ID`.
#[derive(Debug, Clone, Copy)]
struct Expected {
    events: &'static [(&'static str, &'static str, &'static str)],
    requests: &'static [(&'static str, Option<&'static str>)],
}

/// Checks all cases for both. Prints their number, and the known differences.
pub(crate) async fn compare(page: &mut Page<'_>, follower: Follower) -> Outcome<()> {
    let facts: Vec<_> = match follower {
        Follower::EventSource => FACTS.iter().chain(UNREAD).collect(),
        Follower::Session(_) => FACTS.iter().collect(),
    };
    let scripts: Vec<_> = facts.iter().map(|fact| fact.script()).collect();
    let seen = both::follow(page, follower, &scripts).await?;
    let problems = facts.iter().zip(&seen).flat_map(|(fact, seen)| fact.problems(seen, follower));
    let problems: Vec<_> = problems.collect();
    if !problems.is_empty() {
        return Err(problems.join("\n").into());
    }
    println!("{follower:?}: {} cases of connections", facts.len());
    for fact in facts {
        match fact.expected {
            By::Each { why, .. } if follower == Follower::EventSource => {
                println!("  {}: {why}", fact.name);
            }
            _ => {}
        }
    }
    Ok(())
}

impl Fact {
    fn script(&self) -> Script {
        let (for_page, for_ours) = ((self.replies)(), (self.replies)());
        Script { for_page, for_ours, types: vec!["message".to_owned()] }
    }

    /// Describes unexpected results.
    fn problems(&self, both: &Both, follower: Follower) -> Vec<String> {
        let (chromium, ours) = match self.expected {
            By::Both(expected) => (expected.into(), expected.into()),
            By::Each { chromium, ours, .. } => (Seen::from(chromium), Seen::from(ours)),
        };
        let page = match follower {
            Follower::EventSource => chromium,
            Follower::Session(_) => ours.clone().with_ascii_ids_only(),
        };
        let pairs = [("the page", both.page.as_ref(), page), ("ours", Some(&both.ours), ours)];
        let wrong = pairs.into_iter().filter(|(_, seen, expected)| *seen != Some(expected));
        let problem = |(who, seen, expected): (&str, Option<&Seen>, Seen)| match seen {
            Some(seen) => format!("{}: {who} received\n{seen}instead of\n{expected}", self.name),
            None => format!("{}: {who} did not finish", self.name),
        };
        wrong.map(problem).collect()
    }
}

impl From<Expected> for Seen {
    fn from(Expected { events, requests }: Expected) -> Self {
        let event = |(event_type, data, last_event_id): &(&str, &str, &str)| Dispatched {
            event_type: (*event_type).to_owned(),
            data: (*data).to_owned(),
            last_event_id: (*last_event_id).to_owned(),
        };
        let request = |(target, id): &(&str, Option<&str>)| Asked {
            target: (*target).to_owned(),
            last_event_id: id.map(|id| id.as_bytes().to_vec()),
        };
        Self {
            events: events.iter().map(event).collect(),
            requests: requests.iter().map(request).collect(),
        }
    }
}

/// Returns a script that begins with a short reconnection time, and ends with a 204.
fn script(replies: impl IntoIterator<Item = Reply>) -> Vec<Reply> {
    let short_retry = Reply::events("retry: 1\n\n");
    [short_retry].into_iter().chain(replies).chain([Reply::status(204)]).collect()
}

const FACTS: &[Fact] = &[
    Fact {
        name: "the request after a regular end has the last event ID",
        replies: || script([Reply::events("id: 1\ndata: a\n\n"), Reply::events("data: b\n\n")]),
        expected: By::Both(Expected {
            events: &[("message", "a", "1"), ("message", "b", "1")],
            requests: &[(AT, None), (AT, None), (AT, Some("1")), (AT, Some("1"))],
        }),
    },
    Fact {
        name: "an ID without data counts, and an empty ID resets it",
        replies: || script([Reply::events("id: 1\n\n"), Reply::events("id\n\n")]),
        expected: By::Both(Expected {
            events: &[],
            requests: &[(AT, None), (AT, None), (AT, Some("1")), (AT, None)],
        }),
    },
    Fact {
        name: "the ID of an incomplete block does not count",
        replies: || {
            script([Reply::events("id: 1\n\nid: 2\ndata: b\n"), Reply::events("data: c\n\n")])
        },
        expected: By::Both(Expected {
            events: &[("message", "c", "1")],
            requests: &[(AT, None), (AT, None), (AT, Some("1")), (AT, Some("1"))],
        }),
    },
    Fact {
        name: "an ID with a NUL does not count",
        replies: || script([Reply::events("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")]),
        expected: By::Both(Expected {
            events: &[("message", "a", "1"), ("message", "b", "1")],
            requests: &[(AT, None), (AT, None), (AT, Some("1"))],
        }),
    },
    Fact {
        name: "an ID is sent as UTF-8",
        replies: || script([Reply::events("id: é…😀\n\n")]),
        expected: By::Both(Expected {
            events: &[],
            requests: &[(AT, None), (AT, None), (AT, Some("é…😀"))],
        }),
    },
    Fact {
        name: "an ID with a control character is not sent by sse-reqwest",
        replies: || script([Reply::events("id: a\x01b\ndata: c\n\n")]),
        expected: By::Each {
            why: "the standard requires it to be sent, as Chromium does; HTTP forbids it in a header, and many servers respond 400",
            chromium: Expected {
                events: &[("message", "c", "a\x01b")],
                requests: &[(AT, None), (AT, None), (AT, Some("a\x01b"))],
            },
            ours: Expected {
                events: &[("message", "c", "a\x01b")],
                requests: &[(AT, None), (AT, None), (AT, None)],
            },
        },
    },
    Fact {
        name: "each connection may start with a byte order mark",
        replies: || {
            let marked = ["\u{FEFF}data: a\n\n", "\u{FEFF}data: b\n\n"];
            script(marked.map(Reply::events))
        },
        expected: By::Both(Expected {
            events: &[("message", "a", ""), ("message", "b", "")],
            requests: &[(AT, None), (AT, None), (AT, None), (AT, None)],
        }),
    },
    Fact {
        name: "a line may end right after a byte order mark",
        replies: || script([Reply::events("\u{FEFF}\ndata: a\n\ndata: b\n\n")]),
        expected: By::Each {
            why: "Chromium treats that line end as part of the next line, and ignores the line",
            chromium: Expected {
                events: &[("message", "b", "")],
                requests: &[(AT, None), (AT, None), (AT, None)],
            },
            ours: Expected {
                events: &[("message", "a", ""), ("message", "b", "")],
                requests: &[(AT, None), (AT, None), (AT, None)],
            },
        },
    },
    Fact {
        name: "a 204 ends the stream",
        replies: || vec![Reply::status(204)],
        expected: By::Both(Expected { events: &[], requests: &[(AT, None)] }),
    },
    Fact {
        name: "a 404 ends the stream",
        replies: || script([Reply::status(404), Reply::events("data: a\n\n")]),
        expected: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "a 503 ends the stream",
        replies: || script([Reply::status(503), Reply::events("data: a\n\n")]),
        expected: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "a 200 without a content type ends the stream",
        replies: || script([Reply::status(200).send("data: a\n\n")]),
        expected: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "another content type ends the stream",
        replies: || script([of_type("text/html", "data: a\n\n")]),
        expected: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "letter case and parameters of the content type do not matter",
        replies: || {
            let types =
                ["text/event-stream;", "TEXT/Event-Stream; x=y", "text/event-stream;charset=UTF-8"];
            script(types.map(|it| of_type(it, "data: a\n\n")))
        },
        expected: By::Both(Expected {
            events: &[("message", "a", ""), ("message", "a", ""), ("message", "a", "")],
            requests: &[(AT, None), (AT, None), (AT, None), (AT, None), (AT, None)],
        }),
    },
    Fact {
        name: "a stream is UTF-8 whatever the content type says",
        replies: || script([of_type("text/event-stream; charset=windows-1252", "data: é\n\n")]),
        expected: By::Each {
            why: "Chromium rejects another charset",
            chromium: Expected { events: &[], requests: &[(AT, None), (AT, None)] },
            ours: Expected {
                events: &[("message", "é", "")],
                requests: &[(AT, None), (AT, None), (AT, None)],
            },
        },
    },
    Fact {
        name: "a redirect is followed, and its target is requested after a disconnect",
        replies: || script([Reply::redirect(302, "/there"), Reply::events("id: 1\ndata: a\n\n")]),
        expected: By::Both(Expected {
            events: &[("message", "a", "1")],
            requests: &[(AT, None), (AT, None), ("/there", None), ("/there", Some("1"))],
        }),
    },
];

/// Cases for an `EventSource` only. When a connection fails, `fetch` discards what the page has not
/// read yet, so the events that a session receives depend on timing.
const UNREAD: &[Fact] = &[Fact {
    name: "the request after a failed connection has the last event ID",
    replies: || script([Reply::events("id: 1\ndata: a\n\nid: 2\nda").cut()]),
    expected: By::Both(Expected {
        events: &[("message", "a", "1")],
        requests: &[(AT, None), (AT, None), (AT, Some("1"))],
    }),
}];

fn of_type(content_type: &str, body: &str) -> Reply {
    Reply::status(200).header("content-type", content_type).send(body)
}

/// Path that the clients request.
const AT: &str = "/events";
