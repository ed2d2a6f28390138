//! Subscriptions.

mod resume; // subscriptions that begin at some place of the history
mod filter; // subscriptions that choose their events
mod slow; // subscriptions that are read too slowly
mod servers; // subscriptions as the bodies of a server of hyper, over sockets
