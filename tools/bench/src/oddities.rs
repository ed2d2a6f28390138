//! Generates random streams, sorted by what is unusual about them, so that a parser that reads one
//! differently is known to fail on that.
//!
//! Defines no expected results.

use crate::rng::Rng;

/// Streams that have one unusual feature in common, and no other.
pub struct Kind {
    pub name: &'static str,
    pub make: fn(&mut Rng) -> Vec<u8>,
    pub cut: Cut,
    pub asks: Asks,
}

/// Ways in which the streams of a kind may be split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Not at all, after each byte, and anywhere, in turns.
    Anywhere,
    /// In the same ways, with empty chunks between.
    WithEmptyChunks,
}

/// Aspects in which the parsers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    What,
    /// The chunk with which each event is returned, too.
    When,
}

pub const KINDS: [Kind; 28] = [
    kind("nothing odd: `event`, `id`, `data`, LF", |rng| blocks(rng, &[], &LF)),
    kind("a byte order mark at the start", |rng| [MARK, &blocks(rng, &[], &LF)].concat()),
    kind("a byte order mark elsewhere", mark_elsewhere),
    kind("CRLF", |rng| blocks(rng, &[], &[b"\r\n"])),
    kind("CR", |rng| going_on(blocks(rng, &[], &[b"\r"]))),
    kind("LF, CR and CRLF in one stream", |rng| going_on(blocks(rng, &[], &ANY_END))),
    kind("a CR that ends the stream", |rng| blocks(rng, &[], &[b"\r"])),
    kind("more blank lines than one", |rng| blocks(rng, &[b""], &LF)),
    kind("no space after the colon, or two", |rng| blocks(rng, &SPACES, &LF)),
    kind("a field without a colon", |rng| blocks(rng, &[b"data", b"event", b"id"], &LF)),
    kind("data that is empty", |rng| made_of(rng, &[b"data:", b"data: ", b"event: e"])),
    kind("a type given again, or emptied", |rng| blocks(rng, &TYPES, &LF)),
    kind("a block without data", |rng| made_of(rng, &[b"event: e", b"id: 7", b"data: a"])),
    kind("comments", |rng| blocks(rng, &COMMENTS, &LF)),
    kind("unknown names", |rng| blocks(rng, &UNKNOWN, &LF)),
    kind("an ID that is empty", |rng| blocks(rng, &[b"id:", b"id: "], &LF)),
    kind("an ID with a NUL", |rng| blocks(rng, &[b"id: a\0b", b"id:\0", b"id: \0c"], &LF)),
    kind("`retry`", |rng| blocks(rng, &[b"retry: 10", b"retry:0", b"retry: 007"], &LF)),
    kind("`retry` in a block without data", |rng| made_of(rng, &[b"retry: 10", b"id: 7"])),
    kind("`retry` that is not all digits", |rng| blocks(rng, &NO_TIMES, &LF)),
    kind("text beyond ASCII", |rng| blocks(rng, &TEXTS, &LF)),
    kind("ill-formed UTF-8", |rng| blocks(rng, &ILL_FORMED, &LF)),
    kind("NUL, VT, FF, NEL, U+2028", |rng| blocks(rng, &NO_LINE_ENDS, &LF)),
    kind("a last block without a blank line", unfinished),
    Kind { cut: Cut::WithEmptyChunks, ..kind("empty chunks", |rng| blocks(rng, &[], &LF)) },
    Kind {
        asks: Asks::When,
        ..kind("an event as soon as its blank line, LF", |rng| blocks(rng, &[], &LF))
    },
    Kind { asks: Asks::When, ..kind("the same, CR or CRLF", with_cr) },
    kind("all of these at once", anything),
];

const fn kind(name: &'static str, make: fn(&mut Rng) -> Vec<u8>) -> Kind {
    Kind { name, make, cut: Cut::Anywhere, asks: Asks::What }
}

const LF: [&[u8]; 1] = [b"\n"];
const ANY_END: [&[u8]; 3] = [b"\n", b"\r\n", b"\r"];
const MARK: &[u8] = b"\xEF\xBB\xBF";

const PLAIN: [&[u8]; 6] = [b"data: a", b"data: b", b"data: c d", b"event: e", b"id: 1", b"id: 2"];
const SPACES: [&[u8]; 7] =
    [b"data:a", b"data:  a", b"data:\ta", b"data: a ", b"event:e", b"event:  e", b"id:  1"];
const TYPES: [&[u8]; 4] = [b"event:", b"event: ", b"event: f", b"event: message"];
const COMMENTS: [&[u8]; 5] = [b":", b": c", b":c", b":data: c", b"::"];
const UNKNOWN: [&[u8]; 10] = [
    b"Data: x",
    b" data: x",
    b"data : x",
    b"datax: x",
    b"dat: x",
    b"ID: 9",
    b"eventx: x",
    b"x",
    b"comment: x",
    b"da-ta: x",
];
const NO_TIMES: [&[u8]; 8] = [
    b"retry: +5",
    b"retry: -1",
    b"retry: 5x",
    b"retry:  5",
    b"retry: 5 ",
    b"retry: 1.5",
    b"retry:",
    b"retry",
];
const TEXTS: [&[u8]; 5] = [
    "data: é".as_bytes(),
    "data: 😀…".as_bytes(),
    "event: ü".as_bytes(),
    "id: 中".as_bytes(),
    ": é".as_bytes(),
];
const ILL_FORMED: [&[u8]; 6] =
    [b"data: \xFF", b"data: a\xE2\x82", b"data: \xC3(", b"event: \xC3", b"id: \x80", b": \xFF"];
