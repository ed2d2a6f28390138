//! The command line, as data: a table of options, with their help.
//!
//! Each group of options is read by the module that carries it out.

mod values;

use std::{path::PathBuf, time::Duration};

use anstyle::{AnsiColor, Style};
use clap::{ArgGroup, Parser, ValueEnum, builder::Styles};

pub(crate) use self::values::{Header, Silence, Source, Speed};

/// Shows the events of an event stream (Server-Sent Events) as they come
///
/// One connection, and its events in the form in which they came, unless told otherwise.
#[derive(Debug, Parser)]
#[command(version, after_help = MORE, after_long_help = EXAMPLES_AND_CODES, override_usage = USAGE, styles = STYLES, max_term_width = 100)]
pub(crate) struct Args {
    /// The event stream; http:// where it does not say otherwise
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
    /// The method; GET unless there is --data, which makes it POST
    #[arg(short = 'X', long = "request", value_name = "METHOD")]
    pub(crate) method: Option<reqwest::Method>,
    /// Adds a header, `Name: value`; or those of a @FILE, one a line
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<Source>,
    /// The body, as it is: text, @FILE, or - for standard input; several are joined by &. Its
    /// content type is application/json where it is a JSON object or array, and otherwise that of
    /// a form, as curl's is; --header can say otherwise
    #[arg(
        short,
        long,
        visible_alias = "data-binary",
        value_name = "DATA",
        allow_hyphen_values = true
    )]
    pub(crate) data: Vec<Source>,
    /// Basic authentication
    #[arg(short, long, value_name = "USER:PASSWORD")]
    pub(crate) user: Option<String>,
    /// Starts after the event with this ID
    #[arg(long, value_name = "ID")]
    pub(crate) last_event_id: Option<String>,
    /// Takes any content type for an event stream
    #[arg(long)]
    pub(crate) any_content_type: bool,
    /// The proxy, instead of those that the environment names
    #[arg(short = 'x', long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// How many redirects are followed
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) max_redirs: usize,
    /// How long it may take to connect
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) connect_timeout: Option<Duration>,
    /// How long it may take until the response begins, each time
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) head_timeout: Option<Duration>,
    /// HTTP/1.1 only
    #[arg(long = "http1.1", conflicts_with = "http2_prior_knowledge")]
    pub(crate) http1: bool,
    /// HTTP/2 without asking for it first
    #[arg(long)]
    pub(crate) http2_prior_knowledge: bool,
    /// Trusts the certificates in this file too (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Trusts any certificate: for tests only
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// For command lines written for curl: events are never held back, redirects are followed,
    /// compression is asked for, and a refusal is a failure
    #[arg(short = 'N', long = "no-buffer", short_aliases = ['L', 'f'], aliases = ["location", "compressed", "fail"], hide = true, action = clap::ArgAction::Count)]
    pub(crate) as_for_curl: u8,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Reconnection (off, unless one of the first seven is given)")]
