//! Compares random streams: their events, and the last event ID in the next request.
//!
//! Known differences are accounted for exactly. An `EventSource` misreads a line end directly after
//! a byte order mark, and sends IDs that are invalid in a header: `facts.rs` has both cases. A
//! session in a page does not send IDs that are not ASCII.

use std::fmt;

use sse_test::Reply;

use crate::{
    Outcome,
    both::{self, Both, Follower, Script},
    hostile,
    page::Page,
};

/// Compares `count` streams, with this seed and the following ones.
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
        let scripts: Vec<_> = streams.iter().map(|chunks| script(chunks, follower)).collect();
        let seen = both::follow(page, follower, &scripts).await?;
        for ((seed, chunks), both) in batch.iter().zip(streams).zip(seen) {
            let stream = chunks.concat();
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

/// Amount that was compared, and number of streams with a known difference.
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

/// Returns a script with a short reconnection time and an ID, then the stream, then a 204.
fn script(chunks: &[Vec<u8>], follower: Follower) -> Script {
    let replies = |chunks: &[Vec<u8>]| {
        let short_retry = Reply::events("retry: 1\nid: before\n\n");
        // Pauses, so that each chunk is read separately.
        let stream = chunks.iter().fold(Reply::events(""), |reply, it| reply.pause().send(it));
        vec![short_retry, stream, Reply::status(204)]
    };
    Script {
        for_page: replies(chunks),
        for_ours: match follower {
            Follower::EventSource => replies(&as_chromium_reads_it(chunks)),
            Follower::Session(_) => replies(chunks),
        },
        types: hostile::possible_types(&chunks.concat()),
    }
}

/// Returns a stream with the same meaning in sse-reqwest as the given one in Chromium. To Chromium,
/// a line end directly after the byte order mark is the first character of the next line, which
/// then has an unknown field name.
fn as_chromium_reads_it(chunks: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut chunks = chunks.to_vec();
    if has_line_end_after_mark(&chunks.concat()) {
        chunks.iter_mut().flatten().skip(3).take(1).for_each(|line_end| *line_end = b'?');
    }
    chunks
}

fn has_line_end_after_mark(stream: &[u8]) -> bool {
    matches!(stream, [0xEF, 0xBB, 0xBF, b'\r' | b'\n', ..])
}

/// Describes the difference between the two, if there is one.
fn difference(both: Both, follower: Follower) -> Option<String> {
    let Both { page, mut ours, unsendable_id } = both;
    match (follower, unsendable_id, ours.requests.last_mut()) {
        // Chromium sends it. The server removes white space around a header's value.
        (Follower::EventSource, Some(id), Some(last)) => {
            let id = id.as_bytes().trim_ascii().to_vec();
            last.last_event_id = last.last_event_id.take().or(Some(id));
        }
        (Follower::EventSource, ..) => {}
        (Follower::Session(_), ..) => ours = ours.with_ascii_ids_only(),
    }
    match page {
        None => Some("the page did not finish".to_owned()),
        Some(seen) if seen != ours => {
            Some(format!("the page received\n{seen}and sse-reqwest\n{ours}"))
        }
        Some(_) => None,
    }
}

/// Number of streams at a time. The number of sockets of a browser is limited.
const BATCH: usize = 25;
