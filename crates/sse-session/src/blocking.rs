//! Blocking sessions: the async driver, polled by the thread that reads the session.
//!
//! Only the wait is different. A [transport](transport) blocks while the driver polls it, and the
//! [thread](thread) parks while the session waits for anything else. Both kinds of sessions
//! therefore share one machine, one driver and one set of options and errors.

mod transport;
mod body;
mod thread;
mod lifecycle;
mod session;
mod request;
mod answer;
mod client;

pub use self::{
    answer::BlockingAnswer,
    client::BlockingClient,
    lifecycle::BlockingLifecycle,
    request::{BlockingRequest, OpenBlockingSession},
    session::BlockingSession,
    transport::BlockingTransport,
};
