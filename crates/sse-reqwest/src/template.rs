//! The caller's request in, or what makes one, or the answer to one, and a request for each
//! connection out.
//!
//! Adds the headers that an event stream needs where the caller has set none. Sends nothing.

mod refreshed;

use std::{mem, sync::Arc};

use reqwest::{
    Client, Method, Request, RequestBuilder, Response, Url,
    header::{ACCEPT, HeaderMap, HeaderValue},
};

use self::refreshed::Refreshed;
use crate::{
    call::{RequestHead, without_secrets},
    config::SseConfig,
    destination::ReconnectUrl,
    factory::RequestContext,
    failure::{Failure, NotRepeatable},
    platform::bypass_caches,
    sender::Sender,
    source::Source,
    target::Target,
    threads::{BoxError, BoxFuture},
};

/// Makes a request for each connection of a session.
///
/// What few sessions have is boxed: the others, of which there may be many, take no room for it.
#[derive(Debug)]
pub(crate) struct Template {
    sender: Sender,
    config: Arc<SseConfig>,
    /// What the next request comes from, or why there is none.
    source: Result<Source, NotRepeatable>,
    /// What takes over once the session was connected, if not all of them come from the same.
    resume_request: Option<Box<Source>>,
    /// What credentials were refreshed to.
    refreshed: Option<Box<Refreshed>>,
    /// Where the session goes on, if not at the URL of its request.
    moved_to: Option<Box<Url>>,
    /// Of the request to be made, as far as that is known; `None` if there is none to be made.
    pub(crate) method: Option<Method>,
    last: Last,
}

/// What was made last.
#[derive(Debug)]
enum Last {
    Nothing,
    Request(RequestHead),
    /// No request, but one that was answered from there.
    Response(Box<Url>),
}

/// A request to be sent.
pub(crate) struct Outgoing {
    pub(crate) sender: Sender,
    pub(crate) client: Client,
    pub(crate) request: Request,
    pub(crate) head: RequestHead,
}

/// A request to be sent, or the way to one.
pub(crate) enum Next {
    Request(Box<Outgoing>),
    /// To be [finished](Template::finish).
    Making(BoxFuture<Result<RequestBuilder, BoxError>>),
    /// None is to be sent: its answer is there.
    Response(Box<Response>),
    Nothing(NotRepeatable),
}

impl Template {
    pub(crate) fn new(
        source: Source,
        resume_request: Option<Source>,
        sender: Sender,
        config: Arc<SseConfig>,
    ) -> Self {
        let method = source.method();
        let last = match &source {
            Source::Response(response) => Last::Response(Box::new(response.url().clone())),
            Source::Request(..) | Source::Factory(_) => Last::Nothing,
        };
        let (source, resume_request) = (Ok(source), resume_request.map(Box::new));
        Self {
            sender,
            config,
            source,
            resume_request,
            refreshed: None,
            moved_to: None,
            method,
            last,
        }
    }

    /// Of the last request, or of the response that the session begins with. Without secrets.
    pub(crate) fn url(&self) -> Option<Url> {
        match &self.last {
            Last::Nothing => None,
            Last::Request(head) => Some(without_secrets(head.url())),
            Last::Response(url) => Some(without_secrets(url)),
        }
    }

    /// Why there is no next request, if there is none.
    pub(crate) fn obstacle(&self) -> Option<NotRepeatable> {
        self.source.as_ref().err().copied()
    }

    /// Makes the next request.
    pub(crate) fn next(&mut self, context: RequestContext) -> Result<Next, Failure> {
        let (client, request) = match &self.source {
            Ok(Source::Factory(factory)) => return Ok(Next::Making(factory.make(context))),
            Ok(Source::Request(client, request)) => match request.try_clone() {
                Some(request) => (client.clone(), request),
                None => match self.give_request_away() {
                    Some(request) => request,
                    None => return Ok(Next::Nothing(NotRepeatable::BodySpent)),
                },
            },
            Ok(Source::Response(_)) => match self.give_away(NotRepeatable::NoRequest) {
                Ok(Source::Response(response)) => return Ok(Next::Response(response)),
                _ => return Ok(Next::Nothing(NotRepeatable::NoRequest)),
            },
            Err(obstacle) => return Ok(Next::Nothing(*obstacle)),
        };
        Ok(Next::Request(self.prepare(client, request, &context.last_event_id)?))
    }

    /// The caller's request itself: one that cannot be copied, and so is shared with nobody.
    fn give_request_away(&mut self) -> Option<(Client, Request)> {
        match self.give_away(NotRepeatable::BodySpent) {
            Ok(Source::Request(client, request)) => Some((client, Arc::into_inner(request)?)),
            _ => None,
        }
    }

    /// What can be used once.
    fn give_away(&mut self, obstacle: NotRepeatable) -> Result<Source, NotRepeatable> {
        mem::replace(&mut self.source, Err(obstacle))
    }

