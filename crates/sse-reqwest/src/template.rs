//! The caller's request in, one request for each connection out.
//!
//! Adds the headers that an event stream needs where the caller has set none. Sends nothing.

use std::time::Duration;

use reqwest::{
    Method, Request, Url,
    header::{ACCEPT, CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue},
};

use crate::call::without_secrets;

/// Makes a request for each connection of a session.
#[derive(Debug)]
pub(crate) struct Template {
    /// `None` if the request's body is a stream, which went with the first request.
    repeatable: Option<Request>,
    pub(crate) method: Method,
    /// Without secrets.
    pub(crate) url: Url,
}

impl Template {
    /// Makes the template of a session, and its first request.
    pub(crate) fn new(mut request: Request, last_event_id: &str) -> (Self, Request) {
        let headers = request.headers_mut();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("text/event-stream"));
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
        set_last_event_id(headers, last_event_id);
        without_total_timeout(&mut request);
        let method = request.method().clone();
        let url = without_secrets(request.url());
        let (repeatable, first) = match request.try_clone() {
            Some(first) => (Some(request), first),
            None => (None, request),
        };
        (Self { repeatable, method, url }, first)
    }

    /// Makes the request to reconnect with; `None` if its body could be read only once.
    pub(crate) fn request(&self, last_event_id: &str) -> Option<Request> {
        let mut request = self.repeatable.as_ref()?.try_clone()?;
        set_last_event_id(request.headers_mut(), last_event_id);
        Some(request)
    }
}

/// The last event ID that a request already carries, set by the caller as a header.
pub(crate) fn last_event_id_of(request: &Request) -> String {
    let header = request.headers().get(LAST_EVENT_ID);
    header.map_or_else(String::new, |id| String::from_utf8_lossy(id.as_bytes()).into_owned())
}

/// The ID as the value of a header, in UTF-8; `None` if it is none that a header can carry.
pub(crate) fn last_event_id_value(id: &str) -> Option<HeaderValue> {
    let fits = id.len() <= MAX_LAST_EVENT_ID_BYTES;
    HeaderValue::from_bytes(id.as_bytes()).ok().filter(|_| fits)
}

/// Sets the header to the ID. It is absent where there is no ID, and where the ID is none that a
/// header can carry: nothing a server says may break the next request.
fn set_last_event_id(headers: &mut HeaderMap, id: &str) {
    headers.remove(LAST_EVENT_ID);
    if id.is_empty() {
        return;
    }
    if let Some(value) = last_event_id_value(id) {
        headers.insert(LAST_EVENT_ID, value);
    }
}

/// Lifts the total timeout of the client, which would cut every event stream. reqwest has no way to
/// have none, so it keeps a timer that never fires, and with it wants a runtime that has timers.
fn without_total_timeout(request: &mut Request) {
    *request.timeout_mut() = Some(Duration::MAX);
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Servers answer larger headers with an error; 8 KiB for all of them is a common limit.
const MAX_LAST_EVENT_ID_BYTES: usize = 4 * 1024;

#[cfg(test)]
mod tests {
    use reqwest::{Body, Client, Request, header::HeaderMap};

    use super::{LAST_EVENT_ID, Template, set_last_event_id};

    #[track_caller]
    fn check_header(id: &str, expected: Option<&[u8]>) {
        let mut headers = HeaderMap::new();
        headers.append(LAST_EVENT_ID, "old".parse().unwrap());
        headers.append(LAST_EVENT_ID, "older".parse().unwrap());
        set_last_event_id(&mut headers, id);
        let values: Vec<_> =
            headers.get_all(LAST_EVENT_ID).iter().map(|id| id.as_bytes()).collect();
        assert_eq!(values, Vec::from_iter(expected));
    }

    #[test]
    fn the_last_event_id_is_replaced_and_absent_if_it_is_none_or_unfit() {
        check_header("1", Some(b"1"));
        check_header("\u{2026}", Some(&[0xE2, 0x80, 0xA6]));
        check_header("a\tb", Some(b"a\tb"));
        check_header("", None);
        check_header("a\u{7}b", None);
        check_header("a\u{7f}b", None);
        check_header(&"x".repeat(4096), Some("x".repeat(4096).as_bytes()));
        check_header(&"x".repeat(4097), None);
    }

    fn request(body: Option<Body>) -> Request {
        let builder = Client::new().post("http://u:p@localhost/?q");
        match body {
            Some(body) => builder.body(body).build().unwrap(),
            None => builder.build().unwrap(),
        }
    }

    #[test]
    fn headers_are_added_where_the_caller_has_none() {
        let (_, first) = Template::new(request(None), "");
        assert_eq!(first.headers()["accept"], "text/event-stream");
        assert_eq!(first.headers()["cache-control"], "no-cache");
        let mut own = request(None);
        own.headers_mut().insert("accept", "text/event-stream, application/json".parse().unwrap());
        own.headers_mut().insert("cache-control", "max-age=0".parse().unwrap());
        let (_, first) = Template::new(own, "");
        let accepts: Vec<_> = first.headers().get_all("accept").iter().collect();
        assert_eq!(accepts, ["text/event-stream, application/json"]);
        assert_eq!(first.headers()["cache-control"], "max-age=0");
    }

    #[test]
    fn a_body_that_is_there_as_a_whole_is_sent_again() {
        let (template, first) = Template::new(request(Some("body".into())), "1");
        assert_eq!(first.headers()[LAST_EVENT_ID], "1");
        let second = template.request("2").unwrap();
        assert_eq!(second.headers()[LAST_EVENT_ID], "2");
        assert_eq!(second.body().unwrap().as_bytes(), Some(&b"body"[..]));
    }

    #[test]
    fn what_is_shown_of_the_url_has_no_secrets() {
        let (template, _) = Template::new(request(None), "");
        assert_eq!(template.url.as_str(), "http://localhost/");
    }
}
