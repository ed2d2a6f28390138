//! Ends of bodies: what is known of each, and what it proves.

mod evidence; // `end_evidence()` on the session, on a disconnect and on an error
mod completeness; // `completeness` and `expect_complete_events`: ends in the middle of an event
mod unfinished; // `dispatch_unfinished_event`: a last event that lacks its blank line
mod unknown_lines; // lines that are not fields, such as an error without `data:`
