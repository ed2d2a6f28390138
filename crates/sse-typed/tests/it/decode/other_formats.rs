//! A format other than JSON: the same closure, and enums by event type.

use futures_util::StreamExt as _;
use serde::Deserialize;
use sse_typed::{EventStreamExt, TypedError, by_type};

use crate::support::events;

#[derive(Debug, PartialEq, Deserialize)]
struct Customer {
    name: String,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Update {
    Customer(Customer),
    Moved { x: i8 },
    Closing,
}

const TOML: &str = "event: customer\ndata: # a line of data is a line of TOML\ndata: name = 'Ada'\n\n\
                    event: moved\ndata: x = 3\n\nevent: closing\ndata: = no = TOML\n\n\
                    event: weather\ndata: rain = true\n\nevent: moved\ndata: x = 'y'\n\n";

#[tokio::test]
async fn a_closure_decodes_any_format() {
    let customers = events(TOML).decode_with(|event| toml::from_str::<Customer>(event.data()));
    let customers: Vec<_> = customers.collect().await;
    assert_eq!(customers[0].as_ref().unwrap().data().name, "Ada");
    let Err(TypedError::Decode(error)) = &customers[1] else { panic!("{customers:?}") };
    assert!(
        error.to_string().starts_with("could not decode moved event: TOML parse error"),
        "{error}"
    );
}

#[tokio::test]
async fn an_enum_by_type_has_any_format_in_it() {
    let updates = events(TOML).decode_with(|event| {
        // A parser that reads all of the text at once must not see what a unit variant ignores.
        let content = toml::Deserializer::parse(match event.event_type() {
            "closing" => "",
            _ => event.data(),
        });
        by_type::<Update, _>(event.event_type(), content.map_err(|error| error.to_string())?)
            .map_err(|error| error.to_string())
    });
    let items: Vec<_> = updates
        .map(|item| item.map_or_else(|error| error.to_string(), |it| format!("{:?}", it.data())))
        .collect()
        .await;
    let expected = [
        "Customer(Customer { name: \"Ada\" })",
        "Moved { x: 3 }",
        "Closing",
        "could not decode weather event: unknown event type, expected `customer` or `moved` or `closing`",
        "could not decode moved event: TOML parse error",
    ];
    assert_eq!(items.len(), expected.len());
    for (item, expected) in items.iter().zip(expected) {
        assert!(item.starts_with(expected), "{item}");
    }
}

#[test]
fn by_type_error_distinguishes_the_type_from_the_content() {
    let toml = |text| toml::Deserializer::parse(text).unwrap();
    let unknown = by_type::<Update, _>("weather", toml("")).unwrap_err();
    assert!(unknown.is_unknown_type() && unknown.content_error().is_none());
    let content = by_type::<Update, _>("moved", toml("y = 1")).unwrap_err();
    assert!(!content.is_unknown_type());
    assert_eq!(content.content_error().unwrap().message(), "missing field `x`");
}
