//! The session against real servers on loopback, from the outside.
