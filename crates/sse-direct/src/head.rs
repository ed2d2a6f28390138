//! Heads of responses of HTTP/1.1: parses them, however they arrive.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};
use httparse::{ParserConfig, Status};

use crate::error::{HeadPart, HttpError};

/// Head of a response that is being received.
#[derive(Debug, Default)]
pub(crate) struct HeadParser {
    /// Bytes that were received.
    received: BytesMut,
    /// Number of bytes of interim responses, and of empty lines before a head.
    skipped: usize,
}

impl HeadParser {
    /// Adds bytes. Returns the head of the final response once it is complete, with the bytes after
    /// it; heads of interim responses are skipped.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<Option<(Response<()>, Bytes)>, HttpError> {
        // Earlier bytes had no complete head; only the last of them can be part of its end.
        let mut seen = self.received.len().saturating_sub(3);
        self.received.extend_from_slice(bytes);
        if seen < HTTP_1.len() {
            self.start()?;
        }
        // A head is parsed once it is complete, so that one that trickles in is parsed once.
        while self.received.get(seen..).is_some_and(has_blank_line) {
            let Some((response, len)) = parse(&self.received)? else { break };
            self.skip(len);
            if self.skipped > MAX_HEAD_BYTES {
                return Err(HttpError::HeadTooLong);
            }
            if response.status() == StatusCode::SWITCHING_PROTOCOLS {
                return Err(HttpError::SwitchingProtocols);
            }
            if !response.status().is_informational() {
                let rest = Bytes::copy_from_slice(&self.received);
                return Ok(Some((response, rest)));
            }
            self.start()?;
            seen = 0;
        }
        // Interim responses count: a flood of them ends.
        if self.skipped + self.received.len() > MAX_HEAD_BYTES {
            return Err(HttpError::HeadTooLong);
        }
        Ok(None)
    }

    /// Skips empty lines before a head, and rejects what is not HTTP/1 without waiting for more.
    fn start(&mut self) -> Result<(), HttpError> {
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        self.skip(self.received.iter().take_while(|byte| is_line_end(byte)).count());
        if self.received.iter().zip(HTTP_1).all(|(byte, expected)| byte == expected) {
            Ok(())
        } else {
            Err(HttpError::InvalidHead(HeadPart::Version))
        }
    }

    fn skip(&mut self, len: usize) {
        let _ = self.received.split_to(len);
        self.skipped += len;
    }
}

/// Returns `true` if bytes contain the end of a line and an empty line.
fn has_blank_line(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
        rest = &rest[at + 1..];
        if rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            return true;
        }
    }
    false
}

/// Parses a head, and returns it with its length; `None` if it is incomplete.
fn parse(bytes: &[u8]) -> Result<Option<(Response<()>, usize)>, HttpError> {
    let mut config = ParserConfig::default();
    // A user agent replaces the line ends of an obsolete folding by spaces (RFC 9112, section 5.2).
    config.allow_obsolete_multiline_headers_in_responses(true);
    let mut count = FEW_FIELDS;
    loop {
        let mut fields = vec![httparse::EMPTY_HEADER; count];
        let mut head = httparse::Response::new(&mut fields);
        return match config.parse_response(&mut head, bytes) {
            Ok(Status::Complete(len)) => Ok(Some((response(&head)?, len))),
            Ok(Status::Partial) => Ok(None),
            Err(httparse::Error::TooManyHeaders) if count < MAX_FIELDS => {
                count = MAX_FIELDS;
                continue;
            }
            Err(httparse::Error::TooManyHeaders) => Err(HttpError::TooManyFields),
            Err(error) => Err(HttpError::InvalidHead(part_of(error))),
        };
    }
}

/// Returns the part of a head that an error is about.
fn part_of(error: httparse::Error) -> HeadPart {
    match error {
        httparse::Error::HeaderName => HeadPart::FieldName,
        httparse::Error::HeaderValue => HeadPart::FieldValue,
        httparse::Error::NewLine => HeadPart::LineEnd,
        httparse::Error::Status => HeadPart::Status,
        httparse::Error::Version => HeadPart::Version,
        httparse::Error::Token | httparse::Error::TooManyHeaders => HeadPart::FieldName,
    }
}

fn response(head: &httparse::Response<'_, '_>) -> Result<Response<()>, HttpError> {
    let mut response = Response::new(());
    let status = head.code.and_then(|code| StatusCode::from_u16(code).ok());
    *response.status_mut() = status.ok_or(HttpError::InvalidHead(HeadPart::Status))?;
    *response.version_mut() =
        if head.version == Some(0) { Version::HTTP_10 } else { Version::HTTP_11 };
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for field in head.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        let name = name.map_err(|_| HttpError::InvalidHead(HeadPart::FieldName))?;
        headers.append(name, value(field.value)?);
    }
    *response.headers_mut() = headers;
    Ok(response)
}

/// Returns a field's value, whose folded lines are joined.
fn value(bytes: &[u8]) -> Result<HeaderValue, HttpError> {
    let value = if bytes.contains(&b'\n') {
        let lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        HeaderValue::from_bytes(&lines.collect::<Vec<_>>().join(&b' '))
    } else {
        HeaderValue::from_bytes(bytes)
    };
    value.map_err(|_| HttpError::InvalidHead(HeadPart::FieldValue))
}

/// Start of every head.
const HTTP_1: &[u8] = b"HTTP/1.";

/// Number of bytes of a head, with the interim responses before it.
const MAX_HEAD_BYTES: usize = 256 * 1024;