const NO_LINE_ENDS: [&[u8]; 6] = [
    b"data: a\0b",
    b"data: a\x0Bb",
    b"data: a\x0Cb",
    "data: a\u{85}b".as_bytes(),
    "data: a\u{2028}b".as_bytes(),
    b"event: a\0b",
];

/// A few blocks with data, with one of the unusual lines in each, if any.
fn blocks(rng: &mut Rng, odd: &[&[u8]], ends: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..rng.range(1, 3) {
        let mut lines: Vec<&[u8]> = vec![b"data: a"];
        for _ in 0..rng.range(0, 2) {
            insert(rng, &mut lines, &PLAIN);
        }
        if !odd.is_empty() {
            insert(rng, &mut lines, odd);
        }
        end_lines(rng, &mut stream, &lines, ends);
    }
    stream
}

/// A few blocks of only these lines, and one without anything unusual.
fn made_of(rng: &mut Rng, from: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..rng.range(1, 2) {
        let mut lines = Vec::new();
        for _ in 0..rng.range(1, 3) {
            insert(rng, &mut lines, from);
        }
        end_lines(rng, &mut stream, &lines, &LF);
    }
    if rng.one_in(2) {
        end_lines(rng, &mut stream, &[b"data: a"], &LF);
    }
    stream
}

/// A second mark at the start, or one at the start of another line, or inside a value.
fn mark_elsewhere(rng: &mut Rng) -> Vec<u8> {
    if rng.one_in(2) {
        return [MARK, MARK, &blocks(rng, &[], &LF)].concat();
    }
    let inside: [&[u8]; 2] = ["data: \u{FEFF}a".as_bytes(), "data:\u{FEFF}".as_bytes()];
    let mut stream = blocks(rng, &inside, &LF);
    stream.extend_from_slice("\u{FEFF}data: b\ndata: a\n\n".as_bytes());
    stream
}

/// With the start of a comment after it, so that no CR is the last byte.
fn going_on(mut stream: Vec<u8>) -> Vec<u8> {
    stream.push(b':');
    stream
}

fn with_cr(rng: &mut Rng) -> Vec<u8> {
    let end = ANY_END[rng.range(1, 2)];
    blocks(rng, &[], &[end])
}

fn unfinished(rng: &mut Rng) -> Vec<u8> {
    let starts: [&[u8]; 4] = [b"data: b", b"data: b\n", b"id: 9\ndata: b\n", b"data: b\nevent: e"];
    let before = if rng.one_in(2) { blocks(rng, &[], &LF) } else { Vec::new() };
    [&before, starts[rng.range(0, starts.len() - 1)]].concat()
}

/// Blocks with everything unusual, and a stream that may stop anywhere.
fn anything(rng: &mut Rng) -> Vec<u8> {
    let odd = [
        &PLAIN[..],
        &SPACES,
        &TYPES,
        &COMMENTS,
        &UNKNOWN,
        &NO_TIMES,
        &TEXTS,
        &ILL_FORMED,
        &NO_LINE_ENDS,
        &[b"", b"data", b"data:", b"id:", b"id: a\0b", b"retry: 10", b"retry: 20"],
    ];
    let mut stream = if rng.one_in(4) { MARK.to_vec() } else { Vec::new() };
    for _ in 0..rng.range(1, 12) {
        let lines = odd[rng.range(0, odd.len() - 1)];
        stream.extend_from_slice(lines[rng.range(0, lines.len() - 1)]);
        stream.extend_from_slice(ANY_END[rng.range(0, 2)]);
    }
    if rng.one_in(4) {
        stream.pop();
    }
    stream
}

fn insert<'a>(rng: &mut Rng, lines: &mut Vec<&'a [u8]>, from: &[&'a [u8]]) {
    let at = rng.range(0, lines.len());
    lines.insert(at, from[rng.range(0, from.len() - 1)]);
}

/// Writes a block, each of its lines with one of the ends, and its blank line.
fn end_lines(rng: &mut Rng, stream: &mut Vec<u8>, lines: &[&[u8]], ends: &[&[u8]]) {
    for line in lines.iter().chain([&&b""[..]]) {
        stream.extend_from_slice(line);
        stream.extend_from_slice(ends[rng.range(0, ends.len() - 1)]);
    }
}

impl Cut {
    /// Splits a stream, each time in another way.
    pub fn chunks<'a>(self, rng: &mut Rng, stream: &'a [u8]) -> Vec<&'a [u8]> {
        let longest = match rng.range(0, 2) {
            0 => stream.len(),
            1 => 1,
            _ => rng.range(1, 12),
        };
        let mut chunks = Vec::new();
        let mut rest = stream;
        while !rest.is_empty() {
            let len = if longest == 1 { 1 } else { rng.range(longest.div_ceil(2), longest) };
            let (chunk, after) = rest.split_at(if longest == stream.len() {
                rest.len()
            } else {
                len.min(rest.len())
            });
            if self == Self::WithEmptyChunks && rng.one_in(2) {
                chunks.push(&rest[..0]);
            }
            chunks.push(chunk);
            rest = after;
        }
        chunks
    }
}
