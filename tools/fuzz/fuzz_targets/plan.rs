//! An input of the fuzzer in; a stream, and how to read it, out.
//!
//! An input starts with a byte for what is asked for, a byte for how many chunk lengths follow, and
//! these; the rest is the stream. Digits stand for themselves, so that seeds can be written by hand:
//! `1232` asks for 1 and cuts the stream into chunks of three and two bytes by turns.

#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) choice: u8,
    pub(crate) chunks: Vec<&'a [u8]>,
    pub(crate) stream: &'a [u8],
}

impl<'a> Plan<'a> {
    /// `None` if the input is too short to be one.
    pub(crate) fn of(input: &'a [u8]) -> Option<Self> {
        let (&choice, rest) = input.split_first()?;
        let (&count, rest) = rest.split_first()?;
        let (lengths, stream) = rest.split_at_checked(number(count) % 16)?;
        Some(Self { choice: number(choice) as u8, chunks: cut(stream, lengths), stream })
    }
}

/// Cuts the stream into chunks of these lengths, over and over; lengths of zero make empty chunks,
/// and if there is no other length, one.
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
