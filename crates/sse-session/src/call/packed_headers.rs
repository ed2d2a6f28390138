//! Headers of a response, in one allocation until the caller looks at them.

use std::{fmt, ops::Range, sync::OnceLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Copy of headers. A `HeaderMap` takes some hundred bytes for each header, and its values keep the
/// buffer alive that they were read into, of 8 KiB with hyper. Few callers look at the headers of a
/// response that was accepted, and a session keeps them for as long as its connection.
#[derive(Clone)]
pub(super) struct PackedHeaders {
    /// Fields: a name, [`PLAIN`] or [`SENSITIVE`], the [length](push_len) of the value, and the
    /// value. No name contains either mark. The values of one name are consecutive.
    packed: Box<[u8]>,
    /// Made when it is asked for. Its values are slices of a copy of `packed`: `Bytes` instead of
    /// it would take more memory in all sessions, and save some in those that are asked.
    map: OnceLock<Box<HeaderMap>>,
}

const PLAIN: u8 = b':';
const SENSITIVE: u8 = b';';

/// One value of a header.
struct Field<'a> {
    name: &'a [u8],
    is_sensitive: bool,
    /// Place of the value.
    value: Range<usize>,
}

impl PackedHeaders {
    pub(super) fn new(headers: &HeaderMap) -> Self {
        let lens = headers.iter().map(|(name, value)| (name.as_str().len(), value.len()));
        let len = lens.map(|(name, value)| name + 1 + digits(value) + value).sum();
        let mut packed = Vec::with_capacity(len);
        for (name, value) in headers {
            push(&mut packed, name.as_str(), value.is_sensitive(), value.as_bytes());
        }
        Self::of(packed)
    }

    fn of(packed: Vec<u8>) -> Self {
        Self { packed: packed.into_boxed_slice(), map: OnceLock::new() }
    }

    pub(super) fn get(&self) -> &HeaderMap {
        self.map.get_or_init(|| Box::new(self.to_map()))
    }

    /// Returns the first value of a header, without making a map.
    pub(super) fn first(&self, name: &HeaderName) -> Option<&[u8]> {
        let field = self.fields().find(|field| field.name == name.as_str().as_bytes())?;
        Some(&self.packed[field.value])
    }

    fn to_map(&self) -> HeaderMap {
        let packed = Bytes::copy_from_slice(&self.packed);
        // The names come from a map, so that a map has room for them. The values may be more.
        let mut headers = HeaderMap::try_with_capacity(self.names().count()).unwrap_or_default();
        for field in self.fields() {
            if let Ok(name) = HeaderName::from_bytes(field.name) {
                let mut value = header_value(&packed.slice(field.value));
                value.set_sensitive(field.is_sensitive);
                let _ = headers.try_append(name, value);
            }
        }
        headers
    }

    /// Returns the names, each of them once.
    fn names(&self) -> impl Iterator<Item = &[u8]> {
        let mut last: &[u8] = b""; // which is not a name
        self.fields().map(|field| field.name).filter(move |&name| {
            let is_new = name != last;
            last = name;
            is_new
        })
    }

    fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = &self.packed[at..];
            let mark = rest.iter().position(|&byte| byte == PLAIN || byte == SENSITIVE)?;
            let (len, digits) = take_len(&rest[mark + 1..]);
            let start = at + mark + 1 + digits;
            at = start + len;
            let is_sensitive = rest[mark] == SENSITIVE;
            Some(Field { name: &rest[..mark], is_sensitive, value: start..at })
        })
    }
}

/// Returns a value, with spaces instead of the control characters that a client may have let
/// through, as RFC 9110 (section 5.5) has it for recipients.
fn header_value(value: &Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(value.clone()).unwrap_or_else(|_| {
        let is_valid = |byte: u8| !byte.is_ascii_control() || byte == b'\t';
        let bytes = value.iter().map(|&byte| if is_valid(byte) { byte } else { b' ' });
        HeaderValue::try_from(Vec::from_iter(bytes)).unwrap_or(HeaderValue::from_static(""))
    })
}

/// Appends a field.
fn push(packed: &mut Vec<u8>, name: &str, is_sensitive: bool, value: &[u8]) {
    packed.extend_from_slice(name.as_bytes());
    packed.push(if is_sensitive { SENSITIVE } else { PLAIN });
    push_len(packed, value.len());
    packed.extend_from_slice(value);
}

