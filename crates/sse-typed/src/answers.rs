//! Wire formats of language models and agents, for the answers of sse-session.
//!
//! An [`AnswerFormat`] recognizes a complete or failed answer. The formats are data: a table of
//! types, paths and finish reasons, which one function applies.

mod path;
mod format;
mod formats;
mod codes;
mod judge;
mod answer_format;
mod closure;

pub use self::answer_format::AnswerFormat;
