//! Any bytes in any chunks, through every side of the parser, against the naive reference.

#![no_main]
#![allow(dead_code)] // of what is shared with the tests

use libfuzzer_sys::fuzz_target;

use sse_core::Limits;

use excess::without_old_comments;
use plan::Plan;
use reference::Mode;
use support::{Outcome, Side, parse_on};

#[path = "../../crates/sse-core/tests/it/excess.rs"]
mod excess;
mod plan;
#[path = "../../crates/sse-core/tests/it/reference.rs"]
mod reference;
#[path = "../../crates/sse-core/tests/it/support.rs"]
mod support;

fuzz_target!(|input: &[u8]| {
    let Some(Plan { choice, chunks, stream }) = Plan::of(input) else { return };
    let mode = Mode::ALL[usize::from(choice) % Mode::ALL.len()];
    let parser = mode.parser().with_last_event_id("before");
    let kept = without_old_comments(stream, Limits::default(), mode);
    let expected = Outcome {
        pending_bytes: reference::read(stream, mode).pending_bytes,
        ..reference::read_after("before", &kept, mode)
    };
    for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
        assert_eq!(parse_on(side, &parser, &chunks), expected, "{side:?}, {mode:?}, {chunks:?}");
        assert_eq!(parse_on(side, &parser, &[stream]), expected, "{side:?}, {mode:?}, whole");
    }
});
