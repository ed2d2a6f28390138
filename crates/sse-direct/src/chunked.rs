//! The chunked coding of HTTP/1.1 (RFC 9112, section 7.1).
//!
//! Many servers send one chunk for each event, so one read may bring hundreds of chunks. Their data
//! is joined, and the parser gets one slice per read.

use bytes::BufMut;

use crate::error::HttpError;

/// Decoder of the chunked coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChunkDecoder {
    state: State,
    /// Number of bytes of the current size line after the first digit, or of the trailer section.
    ignored: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the first digit of a size.
    Start,
    /// After a digit of a size, whose value so far this is.
    Size(u64),
    /// After white space that follows the size.
    Space(u64),
    /// Within an extension.
    Extension(u64),
    /// After the CR of the line of this size.
    SizeLf(u64),
    /// Number of bytes that are left of a chunk, never 0.
    Data(u64),
    /// After the data of a chunk.
    DataCr,
    DataLf,
    /// At the start of a line of the trailer section.
    TrailerStart,
    /// Within a line of the trailer section.
    Trailer,
    /// After the CR of a line of the trailer section.
    TrailerLf,
    /// After the CR of the empty line that ends the body.
    EndLf,
    End,
}

impl ChunkDecoder {
    pub(crate) const fn new() -> Self {
        Self { state: State::Start, ignored: 0 }
    }

    /// Returns `true` once the last chunk and the trailer section were decoded.
    pub(crate) fn is_ended(self) -> bool {
        self.state == State::End
    }

    /// Decodes input, and adds its data to the output. Returns the number of bytes consumed, which
    /// is all unless the body has ended. If it fails, the output has the data before the error.
    pub(crate) fn decode(
        &mut self,
        input: &[u8],
        output: &mut impl BufMut,
    ) -> Result<usize, HttpError> {
        let mut at = 0;
        while at < input.len() {
            match self.state {
                State::Start => {
                    let read = whole_chunks(&input[at..], output);
                    at += read;
                    if at < input.len() {
                        self.ignored = 0;
                        self.state =
                            State::Size(digit(input[at]).ok_or(HttpError::InvalidChunkSize)?);
                        at += 1;
                    }
                }
                State::Data(left) => {
                    let available = input.len() - at;
                    let len = usize::try_from(left).map_or(available, |left| left.min(available));
                    output.put_slice(&input[at..at + len]);
                    at += len;
                    let left = left - len as u64;
                    self.state = if left == 0 { State::DataCr } else { State::Data(left) };
                }
                State::End => break,
                _ => {
                    self.state = self.after(input[at])?;
                    at += 1;
                }
            }
        }
        Ok(at)
    }

    /// Returns the state after a byte that is not data.
    fn after(&mut self, byte: u8) -> Result<State, HttpError> {
        use HttpError::{
            ChunkExtensionTooLong, ChunkTooLong, InvalidChunkEnd, InvalidChunkSize,
            InvalidTrailers, TrailersTooLong,
        };
        Ok(match (self.state, byte) {
            (State::Size(size) | State::Space(size) | State::Extension(size), b'\r') => {
                State::SizeLf(size)
            }
            (State::Size(size) | State::Space(size), b';') => State::Extension(size),
            (State::Size(size) | State::Space(size), b' ' | b'\t') => {
                self.ignore(ChunkExtensionTooLong)?;
                State::Space(size)
            }
            (State::Size(size), byte) => {
                let digit = digit(byte).ok_or(InvalidChunkSize)?;
                // Zeros in front do not overflow.
                self.ignore(ChunkTooLong)?;
                State::Size(size.checked_mul(16).ok_or(ChunkTooLong)? + digit)
            }
            // A recipient that ends the line at an LF would see other chunks.
            (State::Space(_), _) | (State::Extension(_), b'\n') => return Err(InvalidChunkSize),
            (State::Extension(size), _) => {
                self.ignore(ChunkExtensionTooLong)?;
                State::Extension(size)
            }
            (State::SizeLf(0), b'\n') => {
                self.ignored = 0;
                State::TrailerStart
            }
            (State::SizeLf(size), b'\n') => State::Data(size),
            (State::SizeLf(_), _) => return Err(InvalidChunkSize),
            (State::DataCr, b'\r') => State::DataLf,
            (State::DataLf, b'\n') => State::Start,
            (State::DataCr | State::DataLf, _) => return Err(InvalidChunkEnd),
            (State::TrailerStart, b'\r') => State::EndLf,
            (State::EndLf, b'\n') => State::End,
            (State::Trailer, b'\r') => State::TrailerLf,
            (State::TrailerLf, b'\n') => State::TrailerStart,
            (State::EndLf | State::TrailerLf, _) => return Err(InvalidTrailers),
            (State::TrailerStart | State::Trailer, _) => {
                self.ignore(TrailersTooLong)?;
                State::Trailer
            }
            (state @ (State::Start | State::Data(_) | State::End), _) => state,
        })
    }