    /// Takes what a factory has made.
    pub(crate) fn finish(
        &mut self,
        made: RequestBuilder,
        last_event_id: &str,
    ) -> Result<Box<Outgoing>, Failure> {
        let Target(made) = made.into();
        let (client, request) = made?;
        self.prepare(client, request, last_event_id)
    }

    fn prepare(
        &mut self,
        client: Client,
        mut request: Request,
        last_event_id: &str,
    ) -> Result<Box<Outgoing>, Failure> {
        if let Some(refreshed) = &self.refreshed {
            refreshed.set_on(&mut request);
        }
        let headers = request.headers_mut();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("text/event-stream"));
        self.config.id_header.set(headers, last_event_id);
        if let Some(url) = &self.moved_to {
            self.config.destination.redirect(&mut request, url);
        }
        let request = bypass_caches(&client, request).map_err(Failure::InvalidRequest)?;
        let head = self.head_of(&request);
        self.method = Some(head.method().clone());
        self.last = Last::Request(head.clone());
        Ok(Box::new(Outgoing { sender: self.sender.clone(), client, request, head }))
    }

    /// Takes what is to be seen of a request. If the next one can be made of that as well as of the
    /// caller's own, it is held in its place: the headers that every request is given are given
    /// anew.
    fn head_of(&mut self, request: &Request) -> RequestHead {
        let head = RequestHead::of(request);
        let is_as_every = self.refreshed.is_none() && self.moved_to.is_none();
        if let Ok(Source::Request(_, own)) = &mut self.source {
            if is_as_every && request.body().is_none() {
                *own = head.share();
            }
        }
        head
    }

    /// Sets these headers on every request from now on, if it goes to where the last one went.
    pub(crate) fn use_credentials(&mut self, headers: HeaderMap) {
        self.refreshed = self.url().map(|url| Box::new(Refreshed { headers, url }));
    }

    /// Takes note that the request was answered with an event stream, by this URL.
    pub(crate) fn connected(&mut self, url: &Url) {
        // A factory says itself where its request goes.
        let is_fixed = matches!(self.source, Ok(Source::Request(..)));
        if is_fixed && self.config.destination.url == ReconnectUrl::Final {
            self.moved_to = Some(Box::new(url.clone()));
        }
        self.resume();
    }

    /// From now on requests come from what the session is to resume with, if that is something
    /// else.
    pub(crate) fn resume(&mut self) {
        if let Some(source) = self.resume_request.take() {
            self.method = source.method();
            self.source = Ok(*source);
            self.moved_to = None;
        }
    }

    /// Takes note that there was no such answer: whoever moved the session may move it elsewhere.
    pub(crate) fn not_connected(&mut self) {
        self.moved_to = None;
    }
}

#[cfg(test)]
mod tests {
    use std::{ptr, sync::Arc};

    use reqwest::{
        Body, Client, Method, Request, Url,
        header::{COOKIE, HeaderMap, HeaderValue},
    };

    use super::{Next, Sender, Template};
    use crate::{
        call::RequestHead,
        factory::{Factory, RequestContext},
        id_header::LAST_EVENT_ID,
        source::Source,
    };

    fn request(body: Option<Body>) -> Request {
        let builder = Client::new().post("http://u:p@localhost/?q");
        match body {
            Some(body) => builder.body(body).build().unwrap(),
            None => builder.build().unwrap(),
        }
    }

    fn moved_to() -> Url {
        "http://localhost/moved".parse().unwrap()
    }

    fn source(request: Request) -> Source {
        Source::Request(Client::new(), Arc::new(request))
    }

    fn new(source: Source, resume_request: Option<Source>) -> Template {
        Template::new(source, resume_request, Sender::default(), Arc::default())
    }

    fn template(request: Request) -> Template {
        new(source(request), None)
    }

    fn context(last_event_id: &str) -> RequestContext {
        RequestContext { attempt: 0, last_event_id: last_event_id.to_owned(), cause: None }
    }

    fn next(template: &mut Template, last_event_id: &str) -> Request {
        match template.next(context(last_event_id)) {
            Ok(Next::Request(outgoing)) => outgoing.request,
            _ => panic!("no request"),
        }
    }

    #[test]
    fn headers_are_added_where_the_caller_has_none() {
        let first = next(&mut template(request(None)), "");
        assert_eq!(first.headers()["accept"], "text/event-stream");
        assert_eq!(first.headers()["cache-control"], "no-cache");
        let mut own = request(None);
        own.headers_mut().insert("accept", "text/event-stream, application/json".parse().unwrap());
        own.headers_mut().insert("cache-control", "max-age=0".parse().unwrap());
        let first = next(&mut template(own), "");
        let accepts: Vec<_> = first.headers().get_all("accept").iter().collect();
        assert_eq!(accepts, ["text/event-stream, application/json"]);
        assert_eq!(first.headers()["cache-control"], "max-age=0");
    }

