//! Configuration: its options, and the check of them.

mod check; // options that can have no effect
