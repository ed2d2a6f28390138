//! Transport: whole sessions over connections in memory and over sockets.

mod cuts; // connections that are cut at every byte
mod faults; // connectors and connections that fail, wait or panic
mod floods; // servers that send without end, and a session that is not polled
#[cfg(feature = "tcp")]
mod runtimes; // a session that outlives the runtime of its socket
#[cfg(feature = "tcp")]
mod sockets; // sessions over TCP, with a server that misbehaves
