//! What a server is asked for: a value in a client's process, the path of a request on the wire.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What the server sends in answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// So many events of a workload, and the end of the body.
    Stream { workload: String, writes: Writes, events: u64 },
    /// So many events of a workload, and then nothing, for ever.
    Silence { workload: String, events: u64 },
    /// So many events of a workload, and the end of the connection in the middle of the next.
    Disconnect { workload: String, events: u64 },
    /// An event every millisecond, so many times, with the moment at which it is sent as its data.
    Stamps { events: u64 },
}

/// How the chunks of a body, each of them an event, are handed to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Writes {
    /// Of 16 KiB, as a server writes that has more to send than its client can take.
    Coalesced,
    /// One for each event, as a server writes that flushes each.
    Single,
}

impl Writes {
    pub const ALL: [Self; 2] = [Self::Coalesced, Self::Single];
}

impl fmt::Display for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Coalesced => "16 KiB",
            Self::Single => "event",
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream { workload, writes: Writes::Coalesced, events } => {
                write!(f, "/coalesced/{workload}/{events}")
            }
            Self::Stream { workload, writes: Writes::Single, events } => {
                write!(f, "/single/{workload}/{events}")
            }
            Self::Silence { workload, events } => write!(f, "/silence/{workload}/{events}"),
            Self::Disconnect { workload, events } => write!(f, "/loss/{workload}/{events}"),
            Self::Stamps { events } => write!(f, "/stamps/{events}"),
        }
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let unknown = || format!("no such path: `{path}`");
        let (kind, rest) = path.trim_start_matches('/').split_once('/').ok_or_else(unknown)?;
        let (workload, events) = rest.rsplit_once('/').unwrap_or(("", rest));
        let (workload, events) = (workload.to_owned(), events.parse().map_err(|_| unknown())?);
        Ok(match kind {
            "coalesced" => Self::Stream { workload, writes: Writes::Coalesced, events },
            "single" => Self::Stream { workload, writes: Writes::Single, events },
            "silence" => Self::Silence { workload, events },
            "loss" => Self::Disconnect { workload, events },
            "stamps" => Self::Stamps { events },
            _ => return Err(unknown()),
        })
    }
}
