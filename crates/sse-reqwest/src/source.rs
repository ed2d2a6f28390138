//! What a session begins with, or goes on with: a request, what makes one, or the response to one.
//!
//! What is made of it for one connection after the other is in [`crate::template`].

use std::{fmt, sync::Arc};

use reqwest::{Client, Method, Request, Response};

use crate::{
    call::{RequestHead, without_secrets},
    factory::Factory,
    failure::Failure,
    id_header::LAST_EVENT_ID,
    target::Target,
};

/// Where the requests of a session come from.
pub(crate) enum Source {
    /// The same one again and again.
    Request(Client, Arc<Request>),
    /// A new one each time.
    Factory(Factory),
    /// The caller has made the first one, and this is its answer.
    Response(Box<Response>),
}

impl Source {
    pub(crate) fn of(target: Target) -> Result<Self, Failure> {
        target.0.map(|(client, request)| Self::Request(client, Arc::new(request)))
    }

    /// Of its next request, as far as that is known; `None` if there is none.
    pub(crate) fn method(&self) -> Option<Method> {
        match self {
            Self::Request(_, request) => Some(request.method().clone()),
            Self::Factory(_) => Some(Method::GET),
            Self::Response(_) => None,
        }
    }

    /// The last event ID that a request already carries, set by the caller as a header.
    pub(crate) fn last_event_id(&self) -> String {
        let header = match self {
            Self::Request(_, request) => request.headers().get(LAST_EVENT_ID),
            Self::Factory(_) | Self::Response(_) => None,
        };
        header.map_or_else(String::new, |id| String::from_utf8_lossy(id.as_bytes()).into_owned())
    }
}

impl fmt::Debug for Source {
    /// Shows neither the values of headers nor the query of a URL: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(_, request) => RequestHead::of(request).fmt(f),
            Self::Factory(factory) => factory.fmt(f),
            Self::Response(response) => f
                .debug_struct("Response")
                .field("status", &response.status())
                .field("url", &without_secrets(response.url()).as_str())
                .finish_non_exhaustive(),
        }
    }
}