    /// Counts a byte that is ignored.
    fn ignore(&mut self, too_long: HttpError) -> Result<(), HttpError> {
        self.ignored += 1;
        if self.ignored > MAX_IGNORED { Err(too_long) } else { Ok(()) }
    }
}

/// Fast path: decodes chunks that are whole and have no extension. Returns the number of bytes
/// consumed.
fn whole_chunks(input: &[u8], output: &mut impl BufMut) -> usize {
    let mut rest = input;
    while let Some((data, after)) = whole_chunk(rest) {
        output.put_slice(data);
        rest = after;
    }
    input.len() - rest.len()
}

/// Splits off the data of a chunk that is whole, is not the last one, and has no extension.
#[inline(always)] // on the fast path, of which there is one for each kind of output
fn whole_chunk(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut size = 0;
    let mut digits = 0;
    // Longer sizes exceed every read.
    while digits < 7 {
        match digit(*input.get(digits)?) {
            Some(digit) => size = size * 16 + digit as usize,
            None => break,
        }
        digits += 1;
    }
    let (line_end, rest) = input.get(digits..)?.split_at_checked(2)?;
    let (data, rest) = rest.split_at_checked(size)?;
    let (data_end, rest) = rest.split_at_checked(2)?;
    (line_end == b"\r\n" && data_end == b"\r\n" && size > 0).then_some((data, rest))
}

/// Returns the value of a hexadecimal digit.
#[inline]
fn digit(byte: u8) -> Option<u64> {
    match byte {
        b'0'..=b'9' => Some(u64::from(byte - b'0')),
        b'a'..=b'f' => Some(u64::from(byte - b'a') + 10),
        b'A'..=b'F' => Some(u64::from(byte - b'A') + 10),
        _ => None,
    }
}

