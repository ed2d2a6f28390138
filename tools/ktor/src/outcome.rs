//! Outcome of a row with one client, as a cell of the table.

use std::time::Duration;

use sse_test::SeenRequest;

use crate::{
    row::{Row, Shows},
    seen::{Event, Seen},
};

/// Observations of a client and its server.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) seen: Vec<Seen>,
    pub(crate) requests: Vec<SeenRequest>,
    /// Number of events at the first [`Step::GoOn`](crate::row::Step::GoOn).
    pub(crate) events_before: Option<usize>,
    /// Words for the time after a cancellation.
    pub(crate) afterwards: Option<&'static str>,
}

impl Outcome {
    /// Returns the cell of the table.
    pub(crate) fn cell(&self, row: &Row) -> String {
        self.text(row, true)
    }

    /// Returns what is compared: the cell without the texts of errors.
    pub(crate) fn key(&self, row: &Row) -> String {
        self.text(row, false)
    }

    fn text(&self, row: &Row, has_errors: bool) -> String {
        match row.shows {
            Shows::Headers(names) => return self.headers(names),
            Shows::Flood(limit) => {
                let is_flood = self.requests.len() > limit;
                let relation = if is_flood { "more than" } else { "at most" };
                return format!("{relation} {limit} requests");
            }
            Shows::Wait(times) => return self.wait(times),
            Shows::Closes(_) | Shows::NoRequest | Shows::Connecting => {
                return self.afterwards.unwrap_or("not observed").to_owned();
            }
            Shows::Data | Shows::Fields | Shows::Ids | Shows::Requests | Shows::HeldBack => {}
        }
        let mut parts = vec![self.events(row.shows)];
        if row.shows == Shows::HeldBack {
            let is_at_once = self.events_before.is_some_and(|before| before > 0);
            parts.push(if is_at_once { "at once" } else { "held back until the next" }.to_owned());
        }
        parts.push(self.end(has_errors));
        match row.shows {
            Shows::Ids => parts.push(self.ids()),
            Shows::Requests => parts.push(count(self.requests.len(), "request")),
            _ => {}
        }
        parts.join("; ")
    }

    pub(crate) fn event_count(&self) -> usize {
        self.seen.iter().filter(|seen| seen.is_event()).count()
    }

    fn events(&self, shows: Shows) -> String {
        let events: Vec<_> = self.seen.iter().filter_map(|seen| of_item(seen, shows)).collect();
        if events.is_empty() { "no event".to_owned() } else { events.join(", ") }
    }

    fn end(&self, has_errors: bool) -> String {
        match self.seen.last() {
            Some(Seen::End(_)) => "end".to_owned(),
            Some(Seen::Error(text)) if has_errors => format!("error {}", code(&short(text))),
            Some(Seen::Error(_)) => "error".to_owned(),
            Some(Seen::Canceled(_)) => "canceled".to_owned(),
            _ => "no end".to_owned(),
        }
    }

    /// Returns the `Last-Event-ID` of each request, several values joined as HTTP joins them.
    fn ids(&self) -> String {
        let ids = self.requests.iter().map(|request| {
            let values = request.headers.iter().filter(|(name, _)| name == "last-event-id");
            let values: Vec<_> = values.map(|(_, value)| shown(value)).collect();
            match values.as_slice() {
                [] => "none".to_owned(),
                [value] if value.is_empty() => "empty".to_owned(),
                values => code(&values.join(", ")),
            }
        });
        format!("ID {}", ids.collect::<Vec<_>>().join(", "))
    }

    fn headers(&self, names: &[&str]) -> String {
        let Some(request) = self.requests.first() else { return "no request".to_owned() };
        let shown = names.iter().map(|name| {
            let values = request.headers.iter().filter(|(header, _)| header == name);
            let values: Vec<_> = values.map(|(_, value)| shown(value)).collect();
            if values.is_empty() { format!("no `{name}`") } else { code(&values.join(", ")) }
        });
        shown.collect::<Vec<_>>().join("; ")
    }

    fn wait(&self, times: &[u64]) -> String {
        let [first, second, ..] = self.requests.as_slice() else {
            return format!("{}; {}", self.end(true), count(self.requests.len(), "request"));
        };
        let wait = second.time.saturating_sub(first.time);
        let distance = |time: &&u64| Duration::from_millis(**time).abs_diff(wait);
        let closest = times.iter().min_by_key(distance).copied().unwrap_or_default();
        format!("after {closest} ms")
    }
}

fn of_item(seen: &Seen, shows: Shows) -> Option<String> {
    Some(match seen {
        Seen::Event(event) => of_event(event, shows),
        Seen::Value(Some(value)) => value.to_string(),
        Seen::Value(None) => "null".to_owned(),
        Seen::Undecoded(_) => "an error item".to_owned(),
        _ => return None,
    })
}

fn of_event(event: &Event, shows: Shows) -> String {
    let Event { event: kind, id, retry, comments, data } = event;
    if let (Some(data), false) = (data, shows == Shows::Fields) {
        return match data.chars().count() {
            len if len > LONGEST => format!("({len} characters)"),
            _ => code(data),
        };
    }
    let retry = retry.map(|retry| retry.to_string());
    let fields = [("event", kind), ("id", id), ("retry", &retry), ("comment", comments)];
    let mut parts: Vec<_> = fields
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name} {}", code(value))))
        .collect();
    parts.extend(data.as_deref().map(code));
    format!("({})", parts.join(" "))
}

fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// Returns the first and the last of a chain of errors, without the address of the server, which
/// differs in each run.
fn short(text: &str) -> String {
    let first = text.split(CAUSED_BY).next().unwrap_or_default();
    let last = text.split(CAUSED_BY).last().filter(|last| message(last) != message(first));
    let chain = [Some(first), last].into_iter().flatten().collect::<Vec<_>>().join(CAUSED_BY);
    let mut pieces = chain.split(HOST);
    let mut masked = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        masked += HOST;
        masked += piece.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    masked.replace(" (http://127.0.0.1:/)", "")
}

/// Returns what follows the name of an exception.
fn message(error: &str) -> &str {
    error.split_once(": ").map_or(error, |(_, message)| message)
}

/// Separator of an error and its cause in the reports of the clients.
const CAUSED_BY: &str = " < ";
const HOST: &str = "127.0.0.1:";

fn shown(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.escape_ascii().to_string(),
    }
}

/// Returns a text as code in a cell of a Markdown table, shortened.
fn code(text: &str) -> String {
    let mut text: String = text.chars().flat_map(shown_char).collect();
    let len = text.chars().count();
    if len > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        text = start + "…";
    }
    let text = text.replace('`', "'").replace('|', "\\|");
    if text.is_empty() { "empty".to_owned() } else { format!("`{text}`") }
}

fn shown_char(c: char) -> Vec<char> {
    if c.is_control() || c == '\u{feff}' { c.escape_default().collect() } else { vec![c] }
}

const LONGEST: usize = 110;
