//! Rules of a session: the events that it skips, ends at, or returns as errors.

use std::{
    cell::Cell,
    fmt::{self, Display},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt, stream::FusedStream};
use sse_core::{ServerSentEvent, TypedServerSentEvent};
use sse_typed::{ClientSseSessionWithDeserialization, EventStreamExt, TypedError};

use crate::support::{Lost, events, events_then_disconnect};

/// Returns a server's stream of numbers, among everything that is not a number.
const STREAM: &str = "event: ping\ndata: 0\n\nid: 1\ndata: 1\n\nevent: error\ndata: overloaded\n\n\
                      : comment\n\ndata:\n\ndata: x\n\ndata: 2\n\nevent: end\n\ndata: [DONE]\n\n\
                      data: 3\n\n";

type Numbers<S, X = std::convert::Infallible> =
    ClientSseSessionWithDeserialization<S, fn(&ServerSentEvent) -> Result<u32, Text>, X>;

/// Error that displays as its text.
#[derive(Debug)]
struct Text(String);

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Text {}

fn number(event: &ServerSentEvent) -> Result<u32, Text> {
    event.data().parse().map_err(|_| Text(format!("no number: {:?}", event.data())))
}

const NUMBER: fn(&ServerSentEvent) -> Result<u32, Text> = number;

fn numbers(text: &'static str) -> Numbers<impl FusedStream<Item = Result<ServerSentEvent, Lost>>> {
    events(text).fuse().decode_with(NUMBER)
}

/// Reads a session to its end, and compares the items: values, `!` and a decode error, `?` and a
/// reported one, or `lost`; and `_` for what can still be taken from the stream inside.
async fn check<S, X>(mut session: Numbers<S, X>, expected: &str)
where
    S: Stream<Item = Result<ServerSentEvent, Lost>> + Unpin,
    X: Display,
{
    let show = |item: Result<TypedServerSentEvent<u32>, TypedError<Lost, Text, X>>| match item {
        Ok(event) => event.data().to_string(),
        Err(TypedError::Decode(error)) => format!("!{}", error.event().data()),
        Err(TypedError::Reported(error)) => format!("?{error}"),
        Err(_) => "lost".to_owned(),
    };
    let mut shown = Vec::new();
    while let Some(item) = session.next().await {
        shown.push(show(item));
    }
    assert!(session.is_terminated());
    assert!(session.next().await.is_none(), "the end is for good");
    let left = session.into_inner().count().await;
    shown.extend(vec!["_".to_owned(); left]);
    assert_eq!(shown.join(" "), expected);
}

#[tokio::test]
async fn each_rule_has_its_documented_effect() {
    let new = || numbers(STREAM);
    check(new(), "0 1 !overloaded ! ! !x 2 ! ![DONE] 3").await;
    check(new().skip_type("ping"), "1 !overloaded ! ! !x 2 ! ![DONE] 3").await;
    check(new().skip_data("x"), "0 1 !overloaded ! ! 2 ! ![DONE] 3").await;
    // Only a block that has data has empty data.
    check(new().skip_data(""), "0 1 !overloaded ! !x 2 ! ![DONE] 3").await;
    check(new().skip_when(|event| !event.has_data()), "0 1 !overloaded ! !x 2 ![DONE] 3").await;
    check(new().stop_before_data("[DONE]"), "0 1 !overloaded ! ! !x 2 ! _").await;
    check(new().stop_before_data(""), "0 1 !overloaded ! _ _ _ _ _").await;
    check(new().stop_before_type("end"), "0 1 !overloaded ! ! !x 2 _ _").await;
    check(new().stop_before(|event| event.data() == "2"), "0 1 !overloaded ! ! !x _ _ _").await;
    check(new().stop_on_error(true), "0 1 !overloaded _ _ _ _ _ _ _").await;
    let restored = new().stop_on_error(true).stop_on_error(false);
    check(restored, "0 1 !overloaded ! ! !x 2 ! ![DONE] 3").await;
    let sentinel = String::from("[DONE]");
    check(
        new()
            .skip_type("error")
            .skip_data("x")
            .skip_when(|it| it.data().is_empty())
            .stop_before_data(sentinel),
        "0 1 2 _",
    )
    .await;
}

