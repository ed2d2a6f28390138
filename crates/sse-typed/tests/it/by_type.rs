//! Enums whose variant is named by the event type, with JSON in them.

use std::{borrow::Cow, fmt::Debug};

use futures_util::{Stream, StreamExt as _};
use serde::{Deserialize, de::DeserializeOwned};
use sse_typed::{
    EventStreamExt, JsonByTypeSession, JsonError, TypedError, TypedServerSentEvent,
    deserialize_by_type,
};

use crate::support::{Lost, event, events};

#[derive(Debug, PartialEq, Deserialize)]
struct Customer {
    name: String,
}

/// All kinds of variants, and none for other types.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Update {
    Customer(Customer),
    Maybe(Option<u8>),
    Moved {
        x: i8,
        #[serde(default)]
        y: i8,
    },
    Pair(u8, String),
    #[serde(rename = "stock.low", alias = "stock.out")]
    Stock(u32),
    Boxed(Box<Customer>),
    Nested(Inner),
    Message(String),
    Closing,
}

/// An enum as the content of a variant is decoded as plain JSON.
#[derive(Debug, PartialEq, Deserialize)]
enum Inner {
    A,
    B(u8),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Open {
    Customer(Customer),
    #[serde(other)]
    Unknown,
}

/// Returns the items as text, `!` before an error.
async fn shown<T: Debug>(
    items: impl Stream<Item = Result<TypedServerSentEvent<T>, TypedError<Lost, JsonError>>>,
) -> Vec<String> {
    let show = |item: Result<TypedServerSentEvent<T>, _>| match item {
        Ok(event) => format!("{:?}", event.data()),
        Err(error) => format!("! {error}"),
    };
    items.map(show).collect().await
}

/// Decodes the events of a stream as a session does, and each of them by itself.
async fn check<T: DeserializeOwned + Debug>(text: &'static str, expected: &[&str]) {
    let items = shown(events(text).json_by_type::<T>()).await;
    assert_eq!(items, expected, "{text}");
    let at_hand =
        events(text).map(Result::unwrap).map(|event| match deserialize_by_type::<T>(&event) {
            Ok(value) => format!("{value:?}"),
            Err(error) => format!("! {error}"),
        });
    let at_hand: Vec<_> = at_hand.collect().await;
    assert!(expected.iter().all(|item| at_hand.iter().any(|it| it == item)), "{at_hand:?}");
}

#[tokio::test]
async fn each_kind_of_variant_takes_its_content_from_the_data() {
    let cases = [
        (
            "event: customer\ndata: {\"name\":\ndata: \"Ada\"}\n\n",
            "Customer(Customer { name: \"Ada\" })",
        ),
        ("event: maybe\ndata: null\n\n", "Maybe(None)"),
        ("event: maybe\ndata:  3 \n\n", "Maybe(Some(3))"),
        ("event: moved\ndata: {\"x\": -1, \"z\": 0}\n\n", "Moved { x: -1, y: 0 }"),
        ("event: pair\ndata: [1, \"a\"]\n\n", "Pair(1, \"a\")"),
        ("event: stock.low\ndata: 3\n\n", "Stock(3)"),
        ("event: stock.out\ndata: 0\n\n", "Stock(0)"),
        ("event: boxed\ndata: {\"name\": \"\"}\n\n", "Boxed(Customer { name: \"\" })"),
        ("event: nested\ndata: {\"B\": 1}\n\n", "Nested(B(1))"),
        ("event: nested\ndata: \"A\"\n\n", "Nested(A)"),
        ("data: \"Hi\"\n\n", "Message(\"Hi\")"),
        // The data of a unit variant is ignored.
        ("event: closing\ndata: see you tomorrow\n\n", "Closing"),
        ("event: closing\ndata: {\"customer\": 1}\n\n", "Closing"),
        ("event: closing\ndata:\n\n", "Closing"),
        ("event: closing\n\n", "Closing"),
    ];
    for (text, expected) in cases {
        check::<Update>(text, &[expected]).await;
        check::<Box<Update>>(text, &[expected]).await;
    }
}

#[tokio::test]
async fn content_that_does_not_match_its_variant_is_an_error() {
    let cases = [
        (
            "event: customer\nid: 42\ndata: {\"id\": 1, \"x\": 2}\n\n",
            "! could not decode customer event (id 42): missing field `name` at line 1 column 17",
        ),
        (
            "event: customer\ndata: {\"name\": \"Ada\"} {}\n\n",
            "! could not decode customer event: trailing characters at line 1 column 17",
        ),
        (
            "event: customer\ndata: oops\n\n",
            "! could not decode customer event: expected value at line 1 column 1",
        ),
        (
            "event: customer\ndata: {\"customer\": {\"name\": \"Ada\"}}\n\n",
            "! could not decode customer event: missing field `name` at line 1 column 29",
        ),
        (
            "event: pair\ndata: [1]\n\n",
            "! could not decode pair event: invalid length 1, expected tuple variant Update::Pair with 2 elements at line 1 column 3",
        ),
        (
            "event: nested\ndata: {\"B\": \"x\"}\n\n",
            "! could not decode nested event: invalid type: string \"x\", expected u8 at line 1 column 9 (in B)",
        ),
        (
            "event: Closing\ndata: 1\n\n",
            "! could not decode Closing event: unknown event type, expected `customer` or `maybe` or `moved` or `pair`",
        ),
    ];
    for (text, expected) in cases {
        let items = shown(events(text).json_by_type::<Update>()).await;
        let [item] = &items[..] else { panic!("{items:?}") };
        assert!(item.starts_with(expected), "{item}");
    }
}

const NEW_TYPE: &str = "event: customer\ndata: {\"name\": \"Ada\"}\n\nevent: weather\ndata: rain\n\n\
                        event: customer\ndata: {\"name\": \"Bob\"}\n\n";

#[tokio::test]
async fn a_type_that_no_variant_has_is_the_fallback_or_skipped_or_an_error() {
    let (ada, bob) =
        ("Customer(Customer { name: \"Ada\" })", "Customer(Customer { name: \"Bob\" })");
    check::<Open>(NEW_TYPE, &[ada, "Unknown", bob]).await;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Closed {
        Customer(#[allow(dead_code, reason = "printed by `Debug`")] Customer),
    }
    let error = "! could not decode weather event: unknown event type, expected `customer`";
    check::<Closed>(NEW_TYPE, &[ada, error, bob]).await;
    let skipping = events(NEW_TYPE).json_by_type::<Closed>().skip_unknown_types(true);
    assert_eq!(shown(skipping).await, [ada, bob]);
    // The variant is known, so the event is not skipped, though its content is unknown.
    let skipping = events("event: customer\ndata: 1\n\n").json_by_type::<Closed>();
    assert_eq!(shown(skipping.skip_unknown_types(true)).await.len(), 1);
    let restored = events(NEW_TYPE).json_by_type::<Closed>();
    let items = shown(restored.skip_unknown_types(true).skip_unknown_types(false)).await;
    assert!(items[1].starts_with(error), "the default of skip_unknown_types is false: {items:?}");
    assert_eq!([&*items[0], &*items[2]], [ada, bob]);
}

#[tokio::test]
async fn an_unknown_type_keeps_the_event() {
    let mut session: JsonByTypeSession<_, Update> = events(NEW_TYPE).skip_first().json_by_type();
    let Some(Err(TypedError::Decode(error))) = session.next().await else { panic!("no error") };
    assert_eq!((error.event().event_type(), error.event().data()), ("weather", "rain"));
    assert!(error.decoder_error().is_unknown_type());
    assert!(error.decoder_error().json_error().is_none());
    assert!(session.next().await.unwrap().is_ok());
}

/// Stream of the events after the first.
trait SkipFirst: Stream + Sized {
    fn skip_first(self) -> impl Stream<Item = Self::Item> + Unpin {
        Box::pin(self.skip(1))
    }
}

impl<S: Stream> SkipFirst for S {}

#[tokio::test]
async fn events_without_data_are_skipped_unless_a_variant_needs_none() {
    let text = ": hi\n\nretry: 1\n\nid: 1\n\nevent: customer\n\nevent: customer\ndata:\n\n\
                event: weather\ndata:\n\nevent: weather\n\ndata\n\nevent: closing\n\n";
    assert_eq!(shown(events(text).json_by_type::<Update>()).await, ["Closing"]);
    // A fallback needs no data either, but accepts no block without a type.
    let fallbacks = ["Unknown"; 4];
    assert_eq!(shown(events(text).json_by_type::<Open>()).await, fallbacks);
}

#[tokio::test]
async fn json_by_type_decodes_a_type_that_is_not_an_enum_from_the_data() {
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    enum Inside {
        A,
    }
    check::<Customer>("event: x\ndata: {\"name\": \"A\"}\n\n", &["Customer { name: \"A\" }"]).await;
    check::<Inside>("event: x\ndata: {\"type\": \"A\"}\n\n", &["A"]).await;
    check::<Option<Inner>>("event: B\ndata: {\"B\": 7}\n\n", &["Some(B(7))"]).await;
    check::<(u8, u8)>("data: [1, 2]\n\n", &["(1, 2)"]).await;
    check::<serde_json::Value>("data: [1.5, null]\n\n", &["Array [Number(1.5), Null]"]).await;
    check::<u128>("data: 1\n\n", &["1"]).await;
    check::<u8>(
        "data: 1 2\n\n",
        &["! could not decode message event: trailing characters at line 1 column 3"],
    )
    .await;
}

#[test]
fn deserialize_by_type_may_borrow_from_the_event() {
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Update<'a> {
        #[serde(borrow)]
        Delta(Cow<'a, str>),
        Plain(&'a str),
        Fields {
            #[serde(borrow)]
            text: Cow<'a, str>,
        },
    }
    let plain = event("event: plain\ndata: \"a\"\n\n");
    assert!(matches!(deserialize_by_type(&plain).unwrap(), Update::Plain("a")));
    let fields = event("event: fields\ndata: {\"text\": \"a\"}\n\n");
    let Update::Fields { text } = deserialize_by_type(&fields).unwrap() else { panic!() };
    assert!(matches!(text, Cow::Borrowed("a")));
    let escaped = event("event: delta\ndata: \"\\n\"\n\n");
    let Update::Delta(text) = deserialize_by_type(&escaped).unwrap() else { panic!() };
    assert_eq!(text, "\n");
}
