//! What all clients have in common: they are given a URL and answer with a stream.
//!
//! Measures nothing.

use std::{
    error::Error,
    future::poll_fn,
    pin::{Pin, pin},
};

use futures_core::Stream;

use crate::contest::Tally;

pub type BoxError = Box<dyn Error + Send + Sync>;

/// A client in the contest, in the way its documentation shows.
pub trait Client: Sized + Send + Sync + 'static {
    type Item: Send;

    /// What a program makes once: what sessions can share, they do.
    fn new() -> Result<Self, BoxError>;

    /// Opens a session, or is about to as soon as the stream is polled.
    fn open(
        &self,
        url: &str,
    ) -> impl Future<Output = Result<impl Stream<Item = Self::Item> + Send, BoxError>> + Send;

    fn look(item: &Self::Item) -> Look<'_>;

    /// When a stream of so many events has been read to its end.
    fn until(events: u64) -> Until {
        Until::Events(events)
    }
}

/// What an item of a client's stream is.
pub enum Look<'a> {
    /// An event's data; of a client that knows no events, the bytes of a chunk.
    Data(&'a [u8]),
    /// News of the connection.
    News,
    Failure(String),
}

/// When a stream has been read far enough.
#[derive(Clone, Copy)]
pub enum Until {
    Events(u64),
    /// For what knows no events, and has no sessions that go on after it either.
    End,
}

/// Reads a stream and calls `data` with each event's.
pub async fn read<C: Client>(
    mut stream: Pin<&mut impl Stream<Item = C::Item>>,
    until: Until,
    mut data: impl FnMut(&[u8]),
) -> Result<Tally, BoxError> {
    let mut tally = Tally::default();
    let events = match until {
        Until::Events(events) => events,
        Until::End => u64::MAX,
    };
    while tally.events < events {
        let Some(item) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await else {
            break;
        };
        match C::look(&item) {
            Look::Data(bytes) => {
                tally.add(bytes.len());
                data(bytes);
            }
            Look::News => {}
            Look::Failure(text) => return Err(text.into()),
        }
    }
    Ok(tally)
}

/// Opens a session and reads it from its start.
pub async fn visit<C: Client>(
    client: &C,
    url: &str,
    until: Until,
    data: impl FnMut(&[u8]),
) -> Result<Tally, BoxError> {
    let stream = pin!(client.open(url).await?);
    read::<C>(stream, until, data).await
}
