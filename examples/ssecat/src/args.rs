//! Options of the command line, as data, with their help.
//!
//! Each group of options is interpreted by the module that it concerns.

mod help;
mod values;
mod condition;

use std::{path::PathBuf, time::Duration};

use clap::{ArgGroup, Parser, ValueEnum};
use reqwest::header::HeaderName;
use sse_test::JsonPath;

pub(crate) use self::condition::JsonCondition;
use self::help::{EXAMPLES_AND_CODES, MORE, STYLES, USAGE};
pub(crate) use self::values::{Header, IdleTimeoutArg, Source, Speed};

/// Prints the events of an event stream (Server-Sent Events) as they are received
///
/// By default, ssecat follows one connection and prints each event as the server sent it.
#[derive(Debug, Parser)]
#[command(version, after_help = MORE, after_long_help = EXAMPLES_AND_CODES, override_usage = USAGE, styles = STYLES, max_term_width = 100)]
pub(crate) struct Args {
    /// URL of the event stream; http:// if it has no scheme
    #[arg(required_unless_present = "replay", conflicts_with = "replay")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) reconnection: ReconnectionArgs,
    #[command(flatten)]
    pub(crate) end: EndArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) recording: RecordingArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestArgs {
    /// HTTP method [default: GET, or POST with --data]
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub(crate) method: Option<reqwest::Method>,
    /// Adds a header, `Name: value`, or the headers of a @FILE, one per line
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<Source>,
    /// Request body: text, @FILE, or - for standard input; several are joined with &. The content
    /// type is application/json for a JSON object or array, otherwise that of a form, as in curl;
    /// --header overrides it
    #[arg(
        short,
        long,
        visible_alias = "data-binary",
        value_name = "DATA",
        allow_hyphen_values = true
    )]
    pub(crate) data: Vec<Source>,
    /// Credentials for basic authentication
    #[arg(short, long, value_name = "USER:PASSWORD")]
    pub(crate) user: Option<String>,
    /// Starts after the event with this ID
    #[arg(long, value_name = "ID")]
    pub(crate) last_event_id: Option<String>,
    /// Accepts any content type as an event stream
    #[arg(long)]
    pub(crate) any_content_type: bool,
    /// Proxy to use instead of those in the environment
    #[arg(short = 'x', long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Number of redirects to follow
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) max_redirs: usize,
    /// Longest time to connect
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) connect_timeout: Option<Duration>,
    /// Longest time from a request to the head of its response
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) head_timeout: Option<Duration>,
    /// Uses HTTP/1.1 only
    #[arg(long = "http1.1", conflicts_with = "http2_prior_knowledge")]
    pub(crate) http1: bool,
    /// Uses HTTP/2 without negotiating it
    #[arg(long)]
    pub(crate) http2_prior_knowledge: bool,
    /// Connects without an HTTP client, over HTTP/1.1 and without a proxy. Takes less CPU time and
    /// memory
    #[arg(long, conflicts_with_all = ["proxy", "max_redirs", "http2_prior_knowledge", "replay"])]
    pub(crate) direct: bool,
    /// Trusts the certificates in this file as well (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Accepts any certificate; for tests only
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// Options of curl that ask for what ssecat always does: no buffering, following redirects,
    /// compression, and failing if the request is rejected
    #[arg(short = 'N', long = "no-buffer", short_aliases = ['L', 'f'], aliases = ["location", "compressed", "fail"], hide = true, action = clap::ArgAction::Count)]
    pub(crate) implied: u8,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reconnection (off unless one of the first seven is given)")]
pub(crate) struct ReconnectionArgs {
    /// Reconnects with exponential backoff, and resumes after the last event
    #[arg(short, long)]
    pub(crate) reconnect: bool,
    /// Number of attempts that may fail in a row [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) attempts: Option<u32>,
    /// First wait; `retry` and `Retry-After` of the server can prolong it [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) wait: Option<Duration>,
    /// Longest wait [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) max_wait: Option<Duration>,
    /// Longest time without a healthy connection [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) max_outage: Option<Duration>,
    /// Retries the first connection too
    #[arg(long)]
    pub(crate) retry_first: bool,
    /// Reconnects like a browser's EventSource: forever, every 3 s or as the server's `retry` says,
    /// but not after a rejected request
    #[arg(long, conflicts_with_all = ["attempts", "wait", "max_wait", "max_outage", "clean_end", "retry_first"])]
    pub(crate) browser: bool,
    /// Condition for repeating the request
    #[arg(long, value_name = "WHEN", default_value = "by-method")]
    pub(crate) resume: ResumeArg,
    /// Action after a regular end of the event stream
    #[arg(long, value_name = "WHAT", default_value = "by-method")]
    pub(crate) clean_end: CleanEndArg,
    /// Longest silence of a connection, without even a comment; `auto` derives it from the interval
    /// of the comments [default: no limit]
    #[arg(long, value_name = "TIME|auto")]
    pub(crate) idle_timeout: Option<IdleTimeoutArg>,
}

