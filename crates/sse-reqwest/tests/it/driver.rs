//! Driver: when a session reads.

mod backpressure; // how much a server can send to a consumer that does not read
