//! Generates random event streams, in chunks, from a seed.
//!
//! They mix all kinds of line ends, byte order marks, NULs, ill-formed UTF-8, names that resemble
//! those of fields, chunk boundaries anywhere, and an end anywhere.

use fastrand::Rng;

/// Generates a stream, as chunks.
pub(crate) fn stream(seed: u64) -> Vec<Vec<u8>> {
    let mut random = Rng::with_seed(seed);
    let mut stream = pick(&mut random, &STARTS).to_vec();
    for _ in 0..random.usize(1..40) {
        let line = line(&mut random);
        stream.extend(line);
        stream.extend(pick(&mut random, &LINE_ENDS));
    }
    if random.u8(..) < 100 {
        // Completes the last block.
        stream.extend(b"\n\n");
    }
    split(&mut random, &stream)
}

fn line(random: &mut Rng) -> Vec<u8> {
    match random.u8(..20) {
        0..6 => Vec::new(),
        6..16 => field(random, FIELDS),
        16..18 => field(random, SIMILAR_NAMES),
        18 => [b"retry".as_slice(), pick(random, COLONS), pick(random, RETRIES)].concat(),
        _ => value(random),
    }
}

fn field(random: &mut Rng, names: &[&[u8]]) -> Vec<u8> {
    let (name, colon) = (pick(random, names), pick(random, COLONS));
    let value = if name == b"event" && random.bool() {
        pick(random, TYPES).to_vec()
    } else {
        value(random)
    };
    [name, colon, &value].concat()
}

fn value(random: &mut Rng) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..random.usize(..5) {
        match random.u8(..32) {
            0..26 => value.extend(pick(random, TEXTS)),
            26..31 => value.extend(pick(random, ILL_FORMED)),
            // Long, but five of them are within the default limits.
            _ => value.extend(vec![b'x'; random.usize(1..12_000)]),
        }
    }
    value
}

fn split(random: &mut Rng, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<_> = (0..random.usize(..8)).map(|_| random.usize(..=stream.len())).collect();
    // A chunk that ends with a CR requires state in the parser.
    let after_cr = stream.iter().enumerate().filter(|(_, byte)| **byte == b'\r');
    cuts.extend(after_cr.map(|(index, _)| index + 1).filter(|_| random.u8(..) < 64));
    cuts.sort_unstable();
    let starts = [0].into_iter().chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([stream.len()]);
    starts.zip(ends).map(|(start, end)| stream[start..end].to_vec()).collect()
}

fn pick<'a, T: ?Sized>(random: &mut Rng, choices: &[&'a T]) -> &'a T {
    choices[random.usize(..choices.len())]
}

const STARTS: [&[u8]; 12] = [
    b"",
    b"",
    b"",
    b"",
    b"\xEF\xBB\xBF",
    b"\xEF\xBB\xBF",
    b"\xEF\xBB\xBF",
    b"\xEF\xBB\xBF\n",
    b"\xEF\xBB\xBF\xEF\xBB\xBF",
    b"\xEF\xBB",
    b"\xEF",
    b"\r",
];

const LINE_ENDS: [&[u8]; 9] =
    [b"\n", b"\n", b"\n", b"\r\n", b"\r\n", b"\r", b"\r", b"\r\r\n", b"\n\r"];

/// Names of fields. The empty name is that of comments.
const FIELDS: &[&[u8]] =
    &[b"data", b"data", b"data", b"data", b"event", b"event", b"id", b"id", b""];

const SIMILAR_NAMES: &[&[u8]] = &[
    b"Data",
    b" data",
    b"data ",
    b"data\0",
    b"\0data",
    b"dat",
    b"datas",
    b"EVENT",
    b"event\t",
    b"Id",
    b"ids",
    b"i",
    b"retry ",
    b"lastEventId",
    b"\xEF\xBB\xBFdata",
    b"d\xC3\xA4ta",
    b"\xFFdata",
    b" ",
    b"\t",
];

const COLONS: &[&[u8]] = &[b":", b":", b": ", b": ", b":  ", b":\t", b"::", b""];

/// Event types, some of them with a meaning in `EventSource` or JavaScript.
const TYPES: &[&[u8]] = &[
    b"a",
    b"b",
    b"message",
    b"error",
    b"open",
    b"close",
    b"__proto__",
    b"constructor",
    b"a b",
    b"\xC3\xA9",
    b"",
];

/// Reconnection times, valid and invalid, all short.
const RETRIES: &[&[u8]] =
    &[b"0", b"1", b"0002", b"1x", b"-1", b"+1", b" 1", b"1 ", b"1.5", b"0x1", b"\xD9\xA1", b"1_0"];

const TEXTS: &[&[u8]] = &[
    b"a",
    b"b",
    b"17",
    b" ",
    b"  ",
    b"\t",
    b":",
    b": ",
    b"data: x",
    b"id",
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xC2\x85",
    b"\xE2\x80\xA8",
    b"\xE2\x80\xA9",
    b"\x0B",
    b"\x0C",
    b"\x1C",
    b"\x7F",
    b"\xC3\xA9",
    b"\xE2\x80\xA6",
    b"\xF0\x9F\x98\x80",
    b"\xEF\xBF\xBD",
    b"\xF4\x8F\xBF\xBF",
    b"\xEF\xBF\xBE",
    b"\\n",
    b"\"",
    b"<b>&amp;",
];

/// Ill-formed UTF-8: truncated, overlong, surrogates, above U+10FFFF, and bytes that never occur.
const ILL_FORMED: &[&[u8]] = &[
    b"\x80",
    b"\xC3",
    b"\xE2\x80",
    b"\xF0\x9F\x98",
    b"\xF0\x9F",
    b"\xC0\x80",
    b"\xC1\xBF",
    b"\xED\xA0\x80",
    b"\xED\xBF\xBF",
    b"\xE0\x80\x80",
    b"\xF0\x80\x80\x80",
    b"\xF4\x90\x80\x80",
    b"\xF8\x88\x80\x80\x80",
    b"\xFE",
    b"\xFF",
    b"\xEF\xBB",
    b"\xE2\x28\xA1",
];

/// Returns every possible event type of a stream: any text after a colon.
pub(crate) fn possible_types(stream: &[u8]) -> Vec<String> {
    let mut types = vec!["message".to_owned()];
    for line in stream.split(|byte| b"\r\n".contains(byte)) {
        let colons = line.iter().enumerate().filter(|(_, byte)| **byte == b':');
        for (colon, _) in colons {
            let value = String::from_utf8_lossy(&line[colon + 1..]);
            types.extend(value.strip_prefix(' ').map(str::to_owned));
            types.push(value.into_owned());
        }
    }
    types.sort_unstable();
    types.dedup();
    types
}
