//! Common interface of all clients: each opens a URL and returns a stream.
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

/// Client in the contest, used as its documentation shows.
pub trait Client: Sized + Send + Sync + 'static {
    type Item: Send;

    /// State that a program creates once and its sessions share, as far as they can.
    fn new() -> Result<Self, BoxError>;

    /// Opens a session, or does so when the stream is polled.
    fn open(
        &self,
        url: &str,
    ) -> impl Future<Output = Result<impl Stream<Item = Self::Item> + Send, BoxError>> + Send;

    fn look(item: &Self::Item) -> Look<'_>;

    /// Ends when a stream of this many events has been read.
    fn until(events: u64) -> Until {
        Until::Events(events)
    }
}

/// Item of a client's stream.
pub enum Look<'a> {
    /// An event's data; of a client that knows no events, the bytes of a chunk.
    Data(&'a [u8]),
    /// Status of the connection.
    News,
    Failure(String),
}

/// Condition on which reading ends.
#[derive(Clone, Copy)]
pub enum Until {
    Events(u64),
    /// For clients that know no events, and have no sessions that continue after the stream either.
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
