//! Reads the answer to a request from its response.
//!
//! The response is either JSON or an event stream, on which the server may send progress
//! notifications and requests of its own before the answer. After a disconnect, the stream is
//! resumed with a GET from the last event ID; the request itself is never repeated.

use reqwest::{Response, header::CONTENT_TYPE};
use serde_json::Value;
use sse_reqwest::{ClientSseSession, Resume, ServerSentEvent, SessionEvent, SseConfig};
use sse_typed::deserialize;

use crate::{
    args::OnProgress,
    client::Client,
    error::Error,
    host,
    message::{self, Message, Request},
};

impl Client {
    /// Reads the answer to the request with this number.
    pub(crate) async fn answer(&self, response: Response, number: u64) -> Result<Value, Error> {
        let content_type = response.headers().get(CONTENT_TYPE).map(|it| it.as_bytes());
        if content_type.is_some_and(|it| it.starts_with(b"application/json")) {
            return result(response.json().await?, number);
        }
        let mut session = self.stream(response, number).await?;
        let handle = session.handle();
        let mut on_progress = self.options.on_progress;
        while let Some(step) = session.lifecycle().next().await {
            match step? {
                SessionEvent::Event(event) if is_empty(&event) => {}
                SessionEvent::Event(event) => match deserialize(&event)? {
                    Message::Notification(notification) => {
                        host::notified(&notification);
                        if notification.is_progress() && on_progress == OnProgress::Reconnect {
                            on_progress = OnProgress::Read;
                            handle.reconnect_now();
                        }
                    }
                    Message::Request(request) => self.answer_back(&request).await?,
                    message if message.answers(number) => return result(message, number),
                    // A server that resumes one stream may repeat messages of other streams.
                    Message::Result { .. } | Message::Error { .. } | Message::Other {} => {}
                },
                SessionEvent::Disconnected { cause, .. } => host::disconnected(&cause),
                SessionEvent::Open(call) => host::resumed(&call),
                _ => {}
            }
        }
        Err(Error::NoAnswer)
    }

    /// Answers a request of the server.
    pub(crate) async fn answer_back(&self, request: &Request) -> Result<(), Error> {
        self.send(&message::answer(&request.id, host::requested(request))).await
    }

    /// Opens a session on the event stream of a response.
    async fn stream(&self, response: Response, number: u64) -> Result<ClientSseSession, Error> {
        let request = self.sse.response(response).resume_request(self.get());
        let configure = |config: SseConfig| {
            config
                .resume(Resume::IfIdSeen)
                .stop_after(move |event| is_answer(event, number))
                .expect_terminal(true)
        };
        Ok(request.configure(configure).sse_session().await?)
    }
}

/// Returns `true` for an event without data. Servers begin a stream with an event that has only an
/// ID, so that the stream can be resumed from its start.
fn is_empty(event: &ServerSentEvent) -> bool {
    event.data().is_empty()
}

fn is_answer(event: &ServerSentEvent, number: u64) -> bool {
    deserialize::<Message>(event).is_ok_and(|message| message.answers(number))
}

fn result(message: Message, number: u64) -> Result<Value, Error> {
    match message {
        Message::Result { id, result } if id == number => Ok(result),
        // The server could not parse the request, and so did not know its id.
        Message::Error { id, error } if id == number || id.is_null() => Err(error.into()),
        _ => Err(Error::NoAnswer),
    }
}
