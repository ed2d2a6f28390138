//! Broadcaster.

mod sharing; // events that are encoded and joined once
mod ends; // the end of a broadcaster