impl ReconnectionArgs {
    pub(crate) fn is_on(&self) -> bool {
        self.reconnect
            || self.attempts.is_some()
            || self.wait.is_some()
            || self.max_wait.is_some()
            || self.max_outage.is_some()
            || self.retry_first
    }
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum ResumeArg {
    /// Always with safe methods such as GET, with PUT and the like without a response, else never
    ByMethod,
    /// Never
    Never,
    /// If no event with data has been received
    NothingDelivered,
    /// If there is a last event ID to resume from
    IdSeen,
    /// Always, even if the server then starts from the beginning
    FromBeginning,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum CleanEndArg {
    /// Reconnects with safe methods such as GET, finishes with other methods
    ByMethod,
    /// Reconnects
    Reconnect,
    /// Finishes
    Finish,
}

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "End")]
#[command(group(ArgGroup::new("terminal").args(["stop_after_data", "stop_after_type", "stop_when"]).multiple(true)))]
pub(crate) struct EndArgs {
    /// Ends after this number of events
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: Option<u64>,
    /// Ends after an event with exactly this data, such as `[DONE]`; repeatable
    #[arg(long, value_name = "DATA")]
    pub(crate) stop_after_data: Vec<String>,
    /// Ends after an event of this type, with data or without; repeatable
    #[arg(long, value_name = "TYPE")]
    pub(crate) stop_after_type: Vec<String>,
    /// Ends after an event whose data is JSON with this value, such as
    /// `choices.0.finish_reason=stop`; PATH is of keys and indexes, or * for any; repeatable
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) stop_when: Vec<JsonCondition>,
    /// Fails after an event of this type, such as `error`, with data or without (exit code 120);
    /// repeatable
    #[arg(long, value_name = "TYPE")]
    pub(crate) fail_on: Vec<String>,
    /// Fails after an event whose data is JSON with this value, such as `type=error` (exit code
    /// 120); repeatable
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) fail_when: Vec<JsonCondition>,
    /// Fails if the stream ends without the terminal event of --stop-… (exit code 18)
    #[arg(long, requires = "terminal")]
    pub(crate) expect_terminal: bool,
    /// Takes the last event of a whole response even without the blank line after it
    #[arg(long)]
    pub(crate) unfinished: bool,
    /// Ends after this time (exit code 28)
    #[arg(short, long, value_name = "TIME", value_parser = values::time)]
    pub(crate) max_time: Option<Duration>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Prints only events of this type; repeatable
    #[arg(short, long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// Prints comments, such as keep-alives
    #[arg(long)]
    pub(crate) comments: bool,
    /// Prints reconnection times that the server sets
    #[arg(long)]
    pub(crate) retry: bool,
    /// Prints events that have an ID or a type, but no data
    #[arg(long)]
    pub(crate) dataless: bool,
    /// Prints a JSON object on a line for each event and each step of the connection, with the
    /// times of each connection where it ends
    #[arg(long)]
    pub(crate) json: bool,
    /// Prints only data, each followed by a line break
    #[arg(long, conflicts_with = "json")]
    pub(crate) data_only: bool,
    /// Formats data that is JSON, on several lines
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) pretty: bool,
    /// Prints the time at which each event was received; --json always does
    #[arg(short = 'T', long)]
    pub(crate) timestamps: bool,
    /// When to use colors; NO_COLOR in the environment is respected
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorArg,
    /// Prints requests, responses, and every end to standard error, with the times to the head, the
    /// first byte, the first event and the end, and those between events
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Prints nothing to standard error
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) silent: bool,
    /// Prints errors despite --silent
    #[arg(short = 'S', long)]
    pub(crate) show_error: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Recordings")]
pub(crate) struct RecordingArgs {
    /// Writes requests and everything that the server sends to this file, with the timing, but
    /// neither credentials, nor values of -H other than those of standard headers such as Accept,
    /// nor request bodies; unless -H says otherwise, the server is asked not to compress
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Lets --record replace a file that exists
    #[arg(long, requires = "record")]
    pub(crate) force: bool,
    /// Redacts values in data that is JSON, such as `choices.*.delta.content`; PATH is of keys and
    /// indexes, or * for any; repeatable
    #[arg(long, value_name = "PATH", requires = "record")]
    pub(crate) redact: Vec<JsonPath>,
    /// Redacts a header besides those with credentials; repeatable
    #[arg(long = "redact-header", value_name = "NAME", requires = "record")]
    pub(crate) redact_headers: Vec<HeaderName>,
    /// Reads such a file instead of sending requests
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// Factor by which the replay is faster than the recording; `max` does not wait
    #[arg(long, value_name = "FACTOR", default_value = "1", conflicts_with_all = ["url", "record"])]
    pub(crate) speed: Speed,
}
