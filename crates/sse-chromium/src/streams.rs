//! Random streams, compared: the same events, and the same last event ID in the next request.
//!
//! Known differences are allowed for exactly. An `EventSource` takes a line end right after a byte
//! order mark for something else, and sends IDs that ours leaves out since no header can carry them:
//! `facts.rs` shows both. A session of ours that runs in a page leaves out all IDs that are not ASCII.

use std::fmt;

use sse_test::Reply;

use crate::{
    Outcome,
    both::{self, Both, Follower, Script},
    hostile,
    page::Page,
};

/// Has both read so many streams, that of this seed and those of the seeds that follow.
pub(crate) async fn compare(
    page: &mut Page<'_>,
    follower: Follower,
    seed: u64,
    count: usize,
) -> Outcome<()> {
    let seeds: Vec<_> = (seed..).take(count).collect();
    let mut totals = Totals { streams: count, ..Totals::default() };
    for batch in seeds.chunks(BATCH) {
        let streams: Vec<_> = batch.iter().map(|seed| hostile::stream(*seed)).collect();
        let scripts: Vec<_> = streams.iter().map(|pieces| script(pieces, follower)).collect();
        let seen = both::follow(page, follower, &scripts).await?;
        for ((seed, pieces), both) in batch.iter().zip(streams).zip(seen) {
            let stream = pieces.concat();
            totals.add(&stream, &both, follower);
            if let Some(difference) = difference(both, follower) {
                let stream = stream.escape_ascii();
                return Err(format!("stream {seed} is \"{stream}\"\n{difference}").into());
            }
        }
    }
    println!("{follower:?}: {totals}");
    Ok(())
}

/// How much was compared, and how often a known difference was met.
#[derive(Debug, Default)]
struct Totals {
    streams: usize,
    bytes: usize,
    events: usize,
    known_differences: usize,
}

impl Totals {
    fn add(&mut self, stream: &[u8], both: &Both, follower: Follower) {
        self.bytes += stream.len();
        self.events += both.ours.events.len();
        let is_known = match follower {
            Follower::EventSource => {
                has_line_end_after_mark(stream) || both.unsendable_id.is_some()
            }
            Follower::Session(_) => both.ours != both.ours.clone().with_ascii_ids_only(),
        };
        self.known_differences += usize::from(is_known);
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { streams, bytes, events, known_differences } = self;
        write!(
            f,
            "{streams} streams with {events} events in {bytes} bytes, {known_differences} of them \
             with a known difference"
        )
    }
}

/// The stream stands between a connection that makes the client hurry, and has an ID, and the end.
fn script(pieces: &[Vec<u8>], follower: Follower) -> Script {
    let replies = |pieces: &[Vec<u8>]| {
        let hurry = Reply::events("retry: 1\nid: before\n\n");
        // A pause lets each piece be read by itself.
        let stream = pieces.iter().fold(Reply::events(""), |reply, it| reply.pause().send(it));
        vec![hurry, stream, Reply::status(204)]
    };
    Script {
        for_page: replies(pieces),
        for_ours: match follower {
            Follower::EventSource => replies(&as_chromium_takes_it(pieces)),
            Follower::Session(_) => replies(pieces),
        },
        types: hostile::possible_types(&pieces.concat()),
    }
}

/// The stream that ours has to read in order to see what Chromium sees: a line end right after the
/// byte order mark is some character of the next line's to Chromium, and makes a name of it that
/// nothing has.
fn as_chromium_takes_it(pieces: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut pieces = pieces.to_vec();
    if has_line_end_after_mark(&pieces.concat()) {
        pieces.iter_mut().flatten().skip(3).take(1).for_each(|line_end| *line_end = b'?');
    }
    pieces
}

fn has_line_end_after_mark(stream: &[u8]) -> bool {
    matches!(stream, [0xEF, 0xBB, 0xBF, b'\r' | b'\n', ..])
}

/// What is not the same, for a person.
fn difference(both: Both, follower: Follower) -> Option<String> {
    let Both { page, mut ours, unsendable_id } = both;
    match (follower, unsendable_id, ours.requests.last_mut()) {
        // Chromium sends it. What reads a header drops white space around it.
        (Follower::EventSource, Some(id), Some(last)) => {
            let id = id.as_bytes().trim_ascii().to_vec();
            last.last_event_id = last.last_event_id.take().or(Some(id));
        }
        (Follower::EventSource, ..) => {}
        (Follower::Session(_), ..) => ours = ours.with_ascii_ids_only(),
    }
    match page {
        None => Some("the page came to no end".to_owned()),
        Some(seen) if seen != ours => Some(format!("the page sees\n{seen}and ours\n{ours}")),
        Some(_) => None,
    }
}

/// So many at a time leave a browser some of its sockets.
const BATCH: usize = 25;
