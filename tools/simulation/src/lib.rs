//! Simulation of sessions: runs whole lives in memory, each from a seed, and checks invariants.
//!
//! A life is one session between a model server and a model user. Bytes, time and chance are
//! simulated, so that a life takes microseconds, and its seed reproduces it. The session is the
//! real one, used through the public API of sse-session.
//!
//! ```text
//! user ──▶ session ──▶ transport ──▶ server       World: time, timers, exchanges, violations
//!   │                      │            │
//!   └───────── checks ─────┴── model ───┘
//! ```

mod chance;
mod invariant;
mod timers;
mod feed;
mod wire;
mod options;
mod decision;
mod exchange;
mod server;
mod model;
mod world;
mod requests;
mod heads;
mod bodies;
mod events;
mod transport;
mod observer;
mod user;
mod acts;
mod ends;
mod life;

pub use invariant::{Invariant, Violation};
pub use life::{Life, run};
