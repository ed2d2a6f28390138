//! Format: the meaning of a service's events, as data.

/// Description of a wire format. Types and keys that it does not name have no meaning in it.
#[derive(Debug)]
pub(super) struct Format {
    /// Key of the type in the data, used if the event has no type that the format knows. Empty if
    /// the data is the application's own, whose types have no meaning.
    pub(super) type_key: &'static str,
    /// Key of a list of more types of the event in its data.
    pub(super) types_key: &'static str,
    /// Type of a first event after which the answer has another format.
    pub(super) instead: Option<(&'static str, &'static Self)>,
    /// Path of the ID of the run that an event belongs to. An answer is that of the run that began
    /// first: the beginnings, ends and failures of other runs do not belong to it.
    pub(super) run: &'static str,
    /// `true` if only the events with the ID of the JSON-RPC request and the notifications belong
    /// to the answer.
    pub(super) is_rpc: bool,
    /// Evidence that the server does work that a repetition would duplicate.
    pub(super) work: Work,
    /// Types of events that only show that the server is alive.
    pub(super) keep_alives: &'static [&'static str],
    /// Types of the first event of an answer.
    pub(super) begins: &'static [&'static str],
    /// Types of the last event of a complete answer.
    pub(super) wholes: &'static [&'static str],
    /// Types that report the answer as finished, although its end is still to come.
    pub(super) finishes: &'static [&'static str],
    /// Types of the last event of a truncated answer, with a reason or without.
    pub(super) cuts: &'static [&'static str],
    /// Types of events that report a failure.
    pub(super) failures: &'static [&'static str],
    /// Paths of a value that only a failure has.
    pub(super) errors: &'static [&'static str],
    /// Path of a value that makes those of `errors` not a failure.
    pub(super) despite: &'static str,
    /// Paths of a value that only a complete answer has.
    pub(super) results: &'static [&'static str],
    /// Paths of the message of a failure.
    pub(super) messages: &'static [&'static str],
    /// Paths of the code, type or status of a failure.
    pub(super) codes: &'static [&'static str],
    /// Paths of the finish reason of the answer.
    pub(super) reasons: &'static [&'static str],
    /// Types of the events that have a reason; empty for all.
    pub(super) reason_types: &'static [&'static str],
    /// Reasons of a complete answer.
    pub(super) good_reasons: &'static [&'static str],
    /// Values of the reason of an answer that is not finished.
    pub(super) ongoing: &'static [&'static str],
    pub(super) end: End,
    /// Types and paths of the text. An empty type matches all.
    pub(super) texts: &'static [(&'static str, &'static str)],
}

/// End of a complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// An event: one of `wholes`, or one with one of `results`.
    Event,
    /// An event with a good reason.
    Reason,
    /// `[DONE]`, after the answer was finished.
    Done,
    /// `[DONE]`, or a body that HTTP shows to be whole, after the answer was finished.
    DoneOrBody,
    /// A body that HTTP shows to be whole, after the answer was finished.
    Body,
    /// A body that HTTP shows to be whole, after at least one event.
    BodyAlone,
}

/// Evidence that the server does work that a repetition would duplicate.
#[derive(Debug, Clone, Copy)]
pub(super) enum Work {
    /// None: a model computes a text, and its caller runs the tools.
    Never,
    /// Every event but a keep-alive: an agent runs, with its tools.
    Always,
    /// One of these values at this path: a tool that the service runs.
    At(&'static str, &'static [&'static str]),
}

/// The empty format, from which the others differ.
pub(super) const NOTHING: Format = Format {
    type_key: "type",
    types_key: "",
    instead: None,
    run: "",
    is_rpc: false,
    work: Work::Never,
    keep_alives: &[],
    begins: &[],
    wholes: &[],
    finishes: &[],
    cuts: &[],
    failures: &["error"],
    errors: &["error"],
    despite: "",
    results: &[],
    messages: &["error.message", "message", "error", "detail"],
    codes: &["error.code", "error.type", "error.status", "code", "type", "status"],
    reasons: &[],
    reason_types: &[],
    good_reasons: &[],
    ongoing: &[],
    end: End::Event,
    texts: &[],
};