/// Number of fields that most heads do not exceed.
const FEW_FIELDS: usize = 64;

const MAX_FIELDS: usize = 1024;

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Response, Version};

    use super::HeadParser;
    use crate::error::{HeadPart, HttpError};

    /// Parses a head that arrives in reads of this size.
    fn parsed(bytes: &[u8], size: usize) -> Result<Option<(Response<()>, Bytes)>, HttpError> {
        let mut parser = HeadParser::default();
        let mut rest = bytes;
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            if let Some((response, left)) = parser.add(piece)? {
                return Ok(Some((response, Bytes::from([&left[..], rest].concat()))));
            }
        }
        Ok(None)
    }

    #[track_caller]
    fn check(bytes: &[u8], status: u16, fields: &[(&str, &str)], rest: &str) {
        for size in 1..=bytes.len() {
            let (response, left) = parsed(bytes, size).unwrap().unwrap();
            assert_eq!(response.status(), status, "pieces of {size}");
            let found = response.headers().iter();
            let found: Vec<_> =
                found.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
            assert_eq!(found, fields, "pieces of {size}");
            assert_eq!(left, rest, "pieces of {size}");
        }
    }

    #[test]
    fn a_head_is_parsed_wherever_it_is_split() {
        let fields = [("content-type", "text/event-stream"), ("x", "")];
        let head = b"HTTP/1.1 200 OK\r\nContent-Type:text/event-stream \r\nx:\r\n\r\ndata: 1";
        check(head, 200, &fields, "data: 1");
        check(b"HTTP/1.1 404\r\n\r\n", 404, &[], "");
        check(b"HTTP/1.1 200 OK\nx: 1\n\nx", 200, &[("x", "1")], "x");
    }

    #[test]
    fn interim_responses_are_skipped() {
        let head = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n\
            HTTP/1.1 200 OK\r\nx: 1\r\n\r\n";
        check(head, 200, &[("x", "1")], "");
        let upgrade = parsed(b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 9);
        assert_eq!(upgrade.unwrap_err(), HttpError::SwitchingProtocols);
    }

    #[test]
    fn an_obsolete_folding_is_a_space() {
        let head = b"HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\tc\r\ny: d\r\n\r\n";
        check(head, 200, &[("x", "a b c"), ("y", "d")], "");
    }

    #[test]
    fn an_invalid_head_after_an_interim_response_is_rejected_whatever_the_reads() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n x: y\r\n\r\n";
        for len in 0..=bytes.len() {
            for size in [1, 99] {
                match parsed(&bytes[..len], size) {
                    Ok(found) => assert!(found.is_none() && len < bytes.len()),
                    Err(error) => {
                        assert_eq!(len, bytes.len());
                        assert_eq!(error, HttpError::InvalidHead(HeadPart::FieldName));
                    }
                }
            }
        }
    }

    #[test]
    fn the_version_of_a_response_is_kept() {
        let (response, _) = parsed(b"HTTP/1.0 200 OK\r\n\r\n", 99).unwrap().unwrap();
        assert_eq!(response.version(), Version::HTTP_10);
    }

    #[test]
    fn many_fields_and_long_lines_are_parsed_up_to_a_bound() {
        let head = |count: usize, len: usize| {
            let line = format!("x: {}\r\n", "y".repeat(len));
            format!("HTTP/1.1 200 OK\r\n{}\r\n", line.repeat(count)).into_bytes()
        };
        for (count, len) in [(101, 1), (1024, 100), (1, 20_000), (10, 20_000)] {
            let (response, _) = parsed(&head(count, len), 4096).unwrap().unwrap();
            assert_eq!(response.headers().get_all("x").iter().count(), count);
        }
        let many = parsed(&head(1025, 1), 4096);
        assert_eq!(many.unwrap_err(), HttpError::TooManyFields);
        for size in [4096, 1 << 20] {
            let long = parsed(&head(1, 1 << 20), size);
            assert_eq!(long.unwrap_err(), HttpError::HeadTooLong);
        }
    }

    #[test]
    fn interim_responses_and_empty_lines_are_parsed_up_to_a_bound() {
        for skipped in ["HTTP/1.1 102 Processing\r\n\r\n", "\r\n", "\n"] {
            let few = format!("{}HTTP/1.1 200 OK\r\n\r\n", skipped.repeat(1000));
            assert_eq!(parsed(few.as_bytes(), 999).unwrap().unwrap().0.status(), 200);
            let flood = skipped.repeat(300_000 / skipped.len());
            let error = parsed(flood.as_bytes(), 4096).unwrap_err();
            assert_eq!(error, HttpError::HeadTooLong, "{skipped:?}");
        }
    }

    #[test]
    fn input_that_is_not_http_is_rejected_before_its_end() {
        for bytes in [&b"SSH-2.0"[..], b"220 mail ready\r\n", b"\x15\x03\x01", b"\r\nHTTP/2"] {
            let error = parsed(bytes, 1).unwrap_err();
            assert_eq!(error, HttpError::InvalidHead(HeadPart::Version));
        }
    }

    #[test]
    fn input_that_is_not_http_is_an_invalid_head() {
        let cases: [&[u8]; 5] = [
            b"HTTP/2 200\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n",
            b"HTTP/1.1 099 X\r\n\r\n",
        ];
        for bytes in cases {
            let error = parsed(bytes, 5).unwrap_err();
            assert!(matches!(error, HttpError::InvalidHead(_)), "{error}");
        }
    }
}
