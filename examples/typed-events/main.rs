//! Events as values, in five ways: an enum by event type, a session told what is no value, values
//! that borrow, another format than JSON, and the whole life of a session.
//!
//! The first and the last follow a demo server of this program; the others read a text, as they
//! would any stream of events.

use std::{borrow::Cow, error::Error, io, process::ExitCode};

use futures_util::{Stream, stream};
use serde::Deserialize;
use sse_core::{EventReader, ReadError};
use sse_examples::demo_server;
use sse_reqwest::{SessionEvent, SseClient, SseConfig};
use sse_typed::{EventStreamExt, ServerSentEvent, TypedError, deserialize, deserialize_by_type};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let shop = format!("http://{}/events", demo_server::start().await?);
    by_event_type(&shop).await?;
    what_is_no_value().await;
    borrowed().await?;
    another_format().await?;
    whole_life(&shop).await
}

/// What the demo server sends: serde's own derive, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Update {
    Customer(Customer),
    Product(Product),
    Closing,
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Deserialize)]
struct Customer {
    name: String,
    city: String,
}

#[derive(Debug, Deserialize)]
struct Product {
    name: String,
    prices: Vec<u32>,
}

/// One call on a session, which stays in reach.
async fn by_event_type(url: &str) -> Result<(), Box<dyn Error>> {
    println!("# by event type");
    let config = SseConfig::new().max_reconnection_attempts(3);
    let client = SseClient::new(reqwest::Client::new(), config);
    let mut updates = client.sse_session(url).await?.json_by_type::<Update>();
    println!("{}", updates.get_ref().call().response().status());
    while let Some(update) = updates.next().await {
        match update?.into_data() {
            Update::Customer(Customer { name, city }) => println!("{name} of {city}"),
            Update::Product(Product { name, prices }) => println!("{name} for {prices:?}"),
            Update::Closing => println!("closing time"),
            Update::Unknown => println!("something else"),
        }
    }
    let session = updates.get_ref();
    println!("the last was {}, {:?}", session.last_event_id(), session.end_reason());
    Ok(())
}

#[derive(Deserialize)]
struct Choice {
    choices: Vec<Delta>,
}

#[derive(Deserialize)]
struct Delta {
    content: String,
}

#[derive(Deserialize)]
struct Reported {
    error: String,
}

const ANSWER: &str = r#"event: ping
data: now

id: 1
data: {"choices": [{"content": "Hello"}]}

id: 2
data: {"choices": [{"content": "Hello"}, {"contents": "?"}]}

id: 3
data: {"error": "overloaded"}

data: [DONE]

data: never looked at

"#;

/// Pings, sentinels, errors that the server reports, and data that is no value.
async fn what_is_no_value() {
    println!("# what is no value");
    let mut deltas =
        events(ANSWER).json::<Choice>().skip_type("ping").stop_before_data("[DONE]").fail_with(
            |event| {
                let starts_so = event.data().starts_with(r#"{"error""#);
                starts_so.then(|| deserialize::<Reported>(event).ok()).flatten()
            },
        );
    while let Some(delta) = deltas.next().await {
        match delta {
            Ok(event) => println!("{}", event.data().choices[0].content),
            Err(TypedError::Reported(Reported { error })) => println!("the server says: {error}"),
            Err(TypedError::Decode(error)) => {
                println!("{error}");
                println!("  path: {:?}", error.decoder_error().path());
                println!("  data: {}", error.event().data());
            }
            Err(_) => println!("the text could not be read"),
        }
    }
}

/// Nothing is copied: the text is that of the event wherever JSON has no escape in it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part<'a> {
    #[serde(borrow)]
    Word(Cow<'a, str>),
    Pause,
}

const PARTS: &str =
    "event: word\ndata: \"Hello\"\n\nevent: pause\ndata\n\nevent: word\ndata: \"\\n\"\n\n";

/// A stream's items cannot borrow from its events; what a closure looks at can.
async fn borrowed() -> Result<(), Box<dyn Error>> {
    println!("# borrowed");
    let mut parts = events(PARTS).decode_with(|event| {
        deserialize_by_type(event).map(|part| match part {
            Part::Word(Cow::Borrowed(word)) => println!("{word:?}, borrowed"),
            Part::Word(Cow::Owned(word)) => println!("{word:?}, with an escape, so copied"),
            Part::Pause => println!("a pause"),
        })
    });
    while let Some(part) = parts.next().await {
        let () = part?.into_data();
    }
    Ok(())
}

#[derive(Deserialize)]
struct Reading {
    celsius: f64,
}

const READINGS: &str = "data: place = 'attic'\ndata: celsius = 31.5\n\ndata: celsius = 'hot'\n\n";

/// The closure may use any format: this one is TOML.
async fn another_format() -> Result<(), Box<dyn Error>> {
    println!("# another format");
    let mut readings =
        events(READINGS).decode_with(|event| toml::from_str::<Reading>(event.data()));
    while let Some(reading) = readings.next().await {
        match reading {
            Ok(event) => println!("{} degrees", event.data().celsius),
            Err(TypedError::Decode(error)) => println!("{}", error.decoder_error().message()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// All that happens to a session is told by its life, and its events are decoded at hand.
async fn whole_life(url: &str) -> Result<(), Box<dyn Error>> {
    println!("# the whole life");
    let config = SseConfig::new().max_reconnection_attempts(3);
    let mut session = SseClient::new(reqwest::Client::new(), config).sse_session(url).await?;
    while let Some(step) = session.lifecycle().next().await {
        match step? {
            SessionEvent::Event(event) => match deserialize_by_type::<Update>(&event) {
                Ok(Update::Customer(customer)) => println!("{}", customer.name),
                Ok(_) => {}
                Err(error) => println!("{error}"),
            },
            SessionEvent::Disconnected { .. } => println!("a connection is lost"),
            _ => {}
        }
    }
    Ok(())
}

/// The events of a text.
fn events(text: &'static str) -> impl Stream<Item = Result<ServerSentEvent, ReadError>> + Unpin {
    stream::iter(EventReader::new(io::Cursor::new(text)))
}
