//! Blocking sessions over a transport in memory, without a runtime.

pub(crate) mod support; // transport in memory whose reads block

mod session; // events, waits and ends of a blocking session
mod handle; // a session that is closed, or made to reconnect, from other threads
mod timeouts; // limits of a session that a blocking transport makes effective
mod transport; // blocking transports that misbehave
mod same; // one table of scripts, run by an async and by a blocking session
