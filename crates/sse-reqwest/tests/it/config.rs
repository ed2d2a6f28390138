//! Configuration: presets and limits, as a session applies them.

mod feeds; // `SseConfig::for_feeds`, over weeks of simulated time
mod limits; // `SseConfig::limits`: an event that is too large
