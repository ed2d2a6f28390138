//! Ktor's fourteen parser cases, end to end: bodies, and what a session shows of them.
//!
//! If Ktor and the standard differ, the standard's result is expected: lines are joined with LF,
//! and an ID is that of its own block. The parser itself is tested in sse-core.

use sse_reqwest::{EndReason, ServerSentEvent, SseConfig};

use crate::support::{Reply, ScriptedServer, open, rest, run};

/// Fields of an event: type, data, ID, reconnection time in ms, comments.
type Fields<'a> =
    (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<u128>, Option<&'a str>);

fn fields(event: &ServerSentEvent) -> Fields<'_> {
    let data = event.has_data().then(|| event.data());
    let retry = event.retry().map(|time| time.as_millis());
    (event.event(), data, event.id(), retry, event.comments())
}

fn everything() -> SseConfig {
    SseConfig::new().show_comment_events(true).show_retry_events(true).show_dataless_events(true)
}

/// Reads a body with everything shown, whole and byte by byte.
#[track_caller]
fn check(body: &str, expected: &[Fields<'_>]) {
    let whole = Reply::events(body);
    let bytes = body.as_bytes().iter().fold(Reply::events(""), |reply, byte| reply.send([*byte]));
    check_replies(vec![whole, bytes], expected);
}

#[track_caller]
fn check_replies(replies: Vec<Reply>, expected: &[Fields<'_>]) {
    for reply in replies {
        let about = format!("{reply:?}");
        let (events, end) = run(async {
            let server = ScriptedServer::start([reply]).await;
            let mut session = open(everything(), server.url("/")).await;
            let (events, error) = rest(&mut session).await;
            assert!(error.is_none(), "{error:?}");
            (events, session.end_reason())
        });
        assert_eq!(events.iter().map(fields).collect::<Vec<_>>(), expected, "{about}");
        assert_eq!(end, Some(EndReason::StreamEnded));
    }
}

const fn data(data: &str) -> Fields<'_> {
    (None, Some(data), None, None, None)
}

#[test]
fn ktor_a1_three_blocks_are_three_events() {
    let body = "data: first\n\ndata: second\ndata: and more\n\ndata: third\n\n";
    check(body, &[data("first"), data("second\nand more"), data("third")]);
}

#[test]
fn ktor_a2_types_and_data_are_kept() {
    let body = "event: add\ndata: 1\n\nevent: remove\ndata: 2\n\nevent: add\ndata: 3\n\n";
    let event = |name, data| (Some(name), Some(data), None, None, None);
    check(body, &[event("add", "1"), event("remove", "2"), event("add", "3")]);
}

#[test]
fn ktor_a3_lines_of_data_make_one_event() {
    check("data: HI\ndata: +7\ndata: 10\n\n", &[data("HI\n+7\n10")]);
}

#[test]
fn ktor_a4_comments_are_kept_with_their_block() {
    let body = ": on its own\n\n: one\ndata: a\n:two\ndata: b\n\n: incomplete\n";
    check(
        body,
        &[
            (None, None, None, None, Some("on its own")),
            (None, Some("a\nb"), None, None, Some("one\ntwo")),
        ],
    );
}

#[test]
fn ktor_a5_empty_fields_are_there() {
    // An empty event type counts as absent, as the standard defines.
    let body = "id\n\ndata\n\ndata\ndata\n\nevent\ndata:\n\nid:\n\n";
    let id = (None, None, Some(""), None, None);
    check(body, &[id, data(""), data("\n"), data(""), id]);
}

#[test]
fn ktor_a6_the_last_block_needs_a_blank_line() {
    check("data: 1\n\ndata: 2\n", &[data("1")]);
    check("data: 1\n\ndata: 2", &[data("1")]);
}

#[test]
fn ktor_a7_equal_events_are_both_yielded() {
    check("data: same\n\ndata:same\n\n", &[data("same"), data("same")]);
}

#[test]
fn ktor_a8_the_last_field_of_a_kind_counts() {
    let body = "id: 1\nid: 2\nid: 3\ndata: x\n\nevent: add\nevent: remove\n\n";
    check(
        body,
        &[(None, Some("x"), Some("3"), None, None), (Some("remove"), None, None, None, None)],
    );
}

#[test]
fn ktor_a9_the_order_of_fields_does_not_matter() {
    let event = (Some("e"), Some("d"), Some("1"), Some(10), None);
    check("id: 1\ndata: d\nretry: 10\nevent: e\n\n", &[event]);
    check("event: e\nretry: 10\ndata: d\nid: 1\n\n", &[event]);
}

#[test]
fn ktor_a10_more_blank_lines_are_nothing() {
    check("\n\ndata: 1\n\n\n\n\ndata: 2\n\n\n", &[data("1"), data("2")]);
}

#[test]
fn ktor_a11_an_empty_body_has_no_events() {
    check("", &[]);
}

#[test]
fn ktor_a12_nul_is_data_and_spoils_an_id() {
    check("data: a\0b\nid: 1\0\n\n", &[data("a\0b")]);
}

#[test]
fn ktor_a13_retry_is_a_number_or_nothing() {
    let body = "data: 1\n\nretry: 100\ndata: 2\n\nretry: 200\n\nretry: no12\n\nretry: -5\n\n";
    check(
        body,
        &[data("1"), (None, Some("2"), None, Some(100), None), (None, None, None, Some(200), None)],
    );
}

#[test]
fn ktor_a14_json_may_stand_on_several_lines() {
    let lines = "data: {\ndata:  \"name\": \"x\",\ndata:  \"price\": 1\ndata: }\n\n";
    check(lines, &[data("{\n \"name\": \"x\",\n \"price\": 1\n}")]);
}

#[test]
fn bytes_of_every_kind_come_through_http_in_any_pieces() {
    let bodies: [&[u8]; 6] = [
        "\u{feff}data: é…😀\n\n".as_bytes(),
        "data: é…😀\r\r".as_bytes(),
        "data: é…😀\r\n\r\n".as_bytes(),
        "\r: mixed\ndata: é…😀\r\n\n".as_bytes(),
        "data:é…😀\n\r".as_bytes(),
        "data: é…😀\n\ndata: cut off".as_bytes(),
    ];
    for body in bodies {
        let bytewise = || body.chunks(1).fold(Reply::events(""), |reply, byte| reply.send(byte));
        let in_two = (1..body.len()).step_by(3).map(|at| {
            let (head, tail) = body.split_at(at);
            Reply::events(head).send(tail)
        });
        let replies = [Reply::events(body), bytewise(), bytewise().until_close()];
        let expected = (None, Some("é…😀"), None, None, body.starts_with(b"\r").then_some("mixed"));
        check_replies(replies.into_iter().chain(in_two).collect(), &[expected]);
    }
    let ill_formed = Reply::events(b"data: a\xe2\x82\ndata: \xffb\n\n");
    check_replies(vec![ill_formed], &[data("a\u{fffd}\n\u{fffd}b")]);
}
