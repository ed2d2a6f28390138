//! Wire forms of language models and agents, for the [answers](sse_session::Answer) of sse-session
//! (feature `answers`).
//!
//! A [`Verdict`] knows when an answer in its form is whole, and when it has failed. The forms are
//! data: a table of types, paths and finish reasons, which one function applies. A service with a
//! form of its own needs no `Verdict`, but a closure of ten lines, as
//! [`Judgment`](sse_session::Judgment) shows.

mod path;
mod form;
mod forms;
mod verdict;

pub use self::verdict::Verdict;
