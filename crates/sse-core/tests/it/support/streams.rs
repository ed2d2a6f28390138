//! Generators of random streams, splits and limits for the properties.
//!
//! The streams consist of what could go wrong side by side. Defines no expected results.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
    test_runner::{Config, RngSeed},
};
use sse_core::Limits;

/// Returns the settings of a property that is tried on this many inputs, unless the environment
/// sets more (`PROPTEST_CASES`) or others (`PROPTEST_RNG_SEED`). No file is written.
pub(crate) fn config(cases: u32) -> Config {
    let asked_for = |name| std::env::var_os(name).is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !asked_for("PROPTEST_CASES") {
        config.cases = cases;
    }
    if !asked_for("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(0);
    }
    config
}

/// An event stream of some twenty lines: known fields, uncommon ones and noise, with any line ends.
pub(crate) fn any_stream() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        9 => (stream_start(), vec((line(), line_end()), 0..32)).prop_map(|(start, lines)| {
            let lines = lines.into_iter().flat_map(|(line, end)| [line, end.to_vec()]);
            core::iter::once(start.to_vec()).chain(lines).flatten().collect()
        }),
        1 => vec(select(&b"\r\n:\0 adteviny0\xEF\xBB\xBF\x80"[..]), 0..60),
    ]
}

fn stream_start() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![
        12 => Just(&b""[..]),
        4 => Just(&b"\xEF\xBB\xBF"[..]),
        2 => Just(&b"\xEF\xBB\xBF\xEF\xBB\xBF"[..]),
        1 => Just(&b"\xEF"[..]),
        1 => Just(&b"\xEF\xBB"[..]),
        1 => Just(&b"\xEF\xBB\xBE"[..]),
    ]
}

fn line_end() -> impl Strategy<Value = &'static [u8]> {
    prop_oneof![
        8 => Just(&b"\n"[..]),
        6 => Just(&b"\r\n"[..]),
        5 => Just(&b"\r"[..]),
        1 => Just(&b""[..]),
    ]
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let colon = || select(&[": ", ":", ":", ":  ", ":\t", " :", ""][..]);
    let name = prop_oneof![8 => select(&NAMES[..]), 1 => select(&ODD_NAMES[..])];
    let field = (name, colon(), value())
        .prop_map(|(name, colon, value)| [name.as_bytes(), colon.as_bytes(), &value].concat());
    let retry = (colon(), select(&TIMES[..]))
        .prop_map(|(colon, time)| ["retry", colon, time].concat().into_bytes());
    prop_oneof![
        10 => field,
        3 => retry,
        7 => Just(Vec::new()),
        1 => value(),
    ]
}

/// A value of a few parts, sometimes longer than what a parser's buffers keep for the next one.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        24 => select(&TEXTS[..]).prop_map(|text| text.as_bytes().to_vec()),
        2 => select(&ILL_FORMED[..]).prop_map(<[u8]>::to_vec),
        1 => (select(&b"x: \xE2"[..]), 40..400_usize).prop_map(|(byte, len)| vec![byte; len]),
    ];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// The empty name is a comment's.
const NAMES: [&str; 7] = ["data", "data", "data", "data", "event", "id", ""];

#[rustfmt::skip]
const ODD_NAMES: [&str; 18] = [
    "Data", " data", "data ", "data\0", "\0data", "da-ta", "dat", "datax", "eventx", "ID", "i",
    "retries", "\u{FEFF}data", "data\u{FEFF}", "lastEventId", " ", "\u{85}", "\u{2028}",
];

#[rustfmt::skip]
const TIMES: [&str; 12] = [
    "0", "007", "3000", "1000x", "-1", "+5", " 5", "5 ", "1_000", "\u{665}",
    "18446744073709551615", "18446744073709551616",
];

/// Text, and what must not be mistaken for anything else.
#[rustfmt::skip]
const TEXTS: [&str; 22] = [
    "a", "b", "1", "23", " ", "  ", "\t", ":", "::", "data: ", "\0", "\u{FEFF}", "\u{85}",
    "\u{2028}", "\u{B}", "\u{C}", "\u{1C}", "é", "…", "😀", "\u{FFFD}", "\u{10FFFF}",
];

/// Bytes that are not UTF-8, or not yet.
#[rustfmt::skip]
const ILL_FORMED: [&[u8]; 13] = [
    b"\x80", b"\xBF", b"\xC3", b"\xE2\x80", b"\xF0\x9F\x98", b"\xF0\x9F", b"\xC0\x80",
    b"\xED\xA0\x80", b"\xE0\x80\x80", b"\xF4\x90\x80\x80", b"\xEF", b"\xEF\xBB", b"\xFE\xFF",
];

/// Limits that such a stream may or may not exceed.
pub(crate) fn any_limits() -> impl Strategy<Value = Limits> {
    let values = || prop_oneof![3 => 0..12_usize, 1 => 0..100_usize];
    let event = prop_oneof![2 => 0..80_usize, 2 => 0..400_usize, 1 => Just(1 << 20)];
    (event, option::of(values()), option::of(values())).prop_map(|(event, id, event_type)| {
        Limits::default()
            .max_event_bytes(event)
            .max_id_bytes(id.unwrap_or(1 << 16))
            .max_event_type_bytes(event_type.unwrap_or(1 << 16))
    })
}

/// Rule that splits a stream of any length into chunks, empty ones included.
#[derive(Debug, Clone)]
pub(crate) enum Cut {
    /// Chunks of these lengths, repeated.
    Lengths(Vec<usize>),
    /// At these places.
    Places(Vec<Index>),
}

pub(crate) fn any_cut() -> impl Strategy<Value = Cut> {
    let length = prop_oneof![3 => 0..4_usize, 2 => 4..20_usize, 1 => 20..200_usize];
    prop_oneof![
        vec(length, 1..12).prop_map(Cut::Lengths),
        vec(any::<Index>(), 0..12).prop_map(Cut::Places),
    ]
}

impl Cut {
    pub(crate) fn chunks<'a>(&self, stream: &'a [u8]) -> Vec<&'a [u8]> {
        let mut places = match self {
            // A last length of one, in case all are zero.
            Self::Lengths(lengths) => (lengths.iter().chain([&1]).cycle())
                .scan(0, |place, length| {
                    *place += length;
                    Some(*place)
                })
                .take_while(|place| *place < stream.len())
                .collect(),
            Self::Places(places) => {
                places.iter().map(|place| place.index(stream.len() + 1)).collect::<Vec<_>>()
            }
        };
        places.sort_unstable();
        places.push(stream.len());
        let mut start = 0;
        let ends = places.into_iter();
        ends.map(|end| &stream[core::mem::replace(&mut start, end)..end]).collect()
    }
}
