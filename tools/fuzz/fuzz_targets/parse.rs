//! Any bytes in any chunks, with every API of the parser, against the naive reference.

#![no_main]

use libfuzzer_sys::fuzz_target;

use sse_core::Limits;

use sse_reference::excess::without_old_comments;
use sse_reference::outcome::{Outcome, Side, parse_on};
use sse_reference::reader::{self, Mode};

mod plan;

use plan::Plan;

fuzz_target!(|input: &[u8]| {
    let Some(Plan { choice, chunks, stream }) = Plan::of(input) else { return };
    let mode = Mode::ALL[usize::from(choice) % Mode::ALL.len()];
    let parser = mode.parser().with_last_event_id("before");
    let kept = without_old_comments(stream, Limits::default(), mode);
    let expected = Outcome {
        pending_bytes: reader::read(stream, mode).pending_bytes,
        ..reader::read_after("before", &kept, mode)
    };
    for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
        assert_eq!(parse_on(side, &parser, &chunks), expected, "{side:?}, {mode:?}, {chunks:?}");
        assert_eq!(parse_on(side, &parser, &[stream]), expected, "{side:?}, {mode:?}, whole");
    }
});
