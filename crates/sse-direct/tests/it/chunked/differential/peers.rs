//! Differences of hyper and ureq-proto from the reference, as exact rules with their reasons.

use http::Request;
use sse_direct::HttpError;
use ureq_proto::client::{Call, RecvResponseResult, SendRequestResult, state::RecvBody};

use super::{
    Found, Outcome,
    generator::Case,
    reference::{End, Reference},
};

/// Result that is expected of a decoder.
#[derive(Debug)]
pub(super) enum Expected {
    /// The result of the reference.
    Same(Found),
    /// Another end, by a rule.
    Differs(Found),
    /// The data of the reference and more: the decoder accepts a malformed line, by a rule.
    GoesOn,
}

impl Expected {
    #[track_caller]
    pub(super) fn check(&self, name: &str, found: &Found, reference: &Reference) {
        match self {
            Self::Same(expected) | Self::Differs(expected) => assert_eq!(found, expected, "{name}"),
            Self::GoesOn => assert!(found.data.starts_with(&reference.data), "{name}: {found:?}"),
        }
    }

    /// hyper has one rule of its own: it parses trailer fields, and fails if they are malformed.
    /// Sessions have no use for trailer fields, and know the end of the body without them.
    pub(super) fn of_hyper(reference: &Reference, body: &[u8]) -> Self {
        let found = reference.found();
        if let End::Complete { trailers } = &reference.end {
            let section = &body[trailers.start..trailers.end];
            let lines = section.windows(2).filter(|pair| pair == b"\r\n").count();
            let mut fields = vec![httparse::EMPTY_HEADER; lines];
            let section = [section, b"\r\n"].concat();
            let parsed = httparse::parse_headers(&section, &mut fields);
            if lines > 0 && !matches!(parsed, Ok(httparse::Status::Complete(_))) {
                return Self::Differs(Found { end: Outcome::Malformed, ..found });
            }
        }
        Self::Same(found)
    }

    /// ureq-proto has these rules of its own. It looks for the first CR of a line before all else.
    ///
    /// 1. A size line of more than 20 bytes is malformed. Ours may have extensions.
    /// 2. While a CR is missing, or the first one has no LF after it, it waits for more. We report
    ///    what is malformed as soon as it is.
    /// 3. It trims what it takes for a size by Unicode, and allows a sign before it. An LF without
    ///    CR is white space, or part of an extension. RFC 9112 allows none of this, and lines that
    ///    recipients divide in different ways are a known attack.
    pub(super) fn of_ureq(reference: &Reference, body: &[u8]) -> Self {
        let found = reference.found();
        let long = reference.size_lines.iter().find(|(len, _)| *len > MAX_UREQ_LINE);
        if let Some(&(_, data)) = long {
            let data = reference.data[..data].to_vec();
            return Self::Differs(Found { data, end: Outcome::Malformed });
        }
        let End::Malformed { error, start } = reference.end else { return Self::Same(found) };
        let line = first_line(&body[start..]);
        match (error, line) {
            (_, None) => Self::Differs(Found { end: Outcome::Truncated, ..found }),
            (HttpError::InvalidChunkSize | HttpError::ChunkTooLong, Some(line)) => {
                if line.len() <= MAX_UREQ_LINE && is_ureq_size(line) {
                    Self::GoesOn
                } else {
                    Self::Same(found)
                }
            }
            (HttpError::InvalidChunkEnd, Some(_)) => Self::Same(found),
            other => panic!("{other:?}"),
        }
    }
}

/// Returns the bytes before the first CR, if an LF follows it.
fn first_line(rest: &[u8]) -> Option<&[u8]> {
    let len = rest.iter().position(|&byte| byte == b'\r')?;
    (rest.get(len + 1) == Some(&b'\n')).then(|| &rest[..len])
}

fn is_ureq_size(line: &[u8]) -> bool {
    let size = line.split(|&byte| byte == b';').next().unwrap();
    std::str::from_utf8(size).is_ok_and(|size| usize::from_str_radix(size.trim(), 16).is_ok())
}

const MAX_UREQ_LINE: usize = 20;

/// Reads the body byte by byte: a read that fails returns no data of the bytes before the error.
pub(super) fn by_ureq(case: &Case) -> Found {
    let mut call = call();
    let mut output = [0; 2];
    let mut data = Vec::new();
    let mut consumed = 0;
    for received in 1..=case.body.len() {
        loop {
            match call.read(&case.body[consumed..received], &mut output) {
                Ok((0, 0)) => break,
                Ok((input, len)) => {
                    consumed += input;
                    data.extend_from_slice(&output[..len]);
                }
                Err(_) => return Found { data, end: Outcome::Malformed },
            }
        }
    }
    let end = if call.can_proceed() { Outcome::Complete } else { Outcome::Truncated };
    Found { data, end }
}

/// Returns a call that has received its response.
fn call() -> Call<RecvBody> {
    let request = Request::get("http://localhost/").body(()).unwrap();
    let mut call = Call::new(request).unwrap().proceed();
    call.write(&mut [0; 200]).unwrap();
    let Ok(Some(SendRequestResult::RecvResponse(mut call))) = call.proceed() else {
        panic!("a request with a body")
    };
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    assert_eq!(call.try_response(head, false).unwrap().0, head.len());
    match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => call,
        _ => panic!("a response without a body"),
    }
}
