//! An event in, its wire form out: the inverse of the parser.
//!
//! Lines end in LF and the block in a blank line, so that events written one after the other are
//! an event stream. What comes before the data is written before it, so that a reader knows what
//! it is for when it arrives.

use core::fmt::{self, Display, Write};

use crate::event::ServerSentEvent;

impl Display for ServerSentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_event(f, self, self.has_data().then(|| self.data()))
    }
}

/// Writes a block with the fields of `event`, its data aside, and the data given.
pub(crate) fn write_event(
    f: &mut fmt::Formatter<'_>,
    event: &ServerSentEvent,
    data: Option<impl Display>,
) -> fmt::Result {
    if let Some(comments) = event.comments() {
        write_lines(f, "", &comments)?;
    }
    if let Some(event_type) = event.event() {
        write_lines(f, "event", &event_type)?;
    }
    if let Some(id) = event.id() {
        write_lines(f, "id", &id)?;
    }
    if let Some(retry) = event.retry() {
        write_lines(f, "retry", &retry.as_millis())?;
    }
    if let Some(data) = data {
        write_lines(f, "data", &data)?;
    }
    f.write_char('\n')
}

/// Writes a value as lines of one field.
fn write_lines(out: &mut dyn Write, name: &str, value: &dyn Display) -> fmt::Result {
    write!(out, "{name}: ")?;
    write!(FieldWriter { out, name, after_cr: false }, "{value}")?;
    out.write_char('\n')
}

/// Starts a new line of the field wherever the text that is written through it has a line break.
struct FieldWriter<'a> {
    out: &'a mut dyn Write,
    name: &'a str,
    /// The last text ended in a CR: an LF at the start of the next one belongs to it.
    after_cr: bool,
}

impl Write for FieldWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        if self.after_cr && !rest.is_empty() {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
            self.after_cr = false;
        }
        while let Some(end) = rest.find(['\r', '\n']) {
            let (line, line_break) = rest.split_at(end);
            write!(self.out, "{line}\n{}: ", self.name)?;
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
    fn line_breaks_are_found_in_values_that_display_in_pieces() -> Result<(), BuildError> {
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
    fn what_the_wire_cannot_carry_is_refused() {
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
