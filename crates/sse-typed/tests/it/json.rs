//! JSON with serde: a stream of one type, and a single event.

use std::{borrow::Cow, collections::BTreeMap, fmt::Debug};

use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, de::DeserializeOwned};
use sse_typed::{
    EventStreamExt, JsonError, JsonSession, ServerSentEvent, TypedError, TypedServerSentEvent,
    deserialize,
};

use crate::support::{Lost, event, events};

#[derive(Debug, PartialEq, Deserialize)]
struct Customer {
    id: u32,
    name: String,
}

#[tokio::test]
async fn a_stream_of_json_is_a_stream_of_values() {
    let text = "event: customer\ndata: {\"id\": 1,\ndata: \"name\": \"Ada\"}\n\ndata: {}\n\n";
    let mut session: JsonSession<_, Customer> = events(text).json::<Customer>();
    let customer = session.next().await.unwrap().unwrap();
    assert_eq!(customer.event_type(), "customer");
    assert_eq!(customer.data(), &Customer { id: 1, name: "Ada".into() });
    let Some(Err(TypedError::Decode(error))) = session.next().await else {
        panic!("no decode error");
    };
    assert_eq!(
        error.to_string(),
        "could not decode message event: missing field `id` at line 1 column 2"
    );
    assert_eq!(error.event().data(), "{}");
    assert!(error.decoder_error().json_error().unwrap().is_data());
    assert!(session.next().await.is_none());
}

#[test]
fn deserialize_decodes_a_single_event_by_its_type() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Product {
        prices: Vec<u32>,
    }
    let product = event("event: product\ndata: {\"prices\": [1, 2]}\n\n");
    assert_eq!(deserialize::<Product>(&product).unwrap(), Product { prices: vec![1, 2] });
    let error = deserialize::<Customer>(&product).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not decode product event: missing field `id` at line 1 column 18"
    );
    assert_eq!(error.event(), &product);
}

#[tokio::test]
async fn an_enum_tagged_inside_the_json_is_plain_json() {
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case")]
    enum Inside {
        Customer {
            #[allow(dead_code, reason = "printed by `Debug`")]
            name: String,
        },
        #[serde(other)]
        Unknown,
    }
    #[derive(Debug, Deserialize)]
    #[serde(tag = "t", content = "c")]
    enum Beside {
        Sum(#[allow(dead_code, reason = "printed by `Debug`")] u32),
    }
    #[derive(Debug, Deserialize)]
    enum Outside {
        Sum(#[allow(dead_code, reason = "printed by `Debug`")] u32),
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Sum(#[allow(dead_code, reason = "printed by `Debug`")] u32),
        Name(#[allow(dead_code, reason = "printed by `Debug`")] String),
    }
    async fn check<T: DeserializeOwned + Debug>(text: &'static str, expected: &[&str]) {
        let show = |item: Result<TypedServerSentEvent<T>, _>| match item {
            Ok(event) => format!("{:?}", event.data()),
            Err(error) => format!("! {error}"),
        };
        assert_eq!(events(text).json::<T>().map(show).collect::<Vec<_>>().await, expected);
    }
    let inside = "event: x\ndata: {\"type\": \"customer\", \"name\": \"Ada\"}\n\n\
                  data: {\"type\": \"new\", \"name\": \"Ada\"}\n\n";
    check::<Inside>(inside, &["Customer { name: \"Ada\" }", "Unknown"]).await;
    check::<Beside>("data: {\"c\": 1, \"t\": \"Sum\"}\n\n", &["Sum(1)"]).await;
    check::<Outside>("event: Other\ndata: {\"Sum\": 1}\n\n", &["Sum(1)"]).await;
    check::<Untagged>("data: 1\n\ndata: \"a\"\n\n", &["Sum(1)", "Name(\"a\")"]).await;
}

#[tokio::test]
async fn json_skips_events_without_data() {
    let blocks = ": hi\n\nretry: 1\n\nid: 1\n\nevent: ping\n\ndata\n\nevent: ping\ndata:\n\n\
                  data:  \ndata:\t\n\ndata: 7\n\n";
    let mut session = events(blocks).json::<u8>();
    let seven = session.next().await.unwrap().unwrap();
    assert_eq!(seven.into_data(), 7);
    assert!(session.next().await.is_none());
}

#[tokio::test]
async fn skip_stop_and_fail_rules_apply_before_json() {
    fn session() -> JsonSession<impl Stream<Item = Result<ServerSentEvent, Lost>>, u32> {
        events(
            "event: ping\ndata: now\n\ndata: 1\n\ndata:\n\ndata: {\"error\": \"busy\"}\n\n\
             data: 2\n\ndata: [DONE]\n\ndata: 3\n\n",
        )
        .json()
    }
    async fn check<S, X>(session: JsonSession<S, u32, X>, expected: &str)
    where
        S: Stream<Item = Result<ServerSentEvent, Lost>>,
        X: Debug,
    {
        let show = |item: Result<TypedServerSentEvent<u32>, TypedError<_, JsonError, X>>| match item
        {
            Ok(event) => event.data().to_string(),
            Err(TypedError::Decode(error)) => format!("!{}", error.event().data()),
            Err(error) => format!("{error:?}"),
        };
        assert_eq!(session.map(show).collect::<Vec<_>>().await.join(" "), expected);
    }
    fn report(event: &ServerSentEvent) -> Option<BTreeMap<String, String>> {
        event.data().starts_with("{\"error\"").then(|| deserialize(event).ok()).flatten()
    }
    check(session(), "!now 1 !{\"error\": \"busy\"} 2 ![DONE] 3").await;
    check(session().stop_on_error(true), "!now").await;
    check(session().stop_before_type("ping"), "").await;
    let new = || session().skip_type("ping").fail_with(report);
    let busy = "Reported({\"error\": \"busy\"})";
    check(new(), &format!("1 {busy} 2 ![DONE] 3")).await;
    check(new().skip_data("[DONE]"), &format!("1 {busy} 2 3")).await;
    check(new().stop_before_data("[DONE]"), &format!("1 {busy} 2")).await;
    check(new().stop_before_data("[DONE]").stop_on_error(true), &format!("1 {busy}")).await;
    check(new().stop_before_data(""), "1").await;
}

#[tokio::test]
async fn a_value_may_borrow_from_the_event_as_long_as_the_closure_runs() {
    #[derive(Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
    }
    let mut answer = String::new();
    let mut visits = events("data: {\"text\": \"a\"}\n\ndata: {\"text\": \"\\n\"}\n\n")
        .decode_with(|event| {
            deserialize::<Delta<'_>>(event).map(|delta| answer.push_str(&delta.text))
        });
    while let Some(visit) = visits.next().await {
        let () = visit.unwrap().into_data();
    }
    assert_eq!(answer, "a\n");
}

#[test]
fn a_value_may_borrow_from_the_event() {
    #[derive(Deserialize)]
    struct Delta<'a> {
        #[serde(borrow)]
        text: Cow<'a, str>,
    }
    let plain = event("data: {\"text\": \"Hello\"}\n\n");
    assert!(matches!(deserialize::<Delta<'_>>(&plain).unwrap().text, Cow::Borrowed("Hello")));
    let escaped = event("data: {\"text\": \"\\n\"}\n\n");
    assert_eq!(deserialize::<Delta<'_>>(&escaped).unwrap().text, "\n");
    assert!(deserialize::<&str>(&event("data: \"\\n\"\n\n")).is_err(), "a plain &str cannot");
}