pub(crate) struct ReconnectionArgs {
    /// Reconnects, after waits that grow, and goes on after the last event
    #[arg(short, long)]
    pub(crate) reconnect: bool,
    /// How many attempts may fail in a row [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) attempts: Option<u32>,
    /// The first wait; the server's `retry` and `Retry-After` make it longer [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) wait: Option<Duration>,
    /// The longest wait [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) max_wait: Option<Duration>,
    /// How long there may be no connection of use [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) max_outage: Option<Duration>,
    /// Tries again too where the first connection cannot be made
    #[arg(long)]
    pub(crate) retry_first: bool,
    /// Does as a browser's EventSource does: every 3 s or what the server's `retry` says, for ever,
    /// but never after a refusal
    #[arg(long, conflicts_with_all = ["attempts", "wait", "max_wait", "max_outage", "clean_end", "retry_first"])]
    pub(crate) browser: bool,
    /// When the request may be repeated
    #[arg(long, value_name = "WHEN", default_value = "by-method")]
    pub(crate) resume: ResumeArg,
    /// What to do when the server ends the stream as it should
    #[arg(long, value_name = "WHAT", default_value = "by-method")]
    pub(crate) clean_end: CleanEndArg,
    /// For how long a connection may be silent, not even a comment; `auto` learns it from these
    /// [default: for ever]
    #[arg(long, value_name = "TIME|auto")]
    pub(crate) idle_timeout: Option<Silence>,
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
    /// GET and HEAD always, others never
    ByMethod,
    Never,
    /// As long as no event has come
    NothingDelivered,
    /// Once there is a last event ID to go on from
    IdSeen,
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum CleanEndArg {
    /// GET and HEAD reconnect, others finish
    ByMethod,
    Reconnect,
    Finish,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What ends it")]
#[command(group(ArgGroup::new("last").args(["stop_on", "stop_before_type"]).multiple(true)))]
pub(crate) struct EndArgs {
    /// Ends after so many events have been shown
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: Option<u64>,
    /// Ends with the event that has exactly this data, such as `[DONE]`; may be repeated
    #[arg(long, value_name = "DATA")]
    pub(crate) stop_on: Vec<String>,
    /// Ends with the event of this type; may be repeated
    #[arg(long, value_name = "TYPE")]
    pub(crate) stop_before_type: Vec<String>,
    /// Takes every other end for a disconnect (exit code 18)
    #[arg(long, requires = "last")]
    pub(crate) expect_stop: bool,
    /// Ends after this time (exit code 28)
    #[arg(short, long, value_name = "TIME", value_parser = values::time)]
    pub(crate) max_time: Option<Duration>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Shows only events of this type; may be repeated
    #[arg(short, long = "type", value_name = "TYPE")]
    pub(crate) types: Vec<String>,
    /// Shows comments too, keep-alives among them
    #[arg(long)]
    pub(crate) comments: bool,
    /// Shows too where the server sets the reconnection time
    #[arg(long)]
    pub(crate) retry: bool,
    /// Shows too what has an ID or a type and no data
    #[arg(long)]
    pub(crate) dataless: bool,
    /// One JSON object a line for each event, and for whatever happens to the connection
    #[arg(long)]
    pub(crate) json: bool,
    /// The data alone, and a line break after each
    #[arg(long, conflicts_with = "json")]
    pub(crate) data_only: bool,
    /// Lays out data that is JSON on lines of its own
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) pretty: bool,
    /// Says when each event came; in --json it always stands
    #[arg(short = 'T', long)]
    pub(crate) timestamps: bool,
    /// When to use colours; NO_COLOR in the environment is respected
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorArg,
    /// Shows requests and responses, and every end (on standard error)
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Says nothing on standard error
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) silent: bool,
    /// ... but errors
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
    /// Writes all that the server sends to this file, with its timing
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    pub(crate) record: Option<PathBuf>,
    /// Reads such a file instead of asking a server
    #[arg(long, value_name = "FILE")]
    pub(crate) replay: Option<PathBuf>,
    /// How much faster than it was; `max` does not wait at all
    #[arg(long, value_name = "FACTOR", default_value = "1", conflicts_with_all = ["url", "record"])]
    pub(crate) speed: Speed,
}

const USAGE: &str = "\
ssecat [OPTIONS] <URL>
       ssecat [OPTIONS] --replay <FILE>";

const MORE: &str = "Examples and exit codes: --help";

const EXAMPLES_AND_CODES: &str = "\
TIME is a number of seconds, or has units: 1.5, 500ms, 2m.

Examples:
    ssecat -r --pretty localhost:8080/events
    ssecat -d @question.json -H @secrets --stop-on '[DONE]' --expect-stop https://example.org/chat
    ssecat --json https://example.org/events | jq -r 'select(.kind == \"event\").data'
    ssecat --record today.jsonl -m 1h https://example.org/events
    ssecat --replay today.jsonl --speed 60

Exit codes, which are curl's where curl has one:
    0  an end as it should be: of the stream, by 204, --stop-on, --max-events, or a closed pipe
    1  a failure of another kind
    2  a wrong command line
    3  a URL that is none, or another request that cannot be made
    7  no connection could be made: no such host, nobody there, or no TLS
    8  the answer was no event stream
   18  the stream was cut off, or --expect-stop was not met
   22  the server refused: a status other than 200 and 204
   23  the output, or the recording, could not be written
   26  a file could not be read
   28  a time limit was reached
   47  too many redirects
   56  the network failed in another way
   63  an event was larger than 16 MiB
  130  Ctrl-C
Where attempts to reconnect have failed, it is the code of the last failure.";

const STYLES: Styles = Styles::plain()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold());

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Args, EXAMPLES_AND_CODES};

    #[test]
    fn the_options_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_examples_in_the_help_are_command_lines() {
        let examples = EXAMPLES_AND_CODES.lines().filter(|line| line.starts_with("    ssecat "));
        let mut count = 0;
        for example in examples {
            let command = example.split(" | ").next().unwrap_or_default();
            let words = command.split_whitespace().map(|word| word.trim_matches('\''));
            let parsed = Args::try_parse_from(words);
            assert!(parsed.is_ok(), "{example}: {parsed:?}");
            count += 1;
        }
        assert_eq!(count, 5);
    }
}
