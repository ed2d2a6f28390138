//! Wire formats of language models and agents, for the answers of sse-session.
//!
//! A [`Verdict`] recognizes a complete or failed answer in its format. The formats are data: a
//! table of types, paths and finish reasons, which one function applies.

mod path;
mod form;
mod forms;
mod codes;
mod judge;
mod verdict;
mod closure;

pub use self::verdict::Verdict;
