//! Texts and styles of the help, besides the descriptions of the options.

use anstyle::{AnsiColor, Style};
use clap::builder::Styles;

pub(super) const USAGE: &str = "\
ssecat [OPTIONS] <URL>
       ssecat [OPTIONS] --replay <FILE>";

pub(super) const MORE: &str = "Examples and exit codes: --help";

pub(super) const EXAMPLES_AND_CODES: &str = "\
TIME is a number of seconds, or has a unit: 1.5, 500ms, 2m.

Examples:
    ssecat -r --pretty localhost:8080/events
    ssecat -d @question.json -H @key --stop-after-data '[DONE]' https://example.org/chat
    ssecat -d @question.json --fail-on error --stop-when choices.0.finish_reason=stop localhost/chat
    ssecat --json https://example.org/events | jq -r 'select(.kind == \"event\").data'
    ssecat --record today.jsonl -m 1h https://example.org/events
    ssecat --record a.jsonl --redact 'choices.*.delta.content' -d @question.json localhost/chat
    ssecat --replay today.jsonl --speed 60

Exit codes, those of curl where curl has one:
    0  success: regular end of the stream, 204, --stop-…, --max-events, or a closed pipe
    1  any other failure
    2  invalid command line
    3  invalid URL, or another invalid request
    7  no connection: unknown host, connection refused, or TLS failure
    8  the response is not an event stream
   18  the stream is incomplete: it was truncated, ended in the middle of an event, or ended
       without the terminal event of --expect-terminal
   22  the server rejected the request: a status other than 200 and 204
   23  the output, or the recording, cannot be written
   26  a file cannot be read
   28  a timeout expired
   47  too many redirects
   56  any other failure of the network
   63  an event is larger than 16 MiB
  120  the server reported an error in the event stream: --fail-on, --fail-when
  130  Ctrl-C
If attempts to reconnect failed, the exit code is that of the last failure.";

pub(super) const STYLES: Styles = Styles::plain()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(AnsiColor::Cyan.on_default())
    .error(AnsiColor::Red.on_default().bold());

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::EXAMPLES_AND_CODES;
    use crate::args::Args;

    #[test]
    fn options_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn examples_in_the_help_are_valid_command_lines() {
        let examples = EXAMPLES_AND_CODES.lines().filter(|line| line.starts_with("    ssecat "));
        let mut count = 0;
        for example in examples {
            let command = example.split(" | ").next().unwrap_or_default();
            let words = command.split_whitespace().map(|word| word.trim_matches('\''));
            let parsed = Args::try_parse_from(words);
            assert!(parsed.is_ok(), "{example}: {parsed:?}");
            count += 1;
        }
        assert_eq!(count, 7);
    }
}