/// Session that records when it is dropped, which is when a real one closes its connection.
struct Session {
    events: Pin<Box<dyn Stream<Item = Result<ServerSentEvent, Lost>>>>,
    is_open: Rc<Cell<bool>>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.is_open.set(false);
    }
}

impl Stream for Session {
    type Item = Result<ServerSentEvent, Lost>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.as_mut().poll_next(cx)
    }
}

#[tokio::test]
async fn stop_before_leaves_the_wrapped_session_open_and_into_inner_returns_it() {
    let setters: [fn(Numbers<Session>) -> Numbers<Session>; 3] = [
        |session| session.stop_before_type("end"),
        |session| session.stop_before_data("[DONE]"),
        |session| session.stop_before(|event| event.id() == Some("7")),
    ];
    let text = "data: 1\n\nevent: end\nid: 7\ndata: [DONE]\n\ndata: 2\n\n";
    for stop_before in setters {
        let is_open = Rc::new(Cell::new(true));
        let session = Session { events: Box::pin(events(text)), is_open: is_open.clone() };
        let mut values = stop_before(session.decode_with(NUMBER));
        assert_eq!(values.next().await.unwrap().unwrap().into_data(), 1);
        assert!(values.next().await.is_none());
        assert!(values.is_terminated() && is_open.get(), "only the values have ended");
        let mut session = values.into_inner();
        assert!(is_open.get());
        assert_eq!(session.next().await.unwrap().unwrap().data(), "2");

        let mut values = stop_before(session.decode_with(NUMBER));
        assert!(values.next().await.is_none());
        drop(values);
        assert!(!is_open.get(), "dropping the values drops the session");
    }
}

#[tokio::test]
async fn the_first_matching_rule_decides() {
    let new = || numbers("event: a\ndata: 1\n\ndata: 2\n\n");
    check(new().skip_type("a").stop_before_data("1"), "2").await;
    check(new().stop_before_data("1").skip_type("a"), "_").await;
    check(new().fail_with(|_| Some("no")).skip_type("a"), "?no").await;
}

#[tokio::test]
async fn an_event_that_reports_an_error_is_that_error() {
    fn report(event: &ServerSentEvent) -> Option<String> {
        (event.event_type() == "error").then(|| format!("{} at {:?}", event.data(), event.id()))
    }
    let text = "data: 1\n\nevent: error\nid: 7\ndata: overloaded\n\ndata: 2\n\n";
    check(numbers(text).fail_with(report), "1 ?overloaded at Some(\"7\") 2").await;
    check(numbers(text).fail_with(report).stop_on_error(true), "1 ?overloaded at Some(\"7\") _")
        .await;
    check(numbers(text).stop_on_error(true).fail_with(report), "1 ?overloaded at Some(\"7\") _")
        .await;
    check(numbers(text).fail_with(report).skip_type("error"), "1 2").await;
    let error = numbers(text).fail_with(report).skip_data("1").next().await.unwrap().unwrap_err();
    assert_eq!(format!("{error:?}"), "Reported(\"overloaded at Some(\\\"7\\\")\")");
}

#[tokio::test]
async fn stop_on_error_does_not_apply_to_errors_of_the_session() {
    let session = events_then_disconnect("data: 1\n\n").chain(events("data: 2\n\n"));
    let session = session.decode_with(NUMBER);
    check(session.stop_on_error(true), "1 lost 2").await;
}

#[test]
fn rules_do_not_change_the_auto_traits_of_a_session() {
    fn is<T: Send + Sync + Unpin>(_: &T) {}
    let session = futures_util::stream::empty::<Result<ServerSentEvent, Lost>>();
    let session = session.decode_with(number).skip_when(|_| true).fail_with(|_| None::<Text>);
    is(&session);
}
