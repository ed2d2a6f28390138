//! JSON by serde: a stream of one type, and an event at hand.

use std::{borrow::Cow, error::Error};

use serde::Deserialize;
use sse_typed::{DecodeError, EventStreamExt, JsonSession, TypedError, deserialize};

use crate::support::{event, events};

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
    assert_eq!(error.to_string(), "message event: missing field `id` at line 1 column 2");
    assert_eq!(error.event().data(), "{}");
    assert!(error.decoder_error().is_data());
    assert!(session.next().await.is_none());
}

#[test]
fn an_event_at_hand_is_decoded_as_its_type_says() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Product {
        prices: Vec<u32>,
    }
    let product = event("event: product\ndata: {\"prices\": [1, 2]}\n\n");
    assert_eq!(deserialize::<Product>(&product).unwrap(), Product { prices: vec![1, 2] });
    let error = deserialize::<Customer>(&product).unwrap_err();
    assert_eq!(error.to_string(), "product event: missing field `id` at line 1 column 18");
    assert_eq!(error.event(), &product);
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

#[test]
fn errors_can_cross_threads() {
    fn check<T: Error + Send + Sync + 'static>() {}
    check::<DecodeError<serde_json::Error>>();
    check::<TypedError<std::io::Error, serde_json::Error>>();
}