    #[test]
    fn a_body_that_is_there_as_a_whole_is_sent_again() {
        let mut template = template(request(Some("body".into())));
        let first = next(&mut template, "1");
        assert_eq!(first.headers()[LAST_EVENT_ID], "1");
        assert_eq!(template.obstacle(), None);
        let second = next(&mut template, "2");
        assert_eq!(second.headers()[LAST_EVENT_ID], "2");
        assert_eq!(second.body().unwrap().as_bytes(), Some(&b"body"[..]));
    }

    #[test]
    fn refreshed_credentials_replace_those_of_the_request() {
        let mut own = request(None);
        own.headers_mut().insert("authorization", "old".parse().unwrap());
        let mut template = template(own);
        next(&mut template, "");
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", "new"), ("cookie", "a=1"), ("cookie", "b=2")] {
            headers.append(name, value.parse().unwrap());
        }
        template.use_credentials(headers);
        for _ in 0..2 {
            let request = next(&mut template, "");
            let values = |name| Vec::from_iter(request.headers().get_all(name));
            assert_eq!(values("authorization"), ["new"]);
            assert_eq!(values("cookie"), ["a=1", "b=2"]);
        }
    }

    #[test]
    fn refreshed_credentials_stay_at_their_origin() {
        let cases = [
            ("http://localhost/other?q", true),
            ("http://localhost:80/", true),
            ("http://localhost:81/", false),
            ("https://localhost/", false),
            ("http://127.0.0.1/", false),
        ];
        for (url, expected) in cases {
            let other = Client::new().get(url).build().unwrap();
            let mut template = new(source(request(None)), Some(source(other)));
            next(&mut template, "");
            let new = ("authorization".parse().unwrap(), "new".parse().unwrap());
            template.use_credentials(HeaderMap::from_iter([new]));
            template.connected(&moved_to());
            let request = next(&mut template, "");
            assert_eq!(request.headers().contains_key("authorization"), expected, "{url}");
        }
    }

    #[test]
    fn another_request_takes_over_once_there_was_a_connection() {
        let other = Client::new().get("http://localhost/other").build().unwrap();
        let mut template = new(source(request(Some("body".into()))), Some(source(other)));
        for _ in 0..2 {
            assert_eq!(next(&mut template, "").method(), "POST");
        }
        template.connected(&moved_to());
        assert_eq!(template.method, Some(Method::GET));
        for _ in 0..2 {
            let request = next(&mut template, "1");
            assert_eq!(request.url().path(), "/other");
            assert_eq!(request.headers()[LAST_EVENT_ID], "1");
            assert_eq!(request.headers()["accept"], "text/event-stream");
            template.connected(&moved_to());
        }
    }

    #[test]
    fn what_a_factory_makes_gets_the_same_headers() {
        let client = Client::new();
        let factory = Factory::new(|_| async { Err::<reqwest::RequestBuilder, _>("unused") });
        let mut template = new(Source::Factory(factory), None);
        assert!(matches!(template.next(context("1")), Ok(Next::Making(_))));
        assert_eq!(template.obstacle(), None);
        let made = client.put("http://localhost/").header("last-event-id", "own");
        let request = template.finish(made, "1").unwrap().request;
        assert_eq!(request.headers()[LAST_EVENT_ID], "1");
        assert_eq!(request.headers()["accept"], "text/event-stream");
        assert_eq!(template.method, Some(Method::PUT));
        assert!(template.finish(client.get("ftp://localhost/"), "").is_err());
    }

    #[test]
    fn a_request_without_a_body_is_held_once_and_stays_the_callers() {
        let is_held_once = |template: &Template, head: &RequestHead| match &template.source {
            Ok(Source::Request(_, own)) => ptr::eq(own.headers(), head.headers()),
            _ => false,
        };
        let mut template = template(request(None));
        let mut step = |last_event_id| match template.next(context(last_event_id)) {
            Ok(Next::Request(sent)) => {
                assert!(is_held_once(&template, &sent.head));
                assert_eq!(sent.head.headers(), sent.request.headers());
                sent.request.headers().get(LAST_EVENT_ID).cloned()
            }
            _ => panic!("no request"),
        };
        assert_eq!(step(""), None);
        assert_eq!(step("1"), Some(HeaderValue::from_static("1")));
        assert_eq!(step(""), None);
        template.use_credentials(HeaderMap::from_iter([(COOKIE, HeaderValue::from_static("a=1"))]));
        let Ok(Next::Request(refreshed)) = template.next(context("")) else { panic!("no request") };
        assert!(refreshed.head.headers().contains_key(COOKIE));
        assert!(!is_held_once(&template, &refreshed.head));

        let mut template = self::template(request(Some("body".into())));
        let Ok(Next::Request(sent)) = template.next(context("")) else { panic!("no request") };
        assert!(!is_held_once(&template, &sent.head));
    }

    #[test]
    fn what_is_shown_of_the_url_has_no_secrets() {
        let mut template = template(request(None));
        next(&mut template, "");
        assert_eq!(template.url().unwrap().as_str(), "http://localhost/");
    }
}
