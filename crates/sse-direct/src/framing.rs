//! Framing of a body: where it ends, according to the head of its response (RFC 9112, section 6.3).

use bytes::BufMut;
use http::{
    HeaderMap, HeaderValue, Method, Response, Version,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

use crate::{chunked::ChunkDecoder, error::HttpError};

/// Framing of a body, and how much of it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Chunked(ChunkDecoder),
    /// Number of bytes that are left.
    Length(u64),
    /// The end of the connection is the end of the body.
    Close,
}

impl Framing {
    /// Returns the framing of a response to a request with this method.
    pub(crate) fn of(method: &Method, response: &Response<()>) -> Result<Self, HttpError> {
        if *method == Method::HEAD || matches!(response.status().as_u16(), 204 | 304) {
            return Ok(Self::Length(0));
        }
        let headers = response.headers();
        if !headers.contains_key(TRANSFER_ENCODING) {
            return Ok(content_length(headers)?.map_or(Self::Close, Self::Length));
        }
        // The field overrides a length. HTTP/1.0 does not have it: there, one that was passed on
        // without being understood makes the framing faulty (RFC 9112, section 6.1).
        if response.version() == Version::HTTP_10 {
            return Err(HttpError::TransferCodingOfHttp10);
        }
        match is_chunked(headers) {
            true if codings(headers).count() == 1 => Ok(Self::Chunked(ChunkDecoder::new())),
            false if codings(headers).all(|coding| coding.eq_ignore_ascii_case(b"identity")) => {
                Ok(Self::Close)
            }
            // Its data would be taken for events.
            _ => Err(HttpError::UnsupportedTransferCoding),
        }
    }

    /// Decodes input, and adds its data to the output. If it fails, the output has the data before
    /// the error.
    pub(crate) fn decode(
        &mut self,
        input: &[u8],
        output: &mut impl BufMut,
    ) -> Result<(), HttpError> {
        match self {
            Self::Chunked(decoder) => {
                decoder.decode(input, output)?;
            }
            Self::Length(left) => {
                let len = usize::try_from(*left).map_or(input.len(), |it| it.min(input.len()));
                output.put_slice(&input[..len]);
                *left -= len as u64;
            }
            Self::Close => output.put_slice(input),
        }
        Ok(())
    }

    /// Returns `true` if the body is complete, whatever the connection brings.
    pub(crate) fn is_ended(&self) -> bool {
        match self {
            Self::Chunked(decoder) => decoder.is_ended(),
            Self::Length(left) => *left == 0,
            Self::Close => false,
        }
    }

    /// Returns `true` if the body is complete when the connection ends here.
    pub(crate) fn may_close(&self) -> bool {
        matches!(self, Self::Close)
    }
}

/// Returns `true` if the last transfer coding is `chunked`.
fn is_chunked(headers: &HeaderMap) -> bool {
    codings(headers).last().is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked"))
}

/// Returns the transfer codings. Empty members of the list do not count.
fn codings(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let members = headers.get_all(TRANSFER_ENCODING).iter().flat_map(members);
    members.filter(|coding| !coding.is_empty())
}

/// Returns the length of a body. Equal lengths count as one.
fn content_length(headers: &HeaderMap) -> Result<Option<u64>, HttpError> {
    let mut length = None;
    for value in headers.get_all(CONTENT_LENGTH).iter().flat_map(members) {
        let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
        let number = std::str::from_utf8(value).ok().filter(|_| is_number);
        let number = number.and_then(|number| number.parse().ok());
        let number: u64 = number.ok_or(HttpError::InvalidContentLength)?;
        if length.is_some_and(|length| length != number) {
            return Err(HttpError::InvalidContentLength);
        }
        length = Some(number);
    }
    Ok(length)
}

