//! Contestants, by name.

use super::{
    client::{BoxError, Client},
    clients::{
        EventsourceClient, EventsrcClient, Ours, OursDecodedBefore, OursDirect, OursKept, Parsed,
        Raw, RawOlder, ReqwestEventsource, SseReqwestClient, Sseer,
    },
    job::{Finding, Job},
    runtime::Runtime,
    transports::{OursHyper, OursUreq},
};
use crate::contest::OURS;

pub struct Contestant {
    pub name: &'static str,
    pub kind: Kind,
    /// Does a job in a runtime of its own, given the server's origin.
    pub run: fn(Job, Runtime, String) -> Result<Finding, BoxError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Knows no events: it takes the bytes of the response unread.
    Raw,
    /// Knows events, and no second connection.
    Parser,
    Client,
}

/// The name of the limit.
pub const RAW: &str = "raw";
/// The name of that of the reqwest before.
pub const RAW_OLDER: &str = "raw 0.12";

/// The name of ours over sse-direct.
pub const OURS_DIRECT: &str = "ours-direct";

/// The name of ours without the timer of reqwest's that lifts a total timeout.
pub const OURS_KEPT: &str = "ours, no timer";

/// The name of ours over what reqwest has decoded.
pub const OURS_DECODED_BEFORE: &str = "ours, reqwest decodes";

/// Takes part in the comparison of content codings only.
const DECODED_BEFORE: Contestant =
    contestant::<OursDecodedBefore>(OURS_DECODED_BEFORE, Kind::Client);

/// The name of ours over hyper-util's client.
pub const OURS_HYPER: &str = "ours-hyper";

/// The name of ours over ureq, without async.
pub const OURS_UREQ: &str = "ours-ureq";

/// Take part in the comparison of transports only.
const OVER_TRANSPORTS: [Contestant; 2] = [
    contestant::<OursHyper>(OURS_HYPER, Kind::Client),
    contestant::<OursUreq>(OURS_UREQ, Kind::Client),
];

/// Brings an HTTP client of its own, which decodes no content coding.
const EVENTSOURCE_CLIENT: &str = "eventsource-client";

/// The limit first, then ours.
pub const CONTESTANTS: [Contestant; 11] = [
    contestant::<Raw>(RAW, Kind::Raw),
    contestant::<Parsed>("raw + sse-core", Kind::Parser),
    contestant::<Ours>(OURS, Kind::Client),
    contestant::<OursDirect>(OURS_DIRECT, Kind::Client),
    contestant::<OursKept>(OURS_KEPT, Kind::Client),
    contestant::<SseReqwestClient>("sse-reqwest-client", Kind::Client),
    contestant::<Sseer>("sseer", Kind::Client),
    contestant::<EventsourceClient>(EVENTSOURCE_CLIENT, Kind::Client),
    contestant::<EventsrcClient>("eventsrc-client", Kind::Client),
    contestant::<ReqwestEventsource>("reqwest-eventsource", Kind::Client),
    contestant::<RawOlder>(RAW_OLDER, Kind::Raw),
];

const fn contestant<C: Client>(name: &'static str, kind: Kind) -> Contestant {
    Contestant { name, kind, run: |job, runtime, origin| job.run::<C>(runtime, origin) }
}

impl Contestant {
    /// Returns the contestants of these names, or all. Always includes the limit and ours.
    pub fn chosen(names: Option<&[String]>) -> Vec<&'static Self> {
        let is_chosen = |name: &str| match names {
            Some(names) => [RAW, OURS].contains(&name) || names.iter().any(|each| each == name),
            None => true,
        };
        CONTESTANTS.iter().filter(|contestant| is_chosen(contestant.name)).collect()
    }

    /// Returns the limit and the clients, each in one variant only.
    pub fn distinct() -> Vec<&'static Self> {
        let is_distinct = |contestant: &&Self| match contestant.name {
            RAW => true,
            RAW_OLDER | OURS_KEPT => false,
            _ => contestant.kind == Kind::Client,
        };
        CONTESTANTS.iter().filter(is_distinct).collect()
    }

    /// Returns the contestants that are compared with other languages: the limit, ours over reqwest
    /// and over sse-direct, and those of these names.
    pub fn across_languages(names: Option<&[String]>) -> Vec<&'static Self> {
        let is_named = |name: &str| names.is_some_and(|names| names.iter().any(|it| it == name));
        let is_chosen = |name: &str| [RAW, OURS, OURS_DIRECT].contains(&name) || is_named(name);
        CONTESTANTS.iter().filter(|contestant| is_chosen(contestant.name)).collect()
    }

    /// Returns the contestants that are compared over TLS (feature `tls`): the limit, and ours over
    /// reqwest and over sse-direct.
    #[cfg(feature = "tls")]
    pub fn over_tls() -> Vec<&'static Self> {
        let is_chosen = |name: &str| [RAW, OURS, OURS_DIRECT].contains(&name);
        CONTESTANTS.iter().filter(|contestant| is_chosen(contestant.name)).collect()
    }

    /// Returns the contestants that read content codings: the limit, ours in both ways, and the
    /// peers of these names, or all.
    pub fn decoding(names: Option<&[String]>) -> Vec<&'static Self> {
        let is_chosen = |contestant: &&Self| match contestant.name {
            RAW | OURS => true,
            RAW_OLDER | OURS_KEPT | EVENTSOURCE_CLIENT => false,
            name => {
                let is_named = |names: &[String]| names.iter().any(|each| each == name);
                contestant.kind == Kind::Client && names.is_none_or(is_named)
            }
        };
        let mut chosen: Vec<_> = CONTESTANTS.iter().filter(is_chosen).collect();
        chosen.insert(1, &DECODED_BEFORE);
        chosen
    }

    pub fn find(name: &str) -> Option<&'static Self> {
        let mut all = CONTESTANTS.iter().chain([&DECODED_BEFORE]).chain(&OVER_TRANSPORTS);
        all.find(|contestant| contestant.name == name)
    }
}
