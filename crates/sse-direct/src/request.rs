//! Requests of HTTP/1.1: writes them.

use bytes::Bytes;
use http::{
    Method, Request, Uri,
    header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING},
};

/// Returns the head of a request as it is sent, and the body after it.
pub(crate) fn request_bytes(request: &Request<Bytes>) -> Vec<u8> {
    let (uri, headers, body) = (request.uri(), request.headers(), request.body());
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let fields = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    let mut bytes = Vec::with_capacity(fields.sum::<usize>() + target.len() + body.len() + 128);
    let mut line = |parts: &[&[u8]]| {
        for part in parts {
            bytes.extend_from_slice(part);
        }
        bytes.extend_from_slice(b"\r\n");
    };
    // A URI with a query after its authority has an empty path.
    let root: &[u8] = if target.starts_with('?') { b"/" } else { b"" };
    line(&[request.method().as_str().as_bytes(), b" ", root, target.as_bytes(), b" HTTP/1.1"]);
    // The first field, as RFC 9112 asks in section 3.2.
    if !headers.contains_key(HOST) {
        line(&[b"host: ", host(uri).as_bytes()]);
    }
    for (name, value) in headers {
        // The body is sent as it is, with its length.
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            line(&[name.as_str().as_bytes(), b": ", value.as_bytes()]);
        }
    }
    let has_meaning = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if !body.is_empty() || has_meaning {
        line(&[b"content-length: ", body.len().to_string().as_bytes()]);
    }
    line(&[]);
    bytes.extend_from_slice(body);
    bytes
}

/// Returns the host and the port of a URI, without the port that its scheme implies.
fn host(uri: &Uri) -> String {
    let host = uri.host().unwrap_or_default();
    let implied = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    match uri.port_u16().filter(|port| *port != implied) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::request_bytes;

    fn sent(request: http::request::Builder, body: &'static str) -> String {
        let request = request.body(Bytes::from_static(body.as_bytes())).unwrap();
        String::from_utf8(request_bytes(&request)).unwrap()
    }

    #[test]
    fn a_request_has_its_host_and_the_length_of_its_body() {
        let get =
            Request::get("http://example.org:8080/a?b=c").header("accept", "text/event-stream");
        let expected = "GET /a?b=c HTTP/1.1\r\nhost: example.org:8080\r\n\
            accept: text/event-stream\r\n\r\n";
        assert_eq!(sent(get, ""), expected);
        let post = Request::post("https://user:pass@[::1]:443").header("content-length", "99");
        let expected = "POST / HTTP/1.1\r\nhost: [::1]\r\ncontent-length: 2\r\n\r\nhi";
        assert_eq!(sent(post, "hi"), expected);
        let query = Request::get("http://localhost?b=c");
        assert_eq!(sent(query, ""), "GET /?b=c HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let own = Request::put("http://localhost/").header("host", "other");
        let expected = "PUT / HTTP/1.1\r\nhost: other\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(sent(own, ""), expected);
    }
}