/// Returns the number of bytes that a length takes.
fn digits(len: usize) -> usize {
    len.max(1).ilog2() as usize / 7 + 1
}

/// Appends a length in LEB128: seven bits in each byte, the lowest first. The length of most values
/// takes one byte.
fn push_len(packed: &mut Vec<u8>, mut len: usize) {
    while len >= 0x80 {
        packed.push(len as u8 | 0x80);
        len >>= 7;
    }
    packed.push(len as u8);
}

/// Returns the length at the start of the bytes, and the number of bytes that it takes there.
fn take_len(bytes: &[u8]) -> (usize, usize) {
    let (mut len, mut digits) = (0, 0);
    for &byte in bytes {
        len |= usize::from(byte & 0x7f) << (7 * digits);
        digits += 1;
        if byte < 0x80 {
            break;
        }
    }
    (len, digits)
}

impl fmt::Debug for PackedHeaders {
    /// Shows the names only: values may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names().map(String::from_utf8_lossy)).finish()
    }
}

#[cfg(test)]
mod tests {
    use http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{CONTENT_TYPE, DATE, SET_COOKIE},
    };

    use super::{PackedHeaders, digits, push, push_len, take_len};

    #[test]
    fn headers_are_the_same_after_they_were_packed() {
        let mut headers = HeaderMap::new();
        let long = b"0123456789;:abcdef".repeat(1000);
        let values: [(_, &[u8]); 8] = [
            ("set-cookie", b"a=1; b:2"),
            ("content-type", b"text/event-stream"),
            ("set-cookie", b"b=2"),
            ("x-empty", b""),
            ("x-opaque", b"\xff\t\x80"),
            ("set-cookie", b"c=3"),
            ("x-long", &long),
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

    /// `http` makes such values for callers who promise that they are valid.
    #[test]
    fn a_value_with_line_ends_stays_one_value() {
        let mut packed = Vec::new();
        push(&mut packed, "x-folded", true, b"a\r\nx-b:\x01c\x7f\xe9\t");
        push(&mut packed, "x-next", false, b"1");
        let packed = PackedHeaders::of(packed);
        let headers = packed.get();
        assert_eq!(headers.len(), 2);
        assert_eq!(headers["x-folded"].as_bytes(), b"a  x-b: c \xe9\t");
        assert!(headers["x-folded"].is_sensitive());
        assert_eq!(headers["x-next"], "1");
    }

    #[test]
    fn many_values_of_one_name_are_unpacked() {
        let mut headers = HeaderMap::new();
        for number in 0..40_000 {
            headers.append(SET_COOKIE, HeaderValue::from(number));
        }
        let packed = PackedHeaders::new(&headers);
        assert_eq!(packed.get(), &headers);
        // Room for the names, not for the values.
        assert!(packed.get().capacity() < 100, "{}", packed.get().capacity());
    }

    #[test]
    fn as_many_names_as_a_map_takes_are_unpacked() {
        let mut headers = HeaderMap::new();
        for number in 0.. {
            let name = HeaderName::try_from(format!("x-{number}")).unwrap();
            if headers.try_append(name, HeaderValue::from(number)).is_err() {
                break;
            }
        }
        assert_eq!(PackedHeaders::new(&headers).get(), &headers);
    }

    #[test]
    fn debug_and_the_first_value_of_a_header_make_no_map() {
        let mut headers = HeaderMap::new();
        for (name, value) in [(SET_COOKIE, "a=1"), (CONTENT_TYPE, "x;y"), (SET_COOKIE, "b=2")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let packed = PackedHeaders::new(&headers);
        assert_eq!(format!("{packed:?}"), r#"{"set-cookie", "content-type"}"#);
        assert_eq!(packed.first(&SET_COOKIE), Some(&b"a=1"[..]));
        assert_eq!(packed.first(&CONTENT_TYPE), Some(&b"x;y"[..]));
        assert_eq!(packed.first(&DATE), None);
        assert!(packed.map.get().is_none());
    }

    #[test]
    fn lengths_of_values_are_read_as_they_were_written() {
        for len in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, usize::MAX] {
            let mut packed = Vec::new();
            push_len(&mut packed, len);
            assert_eq!(packed.len(), digits(len), "{len}");
            packed.push(0xff);
            assert_eq!(take_len(&packed), (len, digits(len)));
        }
    }
}
