//! Decodes events into values in five ways: into an enum by event type; with pings, errors and a
//! sentinel between the values; into values that borrow from the event; from another format than
//! JSON; and beside the other steps of a session's life.
//!
//! The first and the last follow a demo server in this process. The others read a text, in place of
//! any other stream of events.

use std::{borrow::Cow, error::Error, io, process::ExitCode, time::Duration};

use futures_util::{Stream, stream};
use serde::Deserialize;
use sse_core::{EventReader, ReadError};
use sse_examples::demo_server;
use sse_reqwest::{ClientBuilderExt, SessionEvent, SseClient, SseConfig};
use sse_typed::{EventStreamExt, ServerSentEvent, TypedError, deserialize, deserialize_by_type};

#[tokio::main(flavor = "current_thread")]
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
    with_other_events().await;
    borrowed().await?;
    another_format().await?;
    whole_life(&shop).await
}

/// Event of the demo server. The event type selects the variant; only serde's derive is needed.
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

/// Decodes with one call on a session, which remains available through `get_ref`.
async fn by_event_type(url: &str) -> Result<(), Box<dyn Error>> {
    println!("# by event type");
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let config =
        SseConfig::new().max_reconnection_attempts(3).head_timeout(Duration::from_secs(30));
    let client = SseClient::new(http, config);
    let mut updates = client.sse_session(url).await?.json_by_type::<Update>();
    println!("{}", updates.get_ref().call().response().status());
    while let Some(update) = updates.next().await {
        match update?.into_data() {
            Update::Customer(Customer { name, city }) => println!("{name} of {city}"),
            Update::Product(Product { name, prices }) => println!("{name} for {prices:?}"),
            Update::Closing => println!("closing time"),
            Update::Unknown => println!("unknown event type"),
        }
    }
    let session = updates.get_ref();
    println!("last event ID: {}, ended: {:?}", session.last_event_id(), session.end_reason());
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

data: never decoded

"#;

/// Skips pings, ends at a sentinel, and distinguishes errors that the server reports from data that
/// cannot be decoded.
async fn with_other_events() {
    println!("# with other events");
    let mut deltas =
        events(ANSWER).json::<Choice>().skip_type("ping").stop_before_data("[DONE]").fail_with(
            |event| {
                let is_error = event.data().starts_with(r#"{"error""#);
                is_error.then(|| deserialize::<Reported>(event).ok()).flatten()
            },
        );
    while let Some(delta) = deltas.next().await {
        match delta {
            Ok(event) => println!("{}", event.data().choices[0].content),
            Err(TypedError::Reported(Reported { error })) => {
                println!("reported by the server: {error}")
            }
            Err(TypedError::Decode(error)) => {
                println!("{error}");
                println!("  path: {:?}", error.decoder_error().path());
                println!("  data: {}", error.event().data());
            }
            Err(_) => println!("the stream failed"),
        }
    }
}

/// Value that borrows from its event. The text is copied only if JSON has escaped a part of it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part<'a> {
    #[serde(borrow)]
    Word(Cow<'a, str>),
    Pause,
}

const PARTS: &str =
    "event: word\ndata: \"Hello\"\n\nevent: pause\ndata\n\nevent: word\ndata: \"\\n\"\n\n";

/// Decodes without a copy. Items of a stream cannot borrow from its events, but values inside of a
/// closure can.
async fn borrowed() -> Result<(), Box<dyn Error>> {
    println!("# borrowed");
    let mut parts = events(PARTS).decode_with(|event| {
        deserialize_by_type(event).map(|part| match part {
            Part::Word(Cow::Borrowed(word)) => println!("{word:?}, borrowed"),
            Part::Word(Cow::Owned(word)) => println!("{word:?}, copied because of its escape"),
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

/// Decodes TOML. The closure may decode any format.
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

/// Follows all steps of a session's life, and decodes each event on its own.
async fn whole_life(url: &str) -> Result<(), Box<dyn Error>> {
    println!("# the whole life");
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let config =
        SseConfig::new().max_reconnection_attempts(3).head_timeout(Duration::from_secs(30));
    let mut session = SseClient::new(http, config).sse_session(url).await?;
    while let Some(step) = session.lifecycle().next().await {
        match step? {
            SessionEvent::Event(event) => match deserialize_by_type::<Update>(&event) {
                Ok(Update::Customer(customer)) => println!("{}", customer.name),
                Ok(_) => {}
                Err(error) => println!("{error}"),
            },
            SessionEvent::Disconnected { .. } => println!("disconnected"),
            _ => {}
        }
    }
    Ok(())
}

/// Returns the events of a text as a stream.
fn events(text: &'static str) -> impl Stream<Item = Result<ServerSentEvent, ReadError>> + Unpin {
    stream::iter(EventReader::new(io::Cursor::new(text)))
}
