//! Wire format of an event: the inverse of the parser.
//!
//! Lines end in LF and the block in a blank line, so that consecutive events are an event stream.
//! The fields that tell a receiver what the data is for come before the data.
//!
//! Defines the form only; a [`Sink`], such as a buffer or a formatter, receives it.

use alloc::vec::Vec;
use core::{
    convert::Infallible,
    fmt::{self, Display, Write},
};

use memchr::{memchr, memchr_iter};

use crate::{
    event::ServerSentEvent,
    field::{DATA, EVENT, ID},
};

/// Receiver of a wire format, piece by piece.
pub(crate) trait Sink {
    type Error;

    fn put(&mut self, text: &str) -> Result<(), Self::Error>;
}

impl Sink for Vec<u8> {
    type Error = Infallible;

    #[inline]
    fn put(&mut self, text: &str) -> Result<(), Infallible> {
        self.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(any(feature = "codec", feature = "http-body"))]
impl Sink for bytes::BytesMut {
    type Error = Infallible;

    #[inline]
    fn put(&mut self, text: &str) -> Result<(), Infallible> {
        self.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Sink for fmt::Formatter<'_> {
    type Error = fmt::Error;

    #[inline]
    fn put(&mut self, text: &str) -> fmt::Result {
        self.write_str(text)
    }
}

/// Returns the length of the block that [`write_event`] writes, in bytes, and the number of its
/// lines of data.
///
/// Returning both searches the data for line breaks only once.
#[inline]
pub(crate) fn measure(event: &ServerSentEvent) -> (usize, Lines) {
    let (data, lines) =
        if event.has_data() { measure_lines(DATA, event.data()) } else { (0, Lines::One) };
    let event_type = event.event().map_or(0, |value| line_len(EVENT, value));
    let id = event.id().map_or(0, |value| line_len(ID, value));
    let rare = if event.has_rare() { rare_len(event) } else { 0 };
    (data + event_type + id + rare + "\n".len(), lines)
}

/// Number of lines of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    One,
    Several,
}

/// Length of the fields that few events have.
#[cold]
fn rare_len(event: &ServerSentEvent) -> usize {
    let comments = event.comments().map_or(0, |value| measure_lines(COMMENT, value).0);
    let retry =
        event.retry_millis().map_or(0, |millis| line_len(RETRY, Decimal::of(millis).text()));
    comments + retry
}

#[inline]
fn line_len(name: &str, value: &str) -> usize {
    name.len() + value.len() + "\n".len()
}

#[inline]
fn measure_lines(name: &str, value: &str) -> (usize, Lines) {
    let len = line_len(name, value);
    match memchr(b'\n', value.as_bytes()) {
        None => (len, Lines::One),
        Some(first) => {
            let breaks = 1 + memchr_iter(b'\n', &value.as_bytes()[first + 1..]).count();
            (len + breaks * name.len(), Lines::Several)
        }
    }
}

/// Writes a block with the given number of lines of data.
#[inline]
pub(crate) fn write_event<S: Sink>(
    out: &mut S,
    event: &ServerSentEvent,
    lines: Lines,
) -> Result<(), S::Error> {
    write_head(out, event)?;
    if event.has_data() {
        match lines {
            Lines::One => write_line(out, DATA, event.data())?,
            Lines::Several => write_lines(out, DATA, event.data())?,
        }
    }
    out.put("\n")
}

/// Writes the lines of a block that come before those of its data.
#[inline]
pub(crate) fn write_head<S: Sink>(out: &mut S, event: &ServerSentEvent) -> Result<(), S::Error> {
    if let Some(comments) = event.comments() {
        write_lines(out, COMMENT, comments)?;
    }
    if let Some(event_type) = event.event() {
        write_line(out, EVENT, event_type)?;
    }
    if let Some(id) = event.id() {
        write_line(out, ID, id)?;
    }
    if let Some(millis) = event.retry_millis() {
        write_line(out, RETRY, Decimal::of(millis).text())?;
    }
    Ok(())
}

/// Writes a value, in which the only line break is LF, as lines of one field.
///
/// That holds for the text of every event: the parser splits lines at all three line breaks and
/// joins values with LF, and the builder replaces CR and CRLF.
fn write_lines<S: Sink>(out: &mut S, name: &str, value: &str) -> Result<(), S::Error> {
    let mut rest = value;
    while let Some(end) = memchr(b'\n', rest.as_bytes()) {
        let (line, after) = rest.split_at(end + 1);
        out.put(name)?;
        out.put(line)?;
        rest = after;
    }
    write_line(out, name, rest)
}

#[inline]
fn write_line<S: Sink>(out: &mut S, name: &str, value: &str) -> Result<(), S::Error> {
    out.put(name)?;
    out.put(value)?;
    out.put("\n")
}

const COMMENT: &str = ": ";
const RETRY: &str = "retry: ";

/// Number as text.
struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    fn of(mut number: u64) -> Self {
        let mut decimal = Self { digits: [b'0'; 20], start: 20 };
        loop {
            decimal.start -= 1;
            decimal.digits[decimal.start] += (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return decimal;
            }
        }
    }

