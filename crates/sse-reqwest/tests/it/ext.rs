//! Extension traits: sessions that begin with a response that was already received.

mod responses; // the session over the response itself
mod resumed_responses; // its disconnects, with and without `resume_request`
