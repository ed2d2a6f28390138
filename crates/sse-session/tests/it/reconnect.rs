//! Reconnection: the counters that a policy decides on, and the limits of a session.

mod regular_ends; // regular ends of event streams, the waits after them, and restarts
