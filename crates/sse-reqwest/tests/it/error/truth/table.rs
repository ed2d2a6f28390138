//! Table: what happened, and the expected results over each protocol.

use std::{env, fmt::Write as _, fs, time::Duration};

use tokio::time::timeout;

use super::{Over, answers, happen};
use crate::support::run;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/errors.md");
const BEGIN: &str = "<!-- truth: begin -->\n";
const END: &str = "<!-- truth: end -->\n";

/// Set it to write the table instead of comparing it.
const WRITE: &str = "WRITE_TRUTH";

/// Row: what happened, and the results over HTTP/1.1, HTTP/2 and TLS. `—` is what cannot happen
/// there.
struct Row {
    what: &'static str,
    happens: happen::Happens,
    answers: [&'static str; 3],
}

const NONE: &str = "—";

/// Long enough for any machine: only a row that fails waits for it.
const GUARD: Duration = Duration::from_secs(20);

fn rows() -> Vec<Row> {
    let row = |what, happens, answers| Row { what, happens, answers };
    vec![
        row("the port refuses connections", happen::refused, ["`NoResponse` connect"; 3]),
        row(
            "a proxy responds 407 to CONNECT",
            happen::proxy_unauthorized,
            [NONE, NONE, "`NoResponse` connect, final"],
        ),
        row(
            "the certificate is not trusted",
            happen::untrusted,
            [NONE, NONE, "`NoResponse` connect tls, final"],
        ),
        row(
            "the server at an `https` URL does not speak TLS",
            happen::plain_port,
            [NONE, NONE, "`NoResponse` connect tls, final"],
        ),
        row(
            "the server closes during the TLS handshake",
            happen::handshake_closed,
            [NONE, NONE, "`NoResponse` connect"],
        ),
        row("FIN before the head", happen::closed_before_head, ["`NoResponse` unanswered"; 3]),
        row("RST before the head", happen::reset_before_head, ["`NoResponse` unanswered reset"; 3]),
        row(
            "RST_STREAM before the head",
            happen::stream_reset_before_head,
            [NONE, "`NoResponse` unanswered reset", NONE],
        ),
        row(
            "GOAWAY with an error before the head",
            happen::go_away_before_head,
            [NONE, "`NoResponse` unanswered", NONE],
        ),
        row("the head does not come: `head_timeout`", happen::no_head, ["`Deadline` timeout"; 3]),
        row(
            "the server allows no further stream (MAX_CONCURRENT_STREAMS): `head_timeout`",
            happen::no_stream,
            [NONE, "`Deadline` timeout (1)", NONE],
        ),
        row(
            "a ping is not answered before the head",
            happen::ping_before_head,
            [NONE, "`NoResponse` timeout", NONE],
        ),
        row("the response is not HTTP", happen::not_http, ["`NoResponse`"; 3]),
        row(
            "the head has 101 headers",
            happen::many_headers,
            ["`NoResponse` local_limit, final", "accepted", "`NoResponse` local_limit, final"],
        ),
        row(
            "the head has headers of 32 KiB",
            happen::large_headers,
            ["accepted", "`NoResponse` (2)", "accepted"],
        ),
        row("FIN in the body", happen::closed, ["`Disconnected` truncated"; 3]),
        row(
            "FIN before `Content-Length` is reached",
            happen::closed_in_length,
            ["`Disconnected` truncated"; 3],
        ),
        row(
            "END_STREAM before `Content-Length` is reached",
            happen::stream_ended_in_length,
            [NONE, "`Disconnected` truncated", NONE],
        ),
        row(
            "RST_STREAM with NO_ERROR before `Content-Length` is reached",
            happen::stream_reset_in_length,
            [NONE, "`Disconnected` truncated", NONE],
        ),
        row(
            "FIN in a body without a length",
            happen::closed_without_length,
            ["`StreamEnded` (3)", NONE, "`Disconnected` truncated"],
        ),
        row("RST in the body", happen::reset, ["`Disconnected` reset"; 3]),
        row("RST_STREAM in the body", happen::stream_reset, [NONE, "`Disconnected` reset", NONE]),
        row(
            "RST_STREAM with NO_ERROR in the body",
            happen::stream_reset_without_error,
            [NONE, "`StreamEnded` (3)", NONE],
        ),
        row(
            "GOAWAY with an error in the body",
            happen::go_away,
            [NONE, "`Disconnected` truncated", NONE],
        ),
        row(
            "a chunk is malformed, as by h2o when its backend fails",
            happen::bad_chunk,
            ["`Disconnected` truncated", NONE, "`Disconnected` truncated"],
        ),
        row("the body is not in its content coding", happen::not_coded, ["`Decode` decode"; 3]),
        row("silence: `idle_timeout`", happen::silence, ["`Deadline` timeout"; 3]),
        row(
            "a ping is not answered in the body",
            happen::ping,
            [NONE, "`Disconnected` truncated (4)", NONE],
        ),
        row(
            "too many unread frames on the connection",
            happen::unread_frames,
            [NONE, "`Disconnected` truncated local_limit", NONE],
        ),
    ]
}

#[test]
fn questions_answer_truthfully_over_each_protocol() {
    let mut wrong = String::new();
    for Row { what, happens, answers: expected } in rows() {
        for (over, expected) in Over::ALL.into_iter().zip(expected) {
            let seen = match run(async { timeout(GUARD, happens(over)).await }) {
                Err(_) => "it hangs".to_owned(),
                Ok(None) => NONE.to_owned(),
                Ok(Some(Ok(()))) => "accepted".to_owned(),
                Ok(Some(Err(error))) => answers(&error),
            };
            // Without the number of a note.
            let expected = expected.split(" (").next().unwrap_or_default();
            if seen != expected {
                writeln!(wrong, "{what}, {over:?}: {seen}, expected: {expected}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn documentation_has_the_table_of_truth() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let at = text.find(BEGIN).unwrap() + BEGIN.len();
    let until = text.find(END).unwrap();
    let mut table = "| what happened | HTTP/1.1 | HTTP/2 | TLS |\n|---|---|---|---|\n".to_owned();
    for Row { what, answers, .. } in rows() {
        writeln!(table, "| {what} | {} |", answers.join(" | ")).unwrap();
    }
    if env::var_os(WRITE).is_some() {
        fs::write(DOCUMENT, format!("{}{table}{}", &text[..at], &text[until..])).unwrap();
    } else if text[at..until] != table {
        panic!("{DOCUMENT}: the table is not up to date; set {WRITE}=1 to write it:\n{table}");
    }
}
