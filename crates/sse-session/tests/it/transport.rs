//! Transports: those that misbehave, and those made of functions and streams.

mod faults; // transports that misbehave
mod adapters; // functions, streams as bodies, and transports without a type parameter