/// Returns the members of a list (RFC 9110, section 5.6.1).
fn members(value: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version};
    use sse_session::BodyEnd;

    use super::Framing;
    use crate::{chunked::ChunkDecoder, error::HttpError};

    const CHUNKED: Result<Framing, HttpError> = Ok(Framing::Chunked(ChunkDecoder::new()));

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let field =
            |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        fields.iter().map(field).collect()
    }

    fn response(status: u16, headers: &HeaderMap) -> Response<()> {
        let mut response = Response::new(());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        *response.headers_mut() = headers.clone();
        response
    }

    #[test]
    fn framing_is_that_of_the_last_transfer_coding_then_of_the_length() {
        let (te, cl) = ("transfer-encoding", "content-length");
        let invalid = Err(HttpError::InvalidContentLength);
        let unsupported = Err(HttpError::UnsupportedTransferCoding);
        let cases: [(&[_], _, _); 22] = [
            (&[(te, "chunked")], CHUNKED, BodyEnd::LastChunk),
            (&[(te, "Chunked")], CHUNKED, BodyEnd::LastChunk),
            (&[(te, ", chunked ,")], CHUNKED, BodyEnd::LastChunk),
            (&[(te, ""), (te, "chunked"), (te, "\t,")], CHUNKED, BodyEnd::LastChunk),
            (&[(te, "gzip, chunked")], unsupported, BodyEnd::LastChunk),
            (&[(te, "gzip"), (te, "chunked")], unsupported, BodyEnd::LastChunk),
            (&[(te, "chunked, chunked")], unsupported, BodyEnd::LastChunk),
            (&[(te, "chunked, gzip")], unsupported, BodyEnd::CloseDelimited),
            (&[(te, "chunked;x=y")], unsupported, BodyEnd::CloseDelimited),
            (&[(te, "xchunked")], unsupported, BodyEnd::CloseDelimited),
            (&[(te, "identity"), (cl, "5")], Ok(Framing::Close), BodyEnd::CloseDelimited),
            (&[(te, "")], Ok(Framing::Close), BodyEnd::CloseDelimited),
            (&[(te, "chunked"), (cl, "5")], CHUNKED, BodyEnd::LastChunk),
            (&[(cl, "5")], Ok(Framing::Length(5)), BodyEnd::LengthReached),
            (&[(cl, "5, 5"), (cl, "5")], Ok(Framing::Length(5)), BodyEnd::LengthReached),
            (&[(cl, "5, 6")], invalid, BodyEnd::LengthReached),
            (&[(cl, "+5")], invalid, BodyEnd::LengthReached),
            (&[(cl, "")], invalid, BodyEnd::LengthReached),
            (&[(cl, "99999999999999999999")], invalid, BodyEnd::LengthReached),
            (
                &[(cl, "18446744073709551615")],
                Ok(Framing::Length(u64::MAX)),
                BodyEnd::LengthReached,
            ),
            (&[(cl, "00000000000000000005")], Ok(Framing::Length(5)), BodyEnd::LengthReached),
            (&[], Ok(Framing::Close), BodyEnd::CloseDelimited),
        ];
        for (fields, expected, end) in cases {
            let headers = headers(fields);
            let found = Framing::of(&Method::GET, &response(200, &headers));
            assert_eq!(found, expected, "{fields:?}");
            assert_eq!(BodyEnd::regular(Version::HTTP_11, &headers), end, "{fields:?}");
        }
    }

    #[test]
    fn responses_that_have_no_body_have_none_whatever_their_head_says() {
        let headers = headers(&[("transfer-encoding", "chunked"), ("content-length", "5")]);
        for (method, status) in [(Method::HEAD, 200), (Method::GET, 204), (Method::GET, 304)] {
            let found = Framing::of(&method, &response(status, &headers));
            assert_eq!(found, Ok(Framing::Length(0)));
        }
    }

    #[test]
    fn a_transfer_coding_of_http_1_0_is_a_faulty_framing() {
        let headers = headers(&[("transfer-encoding", "chunked"), ("content-length", "5")]);
        let mut response = response(200, &headers);
        *response.version_mut() = Version::HTTP_10;
        let found = Framing::of(&Method::GET, &response);
        assert_eq!(found, Err(HttpError::TransferCodingOfHttp10));
    }
}
