//! Headers of a response, in one allocation until the caller looks at them.

use std::{fmt, sync::OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Copy of headers. A `HeaderMap` takes some hundred bytes for each header, and its values keep the
/// buffer alive that they were read into, of 8 KiB with hyper. Few callers look at the headers of a
/// response that was accepted, and a session keeps them for as long as its connection.
#[derive(Clone)]
pub(super) struct PackedHeaders {
    /// Lines of a name, [`PLAIN`] or [`SENSITIVE`], and a value. No name contains either mark, and
    /// no value the end of a line.
    lines: Box<[u8]>,
    /// Made when it is asked for.
    map: OnceLock<Box<HeaderMap>>,
}

const PLAIN: u8 = b':';
const SENSITIVE: u8 = b';';

impl PackedHeaders {
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let len = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum();
        let mut lines = Vec::with_capacity(len);
        for (name, value) in headers {
            lines.extend_from_slice(name.as_str().as_bytes());
            lines.push(if value.is_sensitive() { SENSITIVE } else { PLAIN });
            lines.extend_from_slice(value.as_bytes());
            lines.push(b'\n');
        }
        Self { lines: lines.into_boxed_slice(), map: OnceLock::new() }
    }

    pub(super) fn get(&self) -> &HeaderMap {
        self.map.get_or_init(|| Box::new(self.unpacked()))
    }

    /// Returns the headers. Their values share one allocation.
    fn unpacked(&self) -> HeaderMap {
        let shared = Bytes::copy_from_slice(&self.lines);
        let fields = self.lines.split_inclusive(|&byte| byte == b'\n');
        let mut headers = HeaderMap::with_capacity(fields.clone().count());
        let mut at = 0;
        for line in fields {
            let end = at + line.len() - 1;
            let mark = line.iter().position(|&byte| byte == PLAIN || byte == SENSITIVE);
            let name = mark.and_then(|mark| HeaderName::from_bytes(&line[..mark]).ok());
            if let (Some(mark), Some(name)) = (mark, name) {
                // Valid, as it was valid before.
                if let Ok(mut value) =
                    HeaderValue::from_maybe_shared(shared.slice(at + mark + 1..end))
                {
                    value.set_sensitive(line[mark] == SENSITIVE);
                    headers.append(name, value);
                }
            }
            at = end + 1;
        }
        headers
    }
}

impl fmt::Debug for PackedHeaders {
    /// Shows the names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.get().keys().map(HeaderName::as_str)).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::PackedHeaders;

    #[test]
    fn headers_are_the_same_after_they_were_packed() {
        let mut headers = HeaderMap::new();
        let values: [(_, &[u8]); 7] = [
            ("set-cookie", b"a=1; b:2"),
            ("content-type", b"text/event-stream"),
            ("set-cookie", b"b=2"),
            ("x-empty", b""),
            ("x-opaque", b"\xff\t\x80"),
            ("set-cookie", b"c=3"),
            ("!#$%&'*+-.^_`|~9", b"x"),
        ];
        for (name, value) in values {
            let mut value = HeaderValue::from_bytes(value).unwrap();
            value.set_sensitive(name == "x-opaque");
            headers.append(HeaderName::from_static(name), value);
        }
        let packed = PackedHeaders::new(&headers);
        assert_eq!(packed.get(), &headers);
        let order = |headers: &HeaderMap| headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(order(packed.get()), order(&headers));
        let sensitive = packed.get().iter().filter(|(_, value)| value.is_sensitive());
        assert_eq!(Vec::from_iter(sensitive.map(|(name, _)| name)), ["x-opaque"]);
        assert_eq!(PackedHeaders::new(&HeaderMap::new()).get(), &HeaderMap::new());
    }
}
