//! reqwest as the transport: what it does for a session, and what the session does about it.

mod redirects; // redirects, which reqwest follows
mod cookies; // cookies and other state that bind a client to a server
mod proxies; // event streams through proxies, which reqwest connects to
mod timeouts; // timeouts of the `reqwest::Client`, and their effect on a session
mod protocols; // versions of HTTP, and the failures that only HTTP/2 has
#[cfg(feature = "http2")]
mod windows; // flow-control windows of HTTP/2
