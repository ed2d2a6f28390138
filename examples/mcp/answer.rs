//! The response to a request in, the answer out.
//!
//! It may be JSON. Or it is a stream, on which the server sends what it has to say on its way to the
//! answer: progress, and requests of its own. If that stream is lost, it is resumed by a GET, from
//! the last event ID: the request itself is not made again.

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
    /// The answer to the request of this number.
    pub(crate) async fn answer(&self, response: Response, number: u64) -> Result<Value, Error> {
        let content_type = response.headers().get(CONTENT_TYPE).map(|it| it.as_bytes());
        if content_type.is_some_and(|it| it.starts_with(b"application/json")) {
            return result(response.json().await?, number);
        }
        let mut session = self.stream(response, number).await?;
        let handle = session.handle();
        let mut on_progress = self.habits.progress;
        while let Some(step) = session.lifecycle().next().await {
            match step? {
                SessionEvent::Event(event) if is_empty(&event) => {}
                SessionEvent::Event(event) => match deserialize(&event)? {
                    Message::Notification(notification) => {
                        host::told(&notification);
                        if notification.is_progress() && on_progress == OnProgress::Cut {
                            on_progress = OnProgress::Read;
                            handle.reconnect_now();
                        }
                    }
                    Message::Request(request) => self.answer_back(&request).await?,
                    message if message.answers(number) => return result(message, number),
                    // When a server resumes one stream, it may repeat what it sent on others.
                    Message::Result { .. } | Message::Error { .. } | Message::Other {} => {}
                },
                SessionEvent::Disconnected { cause, .. } => host::lost(&cause),
                SessionEvent::Open(call) => host::resumed(&call),
                _ => {}
            }
        }
        Err(Error::NoAnswer)
    }

    /// Answers what the server asks.
    pub(crate) async fn answer_back(&self, request: &Request) -> Result<(), Error> {
        self.tell(&message::answer(&request.id, host::asked(request))).await
    }

    /// The stream that has begun with this response.
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

/// Servers start a stream with an event that has an ID and nothing else, so that it can be resumed
/// from its start.
fn is_empty(event: &ServerSentEvent) -> bool {
    event.data().is_empty()
}

fn is_answer(event: &ServerSentEvent, number: u64) -> bool {
    deserialize::<Message>(event).is_ok_and(|message| message.answers(number))
}

fn result(message: Message, number: u64) -> Result<Value, Error> {
    match message {
        Message::Result { id, result } if id == number => Ok(result),
        // A request that could not be read has no id to answer with.
        Message::Error { id, error } if id == number || id.is_null() => Err(error.into()),
        _ => Err(Error::NoAnswer),
    }
}
