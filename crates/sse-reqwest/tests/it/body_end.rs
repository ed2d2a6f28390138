//! Ends of bodies, over sockets.

mod disconnects; // whether an end is a disconnect
mod real_servers; // the ends of real servers and proxies, and what a session makes of each
