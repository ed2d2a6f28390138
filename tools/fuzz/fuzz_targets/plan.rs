//! Decodes an input of the fuzzer as a stream, and the way to read it.
//!
//! An input starts with a byte that selects the mode, a byte with the number of chunk lengths, and
//! these; the rest is the stream. Digits stand for their value, so that seeds can be written by
//! hand: `1232` selects mode 1 and splits the stream into chunks of three and two bytes in turn.

#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) choice: u8,
    pub(crate) chunks: Vec<&'a [u8]>,
    pub(crate) stream: &'a [u8],
}

impl<'a> Plan<'a> {
    /// Returns `None` if the input is too short to be one.
    pub(crate) fn of(input: &'a [u8]) -> Option<Self> {
        let (&choice, rest) = input.split_first()?;
        let (&count, rest) = rest.split_first()?;
        let (lengths, stream) = rest.split_at_checked(number(count) % 16)?;
        Some(Self { choice: number(choice) as u8, chunks: cut(stream, lengths), stream })
    }
}

/// Splits the stream into chunks of these lengths, repeated. A length of zero makes an empty chunk;
/// if all are zero, one empty chunk comes before the whole stream.
fn cut<'a>(stream: &'a [u8], lengths: &[u8]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    let mut rest = stream;
    if lengths.iter().all(|length| number(*length) == 0) {
        return vec![&stream[..0], stream];
    }
    for length in lengths.iter().cycle() {
        let (chunk, after) = rest.split_at(number(*length).min(rest.len()));
        chunks.push(chunk);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    chunks
}

fn number(byte: u8) -> usize {
    usize::from(if byte.is_ascii_digit() { byte - b'0' } else { byte })
}
