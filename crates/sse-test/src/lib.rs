//! A server of event streams (`text/event-stream`) that misbehaves on command, for tests of what
//! has to live with such servers.
//!
//! ```text
//! Reply, Reply, … ─▶ ScriptedServer ─▶ your code ─▶ what the server has seen: SeenRequest, …
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod loopback;
mod gate;
mod clock;
mod seen;
mod record;
mod reply;
mod script;
mod socket;
mod http1;
mod connection;
mod builder;
mod server;
#[cfg(feature = "hyper")]
mod web;

pub use builder::ScriptedServerBuilder;
pub use clock::TestClock;
pub use gate::Gate;
pub use record::Side;
pub use reply::Reply;
pub use seen::{HttpVersion, SeenRequest};
pub use server::ScriptedServer;
#[cfg(feature = "hyper")]
pub use web::WebServer;
