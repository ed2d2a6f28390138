//! Template of requests: makes the request of each connection out of the session's source.
//!
//! It adds the headers that an event stream needs, where the caller has set none.

use std::time::Duration;

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
    header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, LOCATION},
};

use super::{
    outgoing::{Outgoing, is_redirect},
    refreshed::Refreshed,
};
use crate::{
    call::RequestHead,
    coding::accept_encoding,
    config::{Opening, RequestOptions, SseConfig},
    context::RequestContext,
    destination::ReconnectUrl,
    factory::{Factory, Made},
    failure::{BadRedirect, Failure, NotRepeatable},
    id_header::IdHeader,
    method::is_safe,
    session_request::SessionRequest,
    source::Source,
    transport::Capabilities,
    uri,
    uri::without_secrets,
};

/// Header by which a server recognizes the repetition of a request
/// (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Maker of the requests of a session.
///
/// Rarely used state is boxed, as there may be many sessions.
#[derive(Debug)]
pub(super) struct Template {
    /// Source of the next request, or the reason why it cannot be made.
    source: Result<Source, NotRepeatable>,
    /// Source that replaces it once the session was connected.
    resume_request: Option<Box<Source>>,
    /// Credentials that replace those of the request.
    pub(super) refreshed: Option<Box<Refreshed>>,
    /// URI to reconnect to, if not that of the request.
    moved_to: Option<Box<Uri>>,
    /// Method of the next request, as far as it is known; `None` if no request can be made.
    pub(super) method: Option<Method>,
    last: Last,
    /// Total timeout of the last request.
    pub(super) total_timeout: Option<Duration>,
    /// If `true`, options were set for this session alone.
    is_configured: bool,
}

/// Last request.
#[derive(Debug)]
enum Last {
    Nothing,
    Request(RequestHead),
    /// The caller made the request, which was answered from here.
    Response(Box<Uri>),
}

/// Next request, or the way to it.
pub(super) enum Next {
    Request(Box<Outgoing>),
    /// The factory makes it; [`Template::made`] takes the result.
    Factory(Factory),
    /// None: the response is available.
    Response,
    Nothing(NotRepeatable),
}

impl Template {
    /// Creates the template of a session, or fails if an option can have no effect in it.
    pub(super) fn new(
        source: Source,
        resume_request: Option<Source>,
        config: &SseConfig,
        is_configured: bool,
    ) -> Result<Self, Failure> {
        let method = source.method();
        let last = match &source {
            Source::Response(uri) => Last::Response(uri.clone()),
            Source::Request(_) | Source::Factory(_) => Last::Nothing,
        };
        let (source, resume_request) = (Ok(source), resume_request.map(Box::new));
        let (refreshed, moved_to, total_timeout) = (None, None, None);
        let template = Self {
            source,
            resume_request,
            refreshed,
            moved_to,
            method,
            last,
            total_timeout,
            is_configured,
        };
        let method = template.method.as_ref().filter(|_| !template.has_factory());
        template.check(config, method)?;
        Ok(template)
    }

    /// Checks that the options can have an effect with this method of the first request.
    fn check(&self, config: &SseConfig, method: Option<&Method>) -> Result<(), Failure> {
        let Ok(source) = &self.source else { return Ok(()) };
        let (resume_request, is_configured) = (self.resume_request.as_deref(), self.is_configured);
        config.check(Opening { source, method, resume_request, is_configured })
    }

    /// Checks the options against the request that a factory has made, if it is the first one.
    pub(super) fn check_made(&self, config: &SseConfig, made: &Made) -> Result<(), Failure> {
        match (&self.last, made) {
            (Last::Nothing, Ok(request)) => self.check(config, Some(request.head.method())),
            _ => Ok(()),
        }
    }

    /// Returns the URI of the last request, or of the response that the session began with.
    pub(super) fn last_uri(&self) -> Option<&Uri> {
        match &self.last {
            Last::Nothing => None,
            Last::Request(head) => Some(head.uri()),
            Last::Response(uri) => Some(uri),
        }
    }

    /// Returns the URI of the last request without secrets.
    pub(super) fn shown_uri(&self) -> Option<Uri> {
        self.last_uri().map(without_secrets)
    }

    pub(super) fn last_request(&self) -> Option<&RequestHead> {
        match &self.last {
            Last::Request(head) => Some(head),
            Last::Nothing | Last::Response(_) => None,
        }
    }

    /// Returns `true` if a factory makes the requests.
    pub(super) fn has_factory(&self) -> bool {
        self.source.as_ref().is_ok_and(Source::is_factory)
    }

    /// Returns the reason why no next request can be made, if so.
    pub(super) fn not_repeatable(&self) -> Option<NotRepeatable> {
        self.source.as_ref().err().copied()
    }

