//! A server of event streams (`text/event-stream`) that misbehaves on command, for tests of what
//! has to live with such servers.
//!
//! ```text
//! Reply, Reply, … ─▶ ScriptedServer ─▶ your code ─▶ what the server has seen: SeenRequest, …
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod gate;
mod parts;
mod coding;
mod reply;
mod body;

mod seen;
mod clock;
mod record;
mod script;

mod socket;
mod http1;
#[cfg(feature = "http2")]
mod http2;
#[cfg(feature = "tls")]
mod certificate;
mod connection;

mod loopback;
mod builder;
mod server;
#[cfg(feature = "hyper")]
mod web;

pub use builder::ScriptedServerBuilder;
#[cfg(feature = "tls")]
pub use certificate::TestCertificate;
pub use clock::TestClock;
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
pub use coding::ContentCoding;
pub use gate::Gate;
pub use parts::Http2Error;
pub use record::Side;
pub use reply::Reply;
pub use seen::{HttpVersion, SeenRequest};
pub use server::ScriptedServer;
#[cfg(feature = "hyper")]
pub use web::WebServer;