    fn text(&self) -> &str {
        // Never empty: digits are ASCII.
        core::str::from_utf8(&self.digits[self.start..]).unwrap_or_default()
    }
}

impl Display for ServerSentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_event(f, self, Lines::Several)
    }
}

/// Writes a block with the fields of `event` and, as its data, what `data` displays.
pub(crate) fn display_typed(
    f: &mut fmt::Formatter<'_>,
    event: &ServerSentEvent,
    data: &dyn Display,
) -> fmt::Result {
    write_head(f, event)?;
    f.write_str(DATA)?;
    write!(DataLines { out: f, after_cr: false }, "{data}")?;
    f.write_str("\n\n")
}

/// Writer that starts a new line of data at each line break of the text.
struct DataLines<'a> {
    out: &'a mut dyn Write,
    /// The last text ended in a CR: an LF at the start of the next one belongs to it.
    after_cr: bool,
}

impl Write for DataLines<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        if self.after_cr && !rest.is_empty() {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            self.after_cr = false;
        }
        while let Some(end) = rest.find(['\r', '\n']) {
            let (line, line_break) = rest.split_at(end);
            self.out.write_str(line)?;
            self.out.write_str("\n")?;
            self.out.write_str(DATA)?;
            self.after_cr = line_break == "\r";
            rest = line_break.strip_prefix("\r\n").unwrap_or(&line_break[1..]);
        }
        self.out.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use core::time::Duration;

    use crate::{BuildError, ServerSentEvent};

    #[test]
    fn every_field_has_its_line() -> Result<(), BuildError> {
        let event = ServerSentEvent::builder()
            .data("a\nb\n")
            .event("e")
            .id("")
            .retry(Duration::from_micros(1_999))
            .comments("hi\r\nho")
            .build()?;
        let wire = ": hi\n: ho\nevent: e\nid: \nretry: 1\ndata: a\ndata: b\ndata: \n\n";
        assert_eq!(event.to_string(), wire);
        Ok(())
    }

    #[test]
    fn line_breaks_are_found_in_values_that_display_in_fragments() -> Result<(), BuildError> {
        let event = ServerSentEvent::builder().id("1").build()?;
        let written = event.map_data(|_| format_args!("a{}\nb{}c", "\r", "\r").to_string());
        assert_eq!(written.to_string(), "id: 1\ndata: a\ndata: b\ndata: c\n\n");
        struct Pieces(&'static [&'static str]);
        impl core::fmt::Display for Pieces {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.iter().try_for_each(|piece| f.write_str(piece))
            }
        }
        for (pieces, lines) in [
            (&["a\r", "", "\nb", "\n", "\n"][..], "data: a\ndata: b\ndata: \ndata: \n"),
            (&["a\rb", "\nc"], "data: a\ndata: b\ndata: c\n"),
            (&["a\r", "b", "\nc"], "data: a\ndata: b\ndata: c\n"),
            (&["a\r", "\r", "\nc"], "data: a\ndata: \ndata: c\n"),
        ] {
            let event = ServerSentEvent::builder().id("1").build()?.map_data(|_| Pieces(pieces));
            assert_eq!(event.to_string(), alloc::format!("id: 1\n{lines}\n"));
        }
        Ok(())
    }

    #[test]
    fn build_error_names_the_field_that_cannot_be_encoded() {
        let builder = ServerSentEvent::builder;
        let cases = [
            (builder(), "event has no field"),
            (builder().event(""), "event has no field"),
            (builder().data("").event("a\rb"), "event type contains a line break"),
            (builder().id("a\nb"), "event ID contains a line break"),
            (builder().id("a\0b"), "event ID contains a NUL"),
        ];
        for (builder, message) in cases {
            assert_eq!(builder.build().unwrap_err().to_string(), message);
        }
    }
}
