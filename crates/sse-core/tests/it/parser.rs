//! Parser: which events a stream has, according to the standard and to the suites of other parsers.

mod spec_stream; // clauses P1 to P5: from bytes to lines, such as a CR at the end of a chunk
mod spec_fields; // clauses P6 to P15: from lines to fields
mod spec_dispatch; // clauses P16 to P22: the end of a block and the end of a stream

mod vectors_wpt; // the event streams that web-platform-tests serves from its `eventsource/` folder
mod vectors_eventsource_parser; // the cases of `rexxars/eventsource-parser`
mod vectors_launchdarkly; // the cases of the parser of `launchdarkly/rust-eventsource-client`
mod vectors_sse_stream; // the cases of the parser of `4t145/sse-stream`

mod restart; // `Parser::restart`: streams of several connections with one parser
mod finish; // `Parser::finish`: streams whose last event lacks its blank line
mod ends; // `Parser::is_in_line` and `Parser::has_unfinished_event`
mod comments; // comments that are kept
