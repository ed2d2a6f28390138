//! Builds the request from its options, and reads the files that they name.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use reqwest::{
    Certificate, Client, Method, Proxy, RequestBuilder, Url,
    header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, USER_AGENT},
    redirect,
};
use serde::de::IgnoredAny;
use sse_reqwest::ClientBuilderExt as _;

use crate::{
    args::{Header, RequestArgs, Source},
    failure::Failure,
};

pub(crate) fn client(args: &RequestArgs) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .for_event_streams()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .redirect(redirect::Policy::limited(args.max_redirs))
        .tls_danger_accept_invalid_certs(args.insecure);
    if let Some(time) = args.connect_timeout {
        builder = builder.connect_timeout(time);
    }
    if let Some(proxy) = &args.proxy {
        builder = builder.proxy(Proxy::all(proxy).map_err(Failure::Request)?);
    }
    if let Some(path) = &args.cacert {
        let pem = read_file(path)?;
        builder =
            builder.tls_certs_merge(Certificate::from_pem_bundle(&pem).map_err(Failure::Request)?);
    }
    if args.http1 {
        builder = builder.http1_only();
    }
    if args.http2_prior_knowledge {
        builder = builder.http2_prior_knowledge();
    }
    builder.build().map_err(Failure::Request)
}

pub(crate) fn request(
    client: &Client,
    url: Url,
    args: &RequestArgs,
    is_recorded: bool,
) -> Result<RequestBuilder, Failure> {
    let default_method = if args.data.is_empty() { Method::GET } else { Method::POST };
    let method = args.method.clone().unwrap_or(default_method);
    let mut headers = headers(&args.headers)?;
    if is_recorded {
        // ssecat does not know which of the user's own headers are secret: a recording has only
        // those that are not.
        for (name, value) in &mut headers {
            if !is_public(name) {
                value.set_sensitive(true);
            }
        }
    }
    let mut request = client.request(method, url).header(USER_AGENT, DEFAULT_USER_AGENT);
    if is_recorded {
        // Text in a recording can be read and searched.
        request = request.header(ACCEPT_ENCODING, "identity");
    }
    if let Some(user) = &args.user {
        let (user, password) = match user.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (user.as_str(), None),
        };
        request = request.basic_auth(user, password);
    }
    if !args.data.is_empty() {
        let body = body(&args.data)?;
        if !headers.contains_key(CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, content_type(&body));
        }
        request = request.body(body);
    }
    // Replaces headers of the same names that were set above.
    Ok(request.headers(headers))
}

/// Returns `true` if a recording may have the value of this header of a request.
fn is_public(name: &HeaderName) -> bool {
    name.as_str().starts_with("accept") || PUBLIC.contains(&name.as_str())
}

const PUBLIC: &[&str] =
    &["cache-control", "content-type", "host", "last-event-id", "origin", "referer", "user-agent"];

const DEFAULT_USER_AGENT: &str = concat!("ssecat/", env!("CARGO_PKG_VERSION"));

/// Parses a URL. Without a scheme it is http, as in curl.
pub(crate) fn parse_url(text: &str) -> Result<Url, Failure> {
    let has_scheme = text.contains("://");
    let full = if has_scheme { text.to_owned() } else { format!("http://{text}") };
    let invalid = |why: String| Failure::Url { url: text.to_owned(), why };
    let url = Url::parse(&full).map_err(|error| invalid(error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        scheme => Err(invalid(format!("scheme {scheme} is neither http nor https"))),
    }
}

fn headers(sources: &[Source]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for source in sources {
        let lines = read(source)?;
        let lines = String::from_utf8_lossy(&lines);
        for line in lines.lines().filter(|line| !line.trim().is_empty()) {
            let Header { name, value } = line.parse().map_err(Failure::Header)?;
            headers.append(name, value);
        }
    }
    Ok(headers)
}

fn body(sources: &[Source]) -> Result<Vec<u8>, Failure> {
    let parts = sources.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(parts.join(&b'&'))
}

fn content_type(body: &[u8]) -> &'static str {
    let is_json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
        && serde_json::from_slice::<IgnoredAny>(body).is_ok();
    if is_json { "application/json" } else { "application/x-www-form-urlencoded" }
}

fn read(source: &Source) -> Result<Vec<u8>, Failure> {
    match source {
        Source::Text(text) => Ok(text.clone().into_bytes()),
        Source::File(path) => read_file(path),
        Source::Stdin => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map_err(Failure::reading("stdin"))?;
            Ok(bytes)
        }
    }
}

pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(Failure::reading(&path.display().to_string()))
}

#[cfg(test)]
mod tests {
    use super::{content_type, parse_url};

    #[test]
    fn url_without_a_scheme_is_http() {
        let cases = [
            ("http://a/b?c", Some("http://a/b?c")),
            ("https://a", Some("https://a/")),
            ("localhost:8080/events", Some("http://localhost:8080/events")),
            ("ftp://a", None),
            ("http://", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let url = parse_url(text).ok().map(|url| url.to_string());
            assert_eq!(url.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn data_that_is_json_has_its_content_type() {
        let cases = [
            (r#"{"a": 1}"#, true),
            (" [1] ", true),
            ("a=1&b=2", false),
            ("{not json}", false),
            ("5", false),
            ("", false),
        ];
        for (body, is_json) in cases {
            assert_eq!(content_type(body.as_bytes()) == "application/json", is_json, "{body}");
        }
    }
}
