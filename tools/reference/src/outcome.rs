//! Outcome of a stream, as the parser of sse-core and the naive one report it.
//!
//! The chunks of a stream are read through each API of the parser, which must agree. The expected
//! outcome is not known here.

use bytes::{Buf, Bytes};
use sse_core::{EventRef, Limit, LimitExceeded, Parser, ServerSentEvent, Taken};

/// Block that a parser has yielded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Type, `message` if the block has none.
    pub event_type: String,
    /// Data; `None` if the block has none.
    pub data: Option<String>,
    /// Value of the `event` field, if it is not empty.
    pub event: Option<String>,
    /// Value of the `id` field.
    pub id: Option<String>,
    /// Value of the `retry` field, in milliseconds.
    pub retry_ms: Option<u64>,
    /// Comments, joined by LF.
    pub comments: Option<String>,
    /// Last event ID of the parser right after it has returned the block.
    pub last_event_id: String,
}

/// Outcome of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Blocks, in order.
    pub blocks: Vec<Block>,
    /// Last event ID at the end.
    pub last_event_id: String,
    /// Reconnection time at the end, in milliseconds.
    pub reconnection_ms: Option<u64>,
    /// Number of bytes of the incomplete block; 0 after an error.
    pub pending_bytes: u64,
    /// Error that ended the reading.
    pub error: Option<LimitExceeded>,
    /// Number of skipped blocks.
    pub skipped: u64,
    /// Limit that the last skipped block exceeds, and the position.
    pub last_skipped: Option<(Limit, u64)>,
}

/// Function of the parser that returns the next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// `Parser::next`.
    Owned,
    /// `Parser::next_ref`.
    Borrowed,
    /// `Parser::next_if`, which hides some of the events.
    Selective,
    /// Each of the others in turn, on the same parser.
    ByTurns,
}

/// Reads the chunks with a copy of `parser`, through both of its APIs, which must agree.
#[track_caller]
pub fn parse(parser: &Parser, chunks: &[&[u8]]) -> Outcome {
    let owned = parse_on(Side::Owned, parser, chunks);
    let borrowed = parse_on(Side::Borrowed, parser, chunks);
    assert_eq!(owned, borrowed, "the two sides of the parser differ");
    owned
}

/// Reads the chunks with a copy of `parser`, through one of its APIs.
#[track_caller]
pub fn parse_on(side: Side, parser: &Parser, chunks: &[&[u8]]) -> Outcome {
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

/// Reads the next event of the input, through one API of the parser. A view of the event must
/// report the same last event ID as the parser does afterward.
///
/// # Errors
///
/// Fails if the parser does.
#[track_caller]
pub fn take(
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

/// Returns the limit that the last skipped block exceeds, and the position.
pub fn last_skipped(parser: &Parser) -> Option<(Limit, u64)> {
    parser.skipped().last().map(|excess| (excess.limit(), excess.position()))
}

/// Returns the reconnection time in milliseconds.
pub fn reconnection_ms(parser: &Parser) -> Option<u64> {
    parser.reconnection_time().map(|time| time.as_millis().try_into().unwrap())
}

/// Checks that a failed parser returns its error again and consumes nothing.
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
    /// Creates the block of an event, without a last event ID.
    pub fn from_event(event: &ServerSentEvent) -> Self {
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

    /// Returns the block as an owned event reports it, without the last event ID.
    fn without_last_event_id(self) -> Self {
        Self { last_event_id: String::new(), ..self }
    }
}
