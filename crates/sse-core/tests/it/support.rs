//! Chunks in, what a parser makes of them out.
//!
//! Takes every stream through the owned and the borrowed side of the parser. Knows nothing of what
//! is to be expected.

use bytes::{Buf, Bytes};
use sse_core::{EventRef, Limit, LimitExceeded, Parser, ServerSentEvent, Taken};

/// A block as a parser gave it out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) event_type: String,
    pub(crate) data: Option<String>,
    pub(crate) event: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry_ms: Option<u64>,
    pub(crate) comments: Option<String>,
    /// The parser's last event ID right after it returned the block.
    pub(crate) last_event_id: String,
}

/// All that comes out of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) blocks: Vec<Block>,
    pub(crate) last_event_id: String,
    pub(crate) reconnection_ms: Option<u64>,
    /// The bytes of the block that is incomplete; none are told of after an error.
    pub(crate) pending_bytes: u64,
    pub(crate) error: Option<LimitExceeded>,
    pub(crate) skipped: u64,
    /// The limit and the place.
    pub(crate) last_skipped: Option<(Limit, u64)>,
}

/// Which side of the parser is asked for the next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Owned,
    Borrowed,
    /// The owned one, but only for some of the events; the others are seen before they are hidden.
    Selective,
    /// One after the other by turns, on the same parser.
    ByTurns,
}

/// Reads the chunks with a copy of `parser`, through both of its sides, which must agree.
#[track_caller]
pub(crate) fn parse(parser: &Parser, chunks: &[&[u8]]) -> Outcome {
    let owned = parse_on(Side::Owned, parser, chunks);
    let borrowed = parse_on(Side::Borrowed, parser, chunks);
    assert_eq!(owned, borrowed, "the two sides of the parser differ");
    owned
}

/// Reads the chunks with a copy of `parser`, through one side of it.
#[track_caller]
pub(crate) fn parse_on(side: Side, parser: &Parser, chunks: &[&[u8]]) -> Outcome {
    let mut parser = parser.clone();
    let mut outcome = Outcome::default();
    let mut calls = 0;
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        while outcome.error.is_none() {
            calls += 1;
            match take(side.of_call(calls), &mut parser, &mut input) {
                Ok(Some(block)) => outcome.blocks.push(block),
                Ok(None) => {
                    assert_eq!(input.len(), 0, "there is no event left but there is input");
                    break;
                }
                Err(error) => outcome.error = Some(error),
            }
        }
    }
    match outcome.error {
        Some(error) => assert_failed(&mut parser, error),
        None => {
            let len: usize = chunks.iter().map(|chunk| chunk.len()).sum();
            assert_eq!(parser.position(), len as u64);
            outcome.pending_bytes = parser.pending_bytes();
        }
    }
    outcome.last_event_id = parser.last_event_id().to_owned();
    outcome.reconnection_ms = reconnection_ms(&parser);
    outcome.skipped = parser.skipped().count();
    outcome.last_skipped = last_skipped(&parser);
    outcome
}

/// Takes the next event out of the input, through one side of the parser. A view of the event must
/// have reported the same last event ID as the parser does afterward.
#[track_caller]
pub(crate) fn take(
    side: Side,
    parser: &mut Parser,
    input: &mut Bytes,
) -> Result<Option<Block>, LimitExceeded> {
    let found = match side {
        Side::Borrowed => {
            let mut rest: &[u8] = input;
            let found = parser.next_ref(&mut rest)?.map(|event| Block::from_ref(&event));
            let consumed = input.len() - rest.len();
            input.advance(consumed);
            found
        }
        Side::Selective => take_selectively(parser, input)?,
        _ => parser.next(input)?.map(|event| Block::from_event(&event)),
    };
    let last_event_id = parser.last_event_id().to_owned();
    if let (Some(block), Side::Borrowed | Side::Selective) = (&found, side) {
        assert_eq!(block.last_event_id, last_event_id, "the last event ID of a view");
    }
    Ok(found.map(|block| Block { last_event_id, ..block }))
}

/// Hides every event whose data has an odd length.
#[track_caller]
fn take_selectively(
    parser: &mut Parser,
    input: &mut Bytes,
) -> Result<Option<Block>, LimitExceeded> {
    let mut seen = None;
    let taken = parser.next_if(input, |event| {
        seen = Some(Block::from_ref(event));
        event.data_bytes().len() % 2 == 0
    })?;
    match taken {
        None => assert_eq!(seen, None),
        Some(Taken::Event(event)) => {
            let seen = seen.clone().map(Block::without_last_event_id);
            assert_eq!(seen, Some(Block::from_event(&event)));
        }
        Some(Taken::Hidden) => assert!(seen.is_some()),
    }
    Ok(seen)
}

pub(crate) fn last_skipped(parser: &Parser) -> Option<(Limit, u64)> {
    parser.skipped().last().map(|excess| (excess.limit(), excess.position()))
}

pub(crate) fn reconnection_ms(parser: &Parser) -> Option<u64> {
    parser.reconnection_time().map(|time| time.as_millis().try_into().unwrap())
}

/// A failed parser gives its error again, whatever comes, and takes nothing more in.
#[track_caller]
fn assert_failed(parser: &mut Parser, error: LimitExceeded) {
    let (id, time) = (parser.last_event_id().to_owned(), parser.reconnection_time());
    for side in [Side::Owned, Side::Borrowed, Side::Selective] {
        for input in ["", "\n\n", "id: after\nretry: 7\ndata: after\n\n"] {
            assert_eq!(take(side, parser, &mut input.into()), Err(error));
        }
    }
    assert_eq!((parser.last_event_id(), parser.reconnection_time()), (&*id, time));
}

impl Side {
    fn of_call(self, number: usize) -> Self {
        match self {
            Self::ByTurns => [Self::Selective, Self::Owned, Self::Borrowed][number % 3],
            side => side,
        }
    }
}

impl Block {
    pub(crate) fn from_event(event: &ServerSentEvent) -> Self {
        let owned = |value: Option<&str>| value.map(ToOwned::to_owned);
        assert!(event.has_data() || event.data().is_empty());
        Self {
            event_type: event.event_type().to_owned(),
            data: event.has_data().then(|| event.data().to_owned()),
            event: owned(event.event()),
            id: owned(event.id()),
            retry_ms: event.retry().map(|retry| retry.as_millis().try_into().unwrap()),
            comments: owned(event.comments()),
            last_event_id: String::new(),
        }
    }

    #[track_caller]
    fn from_ref(event: &EventRef<'_>) -> Self {
        assert!(event.has_data() || event.data().is_empty());
        assert_eq!(String::from_utf8_lossy(event.data_bytes()), event.data());
        let block = Self {
            last_event_id: event.last_event_id().into(),
            event_type: event.event_type().into(),
            data: event.has_data().then(|| event.data().into()),
            event: event.event().map(Into::into),
            id: event.id().map(Into::into),
            retry_ms: event.retry().map(|retry| retry.as_millis().try_into().unwrap()),
            comments: event.comments().map(Into::into),
        };
        let copy = Self::from_event(&event.to_event());
        assert_eq!(block.clone().without_last_event_id(), copy, "a copy is another event");
        block
    }

    /// The block as an owned event reports it, which does not have the last event ID.
    fn without_last_event_id(self) -> Self {
        Self { last_event_id: String::new(), ..self }
    }
}
