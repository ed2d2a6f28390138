//! Chunked bodies, decoded as other implementations do.

mod differential; // compares the decoding with that of hyper and of ureq-proto
