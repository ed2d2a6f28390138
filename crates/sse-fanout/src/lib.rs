//! Server-Sent Events to any number of connections: encoded once, with a bounded history to resume
//! from.
//!
//! ```text
//! send(event) ─▶ history ─▶ Subscription ─▶ EventBody ─▶ connection
//!                        ─▶ Subscription ─▶ EventBody ─▶ connection
//! ```
//!
//! A [`Broadcaster`] keeps the newest events, encoded, in one bounded history. A [`Subscription`]
//! is a position in the history, and a stream of the events after it, for sse-core's `EventBody`. A
//! subscriber needs no queue and no task of its own, and a slow subscriber does not delay others.
//! If the history drops events that a subscription has not read, the subscription [ends with an
//! error](SubscriptionError::TooSlow). Its client then reconnects, and resumes by its
//! `Last-Event-ID`.
//!
//! ```
//! use sse_core::{EventBody, ServerSentEvent};
//! use sse_fanout::{Broadcaster, Subscription};
//!
//! /// The body of a response to a client that sent this `Last-Event-ID`, if any.
//! fn body(prices: &Broadcaster, last_event_id: Option<&str>) -> EventBody<Subscription> {
//!     let missed = last_event_id.and_then(|id| prices.subscribe_after(id));
//!     EventBody::new(missed.unwrap_or_else(|| prices.subscribe()))
//! }
//!
//! let prices = Broadcaster::new();
//! let first = body(&prices, None);
//! prices.send(ServerSentEvent::builder().id("1").data("42").build()?);
//! # Ok::<(), sse_core::BuildError>(())
//! ```
//!
//! # Failures of clients and of the source
//!
//! | what happens | what follows | counted in [`Counts`] as |
//! |---|---|---|
//! | a `Last-Event-ID` is unknown, malformed, or older than the history | [`subscribe_after`](Broadcaster::subscribe_after) returns `None`, and the caller decides | `unknown_ids` |
//! | a client reads too slowly | its subscription fails with [`TooSlow`](SubscriptionError::TooSlow): the response ends as a truncated one, and the client reconnects | `too_slow` |
//! | a client never reads | nothing is queued for it, and no event kept; the server has to end the connection, by a timeout of its writes | `most_behind_bytes`, while it is connected |
//! | a client disconnects, in the middle of a write too | the server drops the body, and with it the subscription | `subscribers` |
//! | the source of the events fails | [`abort`](Broadcaster::abort) lets responses end as truncated ones, after the events that were sent: clients reconnect | - |
//!
//! # Non-goals
//!
//! The crate opens no connection, spawns no task and needs no runtime. It keeps nothing beyond the
//! life of the process, and knows nothing of other processes.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod history;
mod waiters;
mod options;
mod counts;
mod error;
mod state;
mod subscription;
mod broadcaster;

pub use broadcaster::Broadcaster;
pub use counts::Counts;
pub use error::SubscriptionError;
pub use options::BroadcasterBuilder;
pub use subscription::Subscription;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
