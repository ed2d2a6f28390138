//! Resumption of streams without IDs: their events contain a position, which the next request
//! names.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Client, RequestBuilder};
use sse_reqwest::{ServerSentEvent, SseClient, SseRequest};

/// Returns the request of a session. `make` creates it for a position, the first time for `start`;
/// `next` returns the position in an event, given the last one.
pub(crate) fn request<F>(
    client: &SseClient,
    start: &str,
    make: impl Fn(&Client, &str) -> F + Send + Sync + 'static,
    next: impl Fn(&ServerSentEvent, &str) -> Option<String> + Send + Sync + 'static,
) -> SseRequest
where
    F: Future<Output = RequestBuilder> + Send + 'static,
{
    let position = Arc::new(Mutex::new(start.to_owned()));
    let (http, seen) = (client.http_client().clone(), position.clone());
    let request = client.request_factory(move |_| {
        let request = make(&http, &position.lock().unwrap_or_else(PoisonError::into_inner));
        async move { Ok::<_, Infallible>(request.await) }
    });
    // The predicate is called with each event, and stops before none.
    request.configure(|config| {
        config.stop_before(move |event| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(position) = next(event, &seen) {
                *seen = position;
            }
            false
        })
    })
}
