//! Sources of requests: what a session begins with, and what it reconnects with.

use std::fmt;

use http::{Method, Uri};

use crate::{
    factory::Factory, id_header::LAST_EVENT_ID, session_request::SessionRequest,
    uri::without_secrets,
};

/// Origin of a session's requests.
pub(crate) enum Source {
    /// One request, sent each time.
    Request(SessionRequest),
    /// New request each time.
    Factory(Factory),
    /// The caller has sent the first request, and has its response.
    Response(Box<Uri>),
}

impl Source {
    /// Returns the method of the next request, as far as it is known; `None` without a request.
    pub(crate) fn method(&self) -> Option<Method> {
        match self {
            Self::Request(request) => Some(request.head.method().clone()),
            Self::Factory(_) => Some(Method::GET),
            Self::Response(_) => None,
        }
    }

    /// Returns a copy, or `None` if it can be used only once.
    pub(crate) fn try_clone(&self) -> Option<Self> {
        match self {
            Self::Request(request) => request.try_clone().map(Self::Request),
            Self::Factory(factory) => Some(Self::Factory(factory.clone())),
            Self::Response(_) => None,
        }
    }

    /// Returns `true` if the caller's function makes the requests.
    pub(crate) fn is_factory(&self) -> bool {
        matches!(self, Self::Factory(_))
    }

    /// Returns the last event ID that a request already carries in its header.
    pub(crate) fn last_event_id(&self) -> String {
        let header = match self {
            Self::Request(request) => request.head.header(&LAST_EVENT_ID),
            Self::Factory(_) | Self::Response(_) => None,
        };
        header.map_or_else(String::new, |id| String::from_utf8_lossy(id.as_bytes()).into_owned())
    }
}

impl fmt::Debug for Source {
    /// Shows neither the values of headers nor the query of a URI: they may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(request) => request.fmt(f),
            Self::Factory(factory) => factory.fmt(f),
            Self::Response(uri) => f.debug_tuple("Response").field(&without_secrets(uri)).finish(),
        }
    }
}
