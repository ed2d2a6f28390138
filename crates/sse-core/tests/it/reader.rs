//! Reader: the events of a stream do not depend on its chunks, and none is delayed.

mod chunking; // properties of every split of a stream into chunks
mod immediate; // latency: an event is returned with its last byte
mod skip; // limits with `ExcessPolicy::Skip`
