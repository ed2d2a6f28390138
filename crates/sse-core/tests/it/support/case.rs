//! Test case of one stream: panics if a parser or the reference implementation disagrees with it.
//!
//! Replays every case split at every place that could matter. Holds no case itself.

use core::panic::Location;

use sse_reference::{
    outcome::{Block, Outcome, parse},
    reader::{self, Mode},
};

/// One stream, and the result that the standard defines. Anything not set is absent.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    name: String,
    place: &'static Location<'static>,
    input: Vec<u8>,
    initial_last_event_id: String,
    /// Type, data and last event ID of each message.
    events: Vec<[String; 3]>,
    last_event_id: String,
    reconnection_ms: Option<u64>,
    comments: Vec<String>,
}

/// Creates a case with a name of its own.
#[track_caller]
pub(crate) fn case(name: &str, input: impl AsRef<[u8]>) -> Case {
    Case {
        name: name.to_owned(),
        place: Location::caller(),
        input: input.as_ref().to_owned(),
        initial_last_event_id: String::new(),
        events: Vec::new(),
        last_event_id: String::new(),
        reconnection_ms: None,
        comments: Vec::new(),
    }
}

/// Creates a case that is named by its test.
#[track_caller]
pub(crate) fn stream(input: impl AsRef<[u8]>) -> Case {
    case("the stream", input)
}

impl Case {
    /// Sets the last event ID before the stream starts.
    pub(crate) fn after(mut self, last_event_id: &str) -> Self {
        self.initial_last_event_id = last_event_id.to_owned();
        self
    }

    /// Adds the next event that is dispatched, without a type.
    pub(crate) fn message(self, data: &str, last_event_id: &str) -> Self {
        self.event("message", data, last_event_id)
    }

    /// Adds the next event that is dispatched.
    pub(crate) fn event(mut self, event_type: &str, data: &str, last_event_id: &str) -> Self {
        self.events.push([event_type, data, last_event_id].map(ToOwned::to_owned));
        self
    }

    /// Sets the last event ID at the end of the stream.
    pub(crate) fn last_event_id(mut self, id: &str) -> Self {
        self.last_event_id = id.to_owned();
        self
    }

    /// Sets the reconnection time at the end of the stream.
    pub(crate) fn reconnection_ms(mut self, time: u64) -> Self {
        self.reconnection_ms = Some(time);
        self
    }

    /// Adds the text of the next comment line, without its first space.
    pub(crate) fn comment(mut self, comment: &str) -> Self {
        self.comments.push(comment.to_owned());
        self
    }

    /// Compares type, data and last event ID of the messages, and the state that outlives them.
    #[track_caller]
    fn compare(&self, outcome: &Outcome, how: &str) {
        let events = outcome.blocks.iter().filter_map(|block| {
            let Block { event_type, data, last_event_id, .. } = block;
            Some([event_type, data.as_ref()?, last_event_id])
        });
        let expected = self.events.iter().map(|[event_type, data, id]| [event_type, data, id]);
        let Self { name, place, .. } = self;
        assert!(
            events.clone().eq(expected),
            "{name} ({place}), {how}\n     got: {:#?}\nexpected: {:#?}",
            events.collect::<Vec<_>>(),
            self.events
        );
        assert_eq!(outcome.last_event_id, self.last_event_id, "{name} ({place}), {how}");
        assert_eq!(outcome.reconnection_ms, self.reconnection_ms, "{name} ({place}), {how}");
        assert_eq!(outcome.error, None, "{name} ({place}), {how}");
    }

    /// Comments are returned with their block, so that a block that is left open is closed to see
    /// them.
    #[track_caller]
    fn check_comments(&self) {
        let input = [&self.input, &b"\n\n"[..]].concat();
        let outcome = parse(&Mode::EVERYTHING.parser(), &[&input]);
        let comments = outcome.blocks.iter().filter_map(|block| block.comments.as_deref());
        let lines = comments.flat_map(|comments| comments.split('\n')).collect::<Vec<_>>();
        assert_eq!(lines, self.comments, "comments of {} ({})", self.name, self.place);
    }
}

/// Reads the case whole in every mode; and split at every place, with comments and all blocks and
/// without.
#[track_caller]
pub(crate) fn check(case: &Case) {
    let Case { input, initial_last_event_id: id, .. } = case;
    for mode in Mode::ALL {
        let expected = reader::read_after(id, input, mode);
        case.compare(&expected, &format!("the reference, {mode:?}"));
        let parser = mode.parser().with_last_event_id(id);
        let compare = |chunks: &[&[u8]]| {
            let lengths = chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>();
            let how = format!("{mode:?}, cut into {lengths:?}");
            let outcome = parse(&parser, chunks);
            case.compare(&outcome, &how);
            assert_eq!(outcome, expected, "{} ({}), {how}", case.name, case.place);
        };
        match mode {
            Mode::MESSAGES | Mode::EVERYTHING => for_each_cut(input, compare),
            _ => compare(&[input]),
        }
    }
    case.check_comments();
}

/// Splits the input: not at all, after every byte, with empty chunks between, in two at every place
/// and, if it is short, in three. A long one is split in two at line ends, colons and a few more
/// places.
pub(crate) fn for_each_cut<'a>(input: &'a [u8], mut visit: impl FnMut(&[&'a [u8]])) {
    const SHORT: usize = 48;
    const LONG: usize = 400;

    visit(&[input]);
    let bytewise = input.chunks(1).collect::<Vec<_>>();
    visit(&bytewise);
    let spaced = bytewise.iter().flat_map(|byte| [&[], *byte, &[]]).collect::<Vec<_>>();
    visit(&spaced);
    let step = if input.len() > LONG { input.len() / 40 } else { 1 };
    for at in 0..=input.len() {
        if at % step == 0 || is_seam(input, at) {
            let (head, tail) = input.split_at(at);
            visit(&[head, tail]);
        }
    }
    if input.len() <= SHORT {
        for second in 0..=input.len() {
            let (head, tail) = input.split_at(second);
            for first in 0..=second {
                let (head, middle) = head.split_at(first);
                visit(&[head, middle, tail]);
            }
        }
    }
}

/// Returns `true` if a line end or a colon is right before or after this place.
fn is_seam(input: &[u8], at: usize) -> bool {
    input[at.saturating_sub(1)..(at + 1).min(input.len())]
        .iter()
        .any(|byte| b"\r\n:".contains(byte))
}
