//! Random streams, compared: the same events, and the same last event ID in the next request.
//!
//! Two differences are known, which `facts.rs` shows, and both are allowed for exactly: a line end
//! right after a byte order mark, and an ID that ours leaves out since no header can carry it.

use std::fmt;

use sse_test::Reply;

use crate::{
    Outcome,
    both::{self, Both, Script},
    hostile,
    page::Page,
};

/// Has both read so many streams, that of this seed and those of the seeds that follow.
pub(crate) async fn compare(page: &mut Page<'_>, seed: u64, count: usize) -> Outcome<()> {
    let seeds: Vec<_> = (seed..).take(count).collect();
    let mut totals = Totals { streams: count, ..Totals::default() };
    for batch in seeds.chunks(BATCH) {
        let streams: Vec<_> = batch.iter().map(|seed| hostile::stream(*seed)).collect();
        let scripts: Vec<_> = streams.iter().map(|pieces| script(pieces)).collect();
        let seen = both::follow(page, &scripts).await?;
        for ((seed, pieces), both) in batch.iter().zip(streams).zip(seen) {
            let stream = pieces.concat();
            totals.add(&stream, &both);
            if let Some(difference) = difference(both) {
                let stream = stream.escape_ascii();
                return Err(format!("stream {seed} is \"{stream}\"\n{difference}").into());
            }
        }
    }
    println!("streams: {totals}");
    Ok(())
}

/// How much was compared, and how often a known difference was met.
#[derive(Debug, Default)]
struct Totals {
    streams: usize,
    bytes: usize,
    events: usize,
    line_ends_after_mark: usize,
    unsendable_ids: usize,
}

impl Totals {
    fn add(&mut self, stream: &[u8], both: &Both) {
        self.bytes += stream.len();
        self.events += both.ours.events.len();
        self.line_ends_after_mark += usize::from(has_line_end_after_mark(stream));
        self.unsendable_ids += usize::from(both.unsendable_id.is_some());
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { streams, bytes, events, line_ends_after_mark, unsendable_ids } = self;
        write!(
            f,
            "{streams} with {events} events in {bytes} bytes; known differences: \
             {line_ends_after_mark} line ends after a mark, {unsendable_ids} IDs left out"
        )
    }
}

/// The stream stands between a connection that makes the client hurry, and has an ID, and the end.
fn script(pieces: &[Vec<u8>]) -> Script {
    let replies = |pieces: &[Vec<u8>]| {
        let hurry = Reply::events("retry: 1\nid: before\n\n");
        // A pause lets each piece be read by itself.
        let stream = pieces.iter().fold(Reply::events(""), |reply, it| reply.pause().send(it));
        vec![hurry, stream, Reply::status(204)]
    };
    Script {
        for_chromium: replies(pieces),
        for_ours: replies(&as_chromium_takes_it(pieces)),
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
fn difference(both: Both) -> Option<String> {
    let Both { chromium, mut ours, unsendable_id } = both;
    if let (Some(id), Some(last)) = (unsendable_id, ours.requests.last_mut()) {
        // Chromium sends it. What reads a header drops white space around it.
        last.last_event_id =
            last.last_event_id.take().or(Some(id.as_bytes().trim_ascii().to_vec()));
    }
    match chromium {
        None => Some("Chromium came to no end".to_owned()),
        Some(seen) if seen != ours => Some(format!("Chromium sees\n{seen}and ours\n{ours}")),
        Some(_) => None,
    }
}

/// So many at a time leave a browser some of its sockets.
const BATCH: usize = 25;
