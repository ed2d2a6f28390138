//! Properties: random streams in random chunks parse as the reference implementation reads them.
//!
//! Limits are tested in `limits`.

use bytes::Bytes;
use proptest::{collection::vec, prelude::*};
use sse_core::Parser;

use sse_reference::{
    outcome::{Block, Side, parse_on},
    reader::{self, Mode},
};

use crate::support::streams::{any_cut, any_stream, config};

proptest! {
    #![proptest_config(config(3000))]

    /// P5, and with it every other clause.
    #[test]
    fn any_stream_in_any_chunks_is_what_the_reference_reads(
        stream in any_stream(),
        cut in any_cut(),
    ) {
        let chunks = cut.chunks(&stream);
        for mode in Mode::ALL {
            let expected = reader::read(&stream, mode);
            for side in [Side::Owned, Side::Borrowed, Side::ByTurns] {
                let outcome = parse_on(side, &mode.parser(), &chunks);
                prop_assert_eq!(&outcome, &expected, "{:?}, {:?}, {:?}", mode, side, &chunks);
            }
        }
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// P5: split at every place, not only at random ones.
    #[test]
    fn any_stream_cut_in_two_anywhere_is_what_the_reference_reads(stream in any_stream()) {
        let mode = Mode::EVERYTHING;
        let expected = reader::read(&stream, mode);
        for at in 0..=stream.len() {
            let (head, tail) = stream.split_at(at);
            let outcome = parse_on(Side::Owned, &mode.parser(), &[head, tail]);
            prop_assert_eq!(&outcome, &expected, "cut at {}", at);
        }
    }
}

/// Shows that the properties above are not vacuous: the random streams contain what is hard to get
/// right.
#[test]
fn random_streams_hold_what_they_should() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::new(config(1));
    let mut counts = [0; 6];
    for _ in 0..500 {
        let stream = any_stream().new_tree(&mut runner).unwrap().current();
        let outcome = reader::read(&stream, Mode::EVERYTHING);
        let seen = [
            outcome.blocks.len() > 1,
            outcome
                .blocks
                .iter()
                .any(|block| block.data.as_deref().is_some_and(|d| d.contains('\n'))),
            outcome.blocks.iter().any(|block| block.data.is_none()),
            outcome.blocks.iter().any(|block| block.id.as_ref() != Some(&block.last_event_id)),
            outcome.reconnection_ms.is_some(),
            String::from_utf8(stream).is_err(),
        ];
        for (count, seen) in counts.iter_mut().zip(seen) {
            *count += usize::from(seen);
        }
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

proptest! {
    #![proptest_config(config(300))]

    /// Events that share memory with others that have been dropped.
    #[test]
    fn an_event_that_is_kept_stays_what_it_was(
        stream in any_stream(),
        cut in any_cut(),
        keeps in vec(any::<bool>(), 1..20),
    ) {
        // Some are too long to be stored inline.
        let long = b"\n\nevent: update\ndata: {\"a\":\"value\",\"of\":[\"its\",\"own\"]}\n\n";
        let stream = [&stream[..], long].concat().repeat(30);
        let mut parser = Parser::new();
        let mut keeps = keeps.iter().cycle();
        let mut kept = Vec::new();
        for chunk in cut.chunks(&stream) {
            let mut input = Bytes::copy_from_slice(chunk);
            while let Some(event) = parser.next(&mut input).unwrap() {
                let seen = Block::from_event(&event);
                if *keeps.next().unwrap() {
                    kept.push((event, seen));
                } else if !kept.is_empty() {
                    // Not always the last one.
                    kept.swap_remove(kept.len() / 2);
                }
            }
        }
        for (event, seen) in kept {
            prop_assert_eq!(Block::from_event(&event), seen);
        }
    }
}
