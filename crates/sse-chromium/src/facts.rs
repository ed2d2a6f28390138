//! What is to be seen of connections, case by case, and where Chromium and ours are known to differ.
//!
//! Mostly data. That each case is as it should be is checked for both of them, so that a difference
//! that goes away is noticed too.

use sse_test::Reply;

use crate::{
    Outcome,
    both::{self, Both, Follower, Script},
    page::Page,
    seen::{Asked, Dispatched, Seen},
};

/// One case.
#[derive(Debug)]
struct Fact {
    name: &'static str,
    replies: fn() -> Vec<Reply>,
    seen: By,
}

#[derive(Debug, Clone, Copy)]
enum By {
    /// Both see this, which is what the standard says.
    Both(Expected),
    /// They differ, for a reason that says who does as the standard says.
    Each { why: &'static str, chromium: Expected, ours: Expected },
}

/// Events as type, data and last event ID; requests as path and `Last-Event-ID`.
#[derive(Debug, Clone, Copy)]
struct Expected {
    events: &'static [(&'static str, &'static str, &'static str)],
    requests: &'static [(&'static str, Option<&'static str>)],
}

/// Has both see all cases; says how many there are, and where they differ as they are known to.
pub(crate) async fn compare(page: &mut Page<'_>, follower: Follower) -> Outcome<()> {
    let facts: Vec<_> = match follower {
        Follower::EventSource => FACTS.iter().chain(UNREAD).collect(),
        Follower::Session(_) => FACTS.iter().collect(),
    };
    let scripts: Vec<_> = facts.iter().map(|fact| fact.script()).collect();
    let seen = both::follow(page, follower, &scripts).await?;
    let complaints =
        facts.iter().zip(&seen).flat_map(|(fact, seen)| fact.complaints(seen, follower));
    let complaints: Vec<_> = complaints.collect();
    if !complaints.is_empty() {
        return Err(complaints.join("\n").into());
    }
    println!("{follower:?}: {} cases of connections", facts.len());
    for fact in facts {
        match fact.seen {
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

    /// What is not as it should be, for a person.
    fn complaints(&self, both: &Both, follower: Follower) -> Vec<String> {
        let (chromium, ours) = match self.seen {
            By::Both(expected) => (expected.into(), expected.into()),
            By::Each { chromium, ours, .. } => (Seen::from(chromium), Seen::from(ours)),
        };
        let page = match follower {
            Follower::EventSource => chromium,
            Follower::Session(_) => ours.clone().with_ascii_ids_only(),
        };
        let pairs = [("the page", both.page.as_ref(), page), ("ours", Some(&both.ours), ours)];
        let wrong = pairs.into_iter().filter(|(_, seen, expected)| *seen != Some(expected));
        let complaint = |(who, seen, expected): (&str, Option<&Seen>, Seen)| match seen {
            Some(seen) => format!("{}: {who} sees\n{seen}instead of\n{expected}", self.name),
            None => format!("{}: {who} came to no end", self.name),
        };
        wrong.map(complaint).collect()
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

/// A script that starts by asking for a short wait, and ends by asking to go away.
fn script(replies: impl IntoIterator<Item = Reply>) -> Vec<Reply> {
    let hurry = Reply::events("retry: 1\n\n");
    [hurry].into_iter().chain(replies).chain([Reply::status(204)]).collect()
}

const FACTS: &[Fact] = &[
    Fact {
        name: "after an end there is a request, with the last event ID",
        replies: || script([Reply::events("id: 1\ndata: a\n\n"), Reply::events("data: b\n\n")]),
        seen: By::Both(Expected {
            events: &[("message", "a", "1"), ("message", "b", "1")],
            requests: &[(AT, None), (AT, None), (AT, Some("1")), (AT, Some("1"))],
        }),
    },
    Fact {
        name: "an ID counts without an event, and an empty one takes it back",
        replies: || script([Reply::events("id: 1\n\n"), Reply::events("id\n\n")]),
        seen: By::Both(Expected {
            events: &[],
            requests: &[(AT, None), (AT, None), (AT, Some("1")), (AT, None)],
        }),
    },
    Fact {
        name: "the ID of a block that is not ended does not count",
        replies: || {
            script([Reply::events("id: 1\n\nid: 2\ndata: b\n"), Reply::events("data: c\n\n")])
        },
        seen: By::Both(Expected {
            events: &[("message", "c", "1")],
            requests: &[(AT, None), (AT, None), (AT, Some("1")), (AT, Some("1"))],
        }),
    },
    Fact {
        name: "an ID with a NUL does not count",
        replies: || script([Reply::events("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")]),
        seen: By::Both(Expected {
            events: &[("message", "a", "1"), ("message", "b", "1")],
            requests: &[(AT, None), (AT, None), (AT, Some("1"))],
        }),
    },
    Fact {
        name: "an ID is sent as UTF-8",
        replies: || script([Reply::events("id: é…😀\n\n")]),
        seen: By::Both(Expected {
            events: &[],
            requests: &[(AT, None), (AT, None), (AT, Some("é…😀"))],
        }),
    },
    Fact {
        name: "an ID with a control character is not sent by ours",
        replies: || script([Reply::events("id: a\x01b\ndata: c\n\n")]),
        seen: By::Each {
            why: "the standard has it sent, as Chromium does; a header of HTTP may have none, and many servers answer 400",
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
        seen: By::Both(Expected {
            events: &[("message", "a", ""), ("message", "b", "")],
            requests: &[(AT, None), (AT, None), (AT, None), (AT, None)],
        }),
    },
    Fact {
        name: "a line may end right after a byte order mark",
        replies: || script([Reply::events("\u{FEFF}\ndata: a\n\ndata: b\n\n")]),
        seen: By::Each {
            why: "Chromium takes that line end for a part of the next line, and loses what the line says",
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
        name: "a 204 is the end",
        replies: || vec![Reply::status(204)],
        seen: By::Both(Expected { events: &[], requests: &[(AT, None)] }),
    },
    Fact {
        name: "a 404 is the end",
        replies: || script([Reply::status(404), Reply::events("data: a\n\n")]),
        seen: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "a 503 is the end",
        replies: || script([Reply::status(503), Reply::events("data: a\n\n")]),
        seen: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "a 200 without a content type is the end",
        replies: || script([Reply::status(200).send("data: a\n\n")]),
        seen: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "another content type is the end",
        replies: || script([of_type("text/html", "data: a\n\n")]),
        seen: By::Both(Expected { events: &[], requests: &[(AT, None), (AT, None)] }),
    },
    Fact {
        name: "letter case and parameters of the content type do not matter",
        replies: || {
            let types =
                ["text/event-stream;", "TEXT/Event-Stream; x=y", "text/event-stream;charset=UTF-8"];
            script(types.map(|it| of_type(it, "data: a\n\n")))
        },
        seen: By::Both(Expected {
            events: &[("message", "a", ""), ("message", "a", ""), ("message", "a", "")],
            requests: &[(AT, None), (AT, None), (AT, None), (AT, None), (AT, None)],
        }),
    },
    Fact {
        name: "a stream is UTF-8 whatever the content type says",
        replies: || script([of_type("text/event-stream; charset=windows-1252", "data: é\n\n")]),
        seen: By::Each {
            why: "Chromium gives up where another charset is named",
            chromium: Expected { events: &[], requests: &[(AT, None), (AT, None)] },
            ours: Expected {
                events: &[("message", "é", "")],
                requests: &[(AT, None), (AT, None), (AT, None)],
            },
        },
    },
    Fact {
        name: "a redirect is followed, and what is there is asked again",
        replies: || script([Reply::redirect(302, "/there"), Reply::events("id: 1\ndata: a\n\n")]),
        seen: By::Both(Expected {
            events: &[("message", "a", "1")],
            requests: &[(AT, None), (AT, None), ("/there", None), ("/there", Some("1"))],
        }),
    },
];

/// What only an `EventSource` sees for certain: when a connection breaks off, `fetch` throws away
/// what a page has not read yet. The session asks for it again.
const UNREAD: &[Fact] = &[Fact {
    name: "after a disconnect there is a request too",
    replies: || script([Reply::events("id: 1\ndata: a\n\nid: 2\nda").cut()]),
    seen: By::Both(Expected {
        events: &[("message", "a", "1")],
        requests: &[(AT, None), (AT, None), (AT, Some("1"))],
    }),
}];

fn of_type(content_type: &str, body: &str) -> Reply {
    Reply::status(200).header("content-type", content_type).send(body)
}

/// Where the clients are sent.
const AT: &str = "/events";
