//! Wire forms of language models and agents, for the answers of sse-session.
//!
//! A [`Verdict`] knows when an answer in its form is whole, and when it has failed. The forms are
//! data: a table of types, paths and finish reasons, which one function applies.

mod path;
mod form;
mod forms;
mod verdict;

pub use self::verdict::Verdict;
