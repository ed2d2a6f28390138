//! Who takes part, by name.

use super::{
    client::{BoxError, Client},
    clients::{
        EventsourceClient, EventsrcClient, Ours, OursKept, Parsed, Raw, RawOlder,
        ReqwestEventsource, SseReqwestClient, Sseer,
    },
    job::{Finding, Job},
};
use crate::contest::OURS;

pub struct Contestant {
    pub name: &'static str,
    pub kind: Kind,
    /// Does a job, given the server's origin.
    pub run: fn(Job, String) -> Result<Finding, BoxError>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Knows no events: it takes the bytes of the response, and looks at none.
    Raw,
    /// Knows events, and no second connection.
    Parser,
    Client,
}

/// The name of the limit.
pub const RAW: &str = "raw";
/// The name of that of the reqwest before.
pub const RAW_OLDER: &str = "raw 0.12";

/// The name of ours without the timer of reqwest's that lifts a total timeout.
pub const OURS_KEPT: &str = "ours, no timer";

/// The limit first, then ours.
pub const CONTESTANTS: [Contestant; 10] = [
    contestant::<Raw>(RAW, Kind::Raw),
    contestant::<Parsed>("raw + sse-core", Kind::Parser),
    contestant::<Ours>(OURS, Kind::Client),
    contestant::<OursKept>(OURS_KEPT, Kind::Client),
    contestant::<SseReqwestClient>("sse-reqwest-client", Kind::Client),
    contestant::<Sseer>("sseer", Kind::Client),
    contestant::<EventsourceClient>("eventsource-client", Kind::Client),
    contestant::<EventsrcClient>("eventsrc-client", Kind::Client),
    contestant::<ReqwestEventsource>("reqwest-eventsource", Kind::Client),
    contestant::<RawOlder>(RAW_OLDER, Kind::Raw),
];

const fn contestant<C: Client>(name: &'static str, kind: Kind) -> Contestant {
    Contestant { name, kind, run: |job, origin| job.run::<C>(origin) }
}

impl Contestant {
    /// Those of these names, or all. The limit and ours are always among them.
    pub fn chosen(names: Option<&[String]>) -> Vec<&'static Self> {
        let is_chosen = |name: &str| match names {
            Some(names) => [RAW, OURS].contains(&name) || names.iter().any(|each| each == name),
            None => true,
        };
        CONTESTANTS.iter().filter(|contestant| is_chosen(contestant.name)).collect()
    }

    pub fn find(name: &str) -> Option<&'static Self> {
        CONTESTANTS.iter().find(|contestant| contestant.name == name)
    }
}
