//! URIs: which requests can be sent, which share an origin, where a redirect leads, what may be
//! shown.

use std::fmt;

use http::{Uri, uri::Authority};
use iri_string::types::{UriAbsoluteStr, UriReferenceStr};

/// Parses the URI of an event stream.
pub(crate) fn parse(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| unusable(&error))?;
    check(&uri)?;
    Ok(uri)
}

/// Checks that a URI has a host, and a scheme of HTTP.
pub(crate) fn check(uri: &Uri) -> Result<(), String> {
    match (uri.scheme_str(), uri.host()) {
        (Some("http" | "https"), Some(host)) if !host.is_empty() => Ok(()),
        (Some(scheme), Some(_)) => Err(unusable(&format_args!("unsupported scheme {scheme}"))),
        // For example `localhost:8080`.
        _ => Err(unusable(&"no scheme, or no host")),
    }
}

fn unusable(reason: &dyn fmt::Display) -> String {
    format!("{reason} (expected a URL with http:// or https://)")
}

/// Returns `true` if two URIs have the same scheme, host and port.
pub(crate) fn same_origin(a: &Uri, b: &Uri) -> bool {
    let host = |uri: &Uri| uri.host().map(str::to_ascii_lowercase);
    a.scheme() == b.scheme() && host(a) == host(b) && port(a) == port(b)
}

fn port(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str() {
        Some("http") => Some(80),
        Some("https") => Some(443),
        _ => None,
    })
}

/// Resolves the `Location` of a response to a request for `base` (RFC 3986, section 5).
pub(crate) fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    // The fragment is not sent.
    let location = location.split('#').next()?;
    if let Ok(absolute) = location.parse::<Uri>() {
        if absolute.scheme().is_some() {
            return Some(absolute);
        }
    }
    let base = format!(
        "{}://{}{}",
        base.scheme_str()?,
        base.authority()?,
        escaped(base.path_and_query()?.as_str())
    );
    let base = UriAbsoluteStr::new(&base).ok()?;
    let escaped = escaped(location);
    let location =
        UriReferenceStr::new(location).or_else(|_| UriReferenceStr::new(&escaped)).ok()?;
    location.resolve_against(base).to_string().parse().ok()
}

/// Percent-encodes what `http::Uri` allows in a path or query and RFC 3986 does not.
fn escaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let is_encoded = |at: usize| {
        bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    let mut escaped = String::with_capacity(text.len());
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'%' if is_encoded(at) => escaped.push('%'),
            b'"' | b'%' | b'<' | b'>' | b'[' | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                escaped.push_str(&format!("%{byte:02X}"));
            }
            byte if byte.is_ascii() => escaped.push(char::from(byte)),
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// Returns the URI without what may be secret: user, password, query.
pub(crate) fn without_secrets(uri: &Uri) -> Uri {
    let mut parts = uri.clone().into_parts();
    if let Some(authority) = &parts.authority {
        let text = authority.as_str();
        if let Some((_, host)) = text.rsplit_once('@') {
            parts.authority = Authority::try_from(host).ok();
        }
    }
    if let Some(path) = &parts.path_and_query {
        parts.path_and_query = path.path().parse().ok();
    }
    // The parts of a valid URI are valid.
    Uri::from_parts(parts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{parse, resolve, same_origin, without_secrets};

    #[test]
    fn secrets_are_removed_from_a_uri() {
        let cases = [
            ("http://u:p@localhost:1/a?b", "http://localhost:1/a"),
            ("https://localhost/?q", "https://localhost/"),
            ("http://[::1]:1/a", "http://[::1]:1/a"),
        ];
        for (uri, expected) in cases {
            assert_eq!(without_secrets(&uri.parse().unwrap()).to_string(), expected);
        }
    }

    #[test]
    fn origins_are_equal_if_scheme_host_and_port_are() {
        let base = "https://a.example/x".parse().unwrap();
        let cases = [
            ("https://a.example/elsewhere", true),
            ("https://A.example:443/", true),
            ("http://a.example/", false),
            ("https://a.example:444/", false),
            ("https://b.a.example/", false),
        ];
        for (uri, expected) in cases {
            assert_eq!(same_origin(&base, &uri.parse().unwrap()), expected, "{uri}");
        }
    }

    #[test]
    fn a_redirect_is_resolved_against_the_uri_of_its_request() {
        let base = "http://a.example:8080/b/c?d".parse().unwrap();
        let cases = [
            ("/x?y", Some("http://a.example:8080/x?y")),
            ("x", Some("http://a.example:8080/b/x")),
            ("../x#fragment", Some("http://a.example:8080/x")),
            ("//b.example/x", Some("http://b.example/x")),
            ("https://b.example", Some("https://b.example/")),
            ("?q", Some("http://a.example:8080/b/c?q")),
            ("http://in valid/", None),
            ("https://b.example/x?tags[]=a&p=100%", Some("https://b.example/x?tags[]=a&p=100%")),
            ("/x?tags[]=a&p=100%", Some("http://a.example:8080/x?tags%5B%5D=a&p=100%25")),
        ];
        for (location, expected) in cases {
            let resolved = resolve(&base, location).map(|uri| uri.to_string());
            assert_eq!(resolved.as_deref(), expected, "{location}");
        }
        let odd = "http://a.example/b?tags[]=a&p=100%".parse().unwrap();
        assert_eq!(resolve(&odd, "c").unwrap(), "http://a.example/c");
    }

    #[test]
    fn only_uris_of_http_with_a_host_are_accepted() {
        let hint = " (expected a URL with http:// or https://)";
        for (text, reason) in [
            ("localhost:8080/events", "invalid format"),
            ("localhost:8080", "no scheme, or no host"),
            ("/events", "no scheme, or no host"),
            ("ftp://localhost/", "unsupported scheme ftp"),
        ] {
            assert_eq!(parse(text).unwrap_err(), format!("{reason}{hint}"), "{text}");
        }
        assert!(parse("HTTP://localhost/").is_ok());
    }
}