    /// Makes the next request.
    pub(super) fn next(&mut self, rules: Rules<'_>, context: &RequestContext) -> Next {
        let request = match &self.source {
            Ok(Source::Factory(factory)) => return Next::Factory(factory.clone()),
            Ok(Source::Request(request)) => match request.try_clone() {
                Some(request) => request,
                None => match self.take(NotRepeatable::BodySpent) {
                    Ok(Source::Request(request)) => request,
                    _ => return Next::Nothing(NotRepeatable::BodySpent),
                },
            },
            Ok(Source::Response(_)) => {
                let _ = self.take(NotRepeatable::NoRequest);
                return Next::Response;
            }
            Err(reason) => return Next::Nothing(*reason),
        };
        Next::Request(self.prepare(rules, request, &context.last_event_id))
    }

    /// Takes a source that can be used only once.
    fn take(&mut self, reason: NotRepeatable) -> Result<Source, NotRepeatable> {
        std::mem::replace(&mut self.source, Err(reason))
    }

    /// Prepares a request that a factory has made.
    pub(super) fn made(
        &mut self,
        rules: Rules<'_>,
        made: Made,
        last_event_id: &str,
    ) -> Result<Box<Outgoing>, Failure> {
        let request = made?;
        uri::check(request.head.uri()).map_err(Failure::InvalidUrl)?;
        Ok(self.prepare(rules, request, last_event_id))
    }

    fn prepare(
        &mut self,
        rules: Rules<'_>,
        request: SessionRequest,
        last_event_id: &str,
    ) -> Box<Outgoing> {
        let own = &request.head;
        let mut headers = own.to_headers();
        let mut uri = own.uri();
        if let Some(refreshed) = &self.refreshed {
            refreshed.set_on(&mut headers, uri);
        }
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("text/event-stream"));
        if !rules.capabilities.decodes_content {
            if let Some(codings) = accept_encoding() {
                headers.entry(ACCEPT_ENCODING).or_insert(codings);
            }
        }
        if !rules.capabilities.bypasses_caches {
            headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
        }
        if let Some(key) = rules.options.idempotency_key.as_ref().filter(|_| !is_safe(own.method()))
        {
            headers.entry(IDEMPOTENCY_KEY).or_insert(key.clone());
        }
        rules.id_header().set(&mut headers, last_event_id);
        if let Some(moved_to) = &self.moved_to {
            rules.options.destination.remove_credentials(&mut headers, uri, moved_to);
            if let Some(refreshed) = &self.refreshed {
                refreshed.remove_from(&mut headers, moved_to);
            }
            uri = moved_to;
        }
        let head = RequestHead::new(own.method().clone(), uri.clone(), &headers);
        // If this request can be made out of itself, one head is kept in place of two: the headers
        // that every request gets are set again.
        if self.refreshed.is_none() && self.moved_to.is_none() {
            if let Ok(Source::Request(own)) = &mut self.source {
                own.head = head.clone();
            }
        }
        self.method = Some(head.method().clone());
        self.last = Last::Request(head.clone());
        let SessionRequest { body, native, total_timeout, .. } = request;
        self.total_timeout = total_timeout;
        Box::new(Outgoing {
            head,
            body,
            native,
            is_spent: false,
            redirects: 0,
            head_deadline: None,
        })
    }

    /// Returns the request that follows a response, if that is a redirect for the session to
    /// follow.
    pub(super) fn redirected(
        &self,
        rules: Rules<'_>,
        outgoing: &Outgoing,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Option<Result<Outgoing, BadRedirect>> {
        if rules.capabilities.follows_redirects || !is_redirect(status) {
            return None;
        }
        let refreshed = self.refreshed.as_deref();
        Some(outgoing.redirected(status, headers.get(LOCATION), rules.options, refreshed))
    }

    /// Sets credentials on every later request to the origin of this one. Another origin that it
    /// was redirected to does not get them, even if that has asked for them.
    pub(super) fn use_credentials(&mut self, headers: HeaderMap) {
        let own = match &self.source {
            Ok(Source::Request(request)) => Some(request.head.uri()),
            _ => self.last_uri(),
        };
        self.refreshed = own.cloned().map(|uri| Box::new(Refreshed { headers, uri }));
    }

    /// Takes note that the response from this URI is an event stream.
    pub(super) fn connected(&mut self, options: &RequestOptions, uri: &Uri) {
        // The URI of a factory's request is the factory's.
        let is_fixed = matches!(self.source, Ok(Source::Request(_)));
        if is_fixed && options.destination.url == ReconnectUrl::Final {
            self.moved_to = Some(Box::new(uri.clone()));
        }
        self.resume();
    }

    /// Switches to the request to resume with, if there is one.
    pub(super) fn resume(&mut self) {
        if let Some(source) = self.resume_request.take() {
            self.method = source.method();
            self.source = Ok(*source);
            self.moved_to = None;
        }
    }

    /// Takes note that no event stream was received: the original URI may redirect elsewhere.
    pub(super) fn not_connected(&mut self) {
        self.moved_to = None;
    }
}

/// Rules by which requests are made.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) options: &'a RequestOptions,
    pub(super) capabilities: Capabilities,
}

impl Rules<'_> {
    pub(super) fn id_header(&self) -> IdHeader {
        IdHeader {
            is_sent: self.options.send_last_event_id,
            ascii_only: self.capabilities.ascii_headers_only,
        }
    }
}