/// Number of bytes of a size line, and of the trailer section, that are ignored.
const MAX_IGNORED: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::{ChunkDecoder, MAX_IGNORED};
    use crate::error::HttpError;

    /// Decodes a body in reads of this size. Returns its data, and how it ended.
    fn decode(body: &[u8], size: usize) -> (Vec<u8>, Result<(bool, usize), HttpError>) {
        let mut decoder = ChunkDecoder::new();
        let mut output = Vec::new();
        let mut consumed = 0;
        for piece in body.chunks(size) {
            match decoder.decode(piece, &mut output) {
                Ok(read) => consumed += read,
                Err(error) => return (output, Err(error)),
            }
        }
        (output, Ok((decoder.is_ended(), consumed)))
    }

    #[track_caller]
    fn check(body: &[u8], data: &[u8], end: Result<(bool, usize), HttpError>) {
        for size in 1..=body.len() {
            let (found, found_end) = decode(body, size);
            assert_eq!(found, data, "pieces of {size}");
            assert_eq!(found_end, end, "pieces of {size}");
        }
    }

    /// Checks a body that is consumed.
    #[track_caller]
    fn check_all(body: &[u8], data: &[u8], is_ended: bool) {
        check(body, data, Ok((is_ended, body.len())));
    }

    #[test]
    fn chunks_are_joined_wherever_they_are_split() {
        check_all(b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", b"abc0123456789", true);
        check_all(b"00003\r\nabc\r\n000\r\n\r\n", b"abc", true);
        check(b"3;x=\"\r;\"\r\nabc\r\n", b"", Err(HttpError::InvalidChunkSize));
        check(b"3 1\r\nabc\r\n", b"", Err(HttpError::InvalidChunkSize));
        check_all(b"3 \t;x=y;z\r\nabc\r\n1\r\n\n\r\n", b"abc\n", false);
        check_all(b"2\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n", b"\r\n0\r", true);
    }

    #[test]
    fn trailer_fields_are_ignored_and_what_follows_is_left() {
        check_all(b"1\r\na\r\n0\r\nx: y\r\nz:\r\n\r\n", b"a", true);
        // As for hyper, an LF alone does not end a line.
        check_all(b"0\r\n\nx: y\n\n", b"", false);
        check_all(b"0\r\n\nx: y\n\n\r\n\r\n", b"", true);
        check(b"0\r\nx\ry\r\n\r\n", b"", Err(HttpError::InvalidTrailers));
        check(b"0\r\n\r\r\n\r\n", b"", Err(HttpError::InvalidTrailers));
        let (data, end) = decode(b"1\r\na\r\n0\r\n\r\nHTTP/1.1 200", 100);
        assert_eq!((&data[..], end), (&b"a"[..], Ok((true, 11))));
    }

    #[test]
    fn malformed_chunks_are_errors_after_the_data_before_them() {
        let cases: [(&[u8], &[u8], HttpError); 9] = [
            (b"\r\n", b"", HttpError::InvalidChunkSize),
            (b"1\na", b"", HttpError::InvalidChunkSize),
            (b"1\r\na\r\nx\r\n", b"a", HttpError::InvalidChunkSize),
            (b"1\r\na\r\n-1\r\n", b"a", HttpError::InvalidChunkSize),
            (b"1\r\na\r\n0x1\r\n", b"a", HttpError::InvalidChunkSize),
            (b"1\r\rab", b"", HttpError::InvalidChunkSize),
            (b"1\r\nab\r\n", b"a", HttpError::InvalidChunkEnd),
            (b"1\r\na\rb", b"a", HttpError::InvalidChunkEnd),
            (b"1\r\na\r\n11111111111111111\r\n", b"a", HttpError::ChunkTooLong),
        ];
        for (body, data, error) in cases {
            check(body, data, Err(error));
        }
    }

    #[test]
    fn sizes_of_64_bits_are_chunks_that_do_not_end() {
        check_all(b"ffffffffffffffff\r\nabc", b"abc", false);
    }

    #[test]
    fn extensions_and_trailers_are_bounded() {
        let long = "x".repeat(MAX_IGNORED);
        let within = format!("1;{long}\r\na\r\n0\r\n{long}\r\n\r\n");
        assert_eq!(decode(within.as_bytes(), 1000).1, Ok((true, within.len())));
        let extension = format!("1\r\na\r\n1;{long}x\r\n");
        let found = decode(extension.as_bytes(), 1000);
        assert_eq!(found, (b"a".to_vec(), Err(HttpError::ChunkExtensionTooLong)));
        let trailers = format!("1\r\na\r\n0\r\n{long}\r\nx\r\n\r\n");
        let found = decode(trailers.as_bytes(), 1000);
        assert_eq!(found, (b"a".to_vec(), Err(HttpError::TrailersTooLong)));
    }

    #[test]
    fn input_without_data_is_bounded_whatever_it_is() {
        let endless = [
            ("0", "0", HttpError::ChunkTooLong),
            ("0", " ", HttpError::ChunkExtensionTooLong),
            ("0", ";", HttpError::ChunkExtensionTooLong),
            ("0\r\n", "\n", HttpError::TrailersTooLong),
            ("0\r\n", "x\r\n", HttpError::TrailersTooLong),
        ];
        for (start, repeated, error) in endless {
            let body = format!("{start}{}", repeated.repeat(2 * MAX_IGNORED));
            assert_eq!(decode(body.as_bytes(), 1000), (Vec::new(), Err(error)), "{repeated:?}");
        }
    }
}
