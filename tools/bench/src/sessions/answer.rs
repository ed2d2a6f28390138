//! Answers that a client can request from the server, encoded in the path of a request.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::coding::Coding;

/// Body that the server sends in answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// That many events of a workload, and the end of the body.
    Stream { workload: String, writes: Writes, coding: Coding, events: u64 },
    /// That many events of a workload, and then nothing until the client disconnects.
    Silence { workload: String, coding: Coding, events: u64 },
    /// That many events of a workload, and the end of the connection in the middle of the next one.
    Disconnect { workload: String, events: u64 },
    /// That many events, one per millisecond, each with the time of its sending as its data.
    Stamps { events: u64 },
}

/// Division of a body into HTTP chunks and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writes {
    /// A chunk for each event, in writes of 16 KiB: a server that is faster than its client.
    Coalesced,
    /// A chunk and a write for each event: a server that flushes each event.
    Single,
    /// Chunks of 16 KiB, and a write for each chunk: a server that buffers.
    Packed,
}

impl Writes {
    /// The divisions with a chunk for each event.
    pub const BY_EVENT: [Self; 2] = [Self::Coalesced, Self::Single];
}

impl fmt::Display for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Coalesced => "16 KiB",
            Self::Single => "event",
            Self::Packed => "chunk",
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream { workload, writes, coding, events } => {
                let kind = match writes {
                    Writes::Coalesced => "coalesced",
                    Writes::Single => "single",
                    Writes::Packed => "packed",
                };
                write!(f, "/{kind}/{workload}/{coding}/{events}")
            }
            Self::Silence { workload, coding, events } => {
                write!(f, "/silence/{workload}/{coding}/{events}")
            }
            Self::Disconnect { workload, events } => write!(f, "/loss/{workload}/{events}"),
            Self::Stamps { events } => write!(f, "/stamps/{events}"),
        }
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let unknown = || format!("no such path: `{path}`");
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        let number = |digits: &str| digits.parse().map_err(|_| unknown());
        let stream = |writes, workload: &str, coding: &str, events| {
            let (workload, coding) = (workload.to_owned(), coding.parse()?);
            Ok(Self::Stream { workload, writes, coding, events: number(events)? })
        };
        match *parts {
            ["coalesced", workload, coding, events] => {
                stream(Writes::Coalesced, workload, coding, events)
            }
            ["single", workload, coding, events] => {
                stream(Writes::Single, workload, coding, events)
            }
            ["packed", workload, coding, events] => {
                stream(Writes::Packed, workload, coding, events)
            }
            ["silence", workload, coding, events] => {
                let (workload, coding) = (workload.to_owned(), coding.parse()?);
                Ok(Self::Silence { workload, coding, events: number(events)? })
            }
            ["loss", workload, events] => {
                Ok(Self::Disconnect { workload: workload.to_owned(), events: number(events)? })
            }
            ["stamps", events] => Ok(Self::Stamps { events: number(events)? }),
            _ => Err(unknown()),
        }
    }
}
