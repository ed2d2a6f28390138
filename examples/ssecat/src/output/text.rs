//! Prints events for a person, in the form of an event stream, in colors.
//!
//! Without colors, the output is a valid event stream: timestamps are comments, and formatted JSON
//! has the same value.

use std::{fmt::Write, time::SystemTime};

use anstyle::Style;
use sse_reqwest::ServerSentEvent;

use super::{pretty, style::Palette, timestamp};
use crate::args::OutputArgs;

pub(crate) struct TextFormat {
    palette: Palette,
    fields: Fields,
    layout: Layout,
    timestamps: Timestamps,
}

enum Fields {
    All,
    DataOnly,
}

enum Layout {
    Verbatim,
    PrettyJson,
}

#[derive(PartialEq)]
enum Timestamps {
    Shown,
    Hidden,
}

impl TextFormat {
    pub(crate) fn new(args: &OutputArgs, palette: Palette) -> Self {
        Self {
            palette,
            fields: if args.data_only { Fields::DataOnly } else { Fields::All },
            layout: if args.pretty { Layout::PrettyJson } else { Layout::Verbatim },
            timestamps: if args.timestamps { Timestamps::Shown } else { Timestamps::Hidden },
        }
    }

    /// Appends the event.
    pub(crate) fn event(&self, out: &mut String, event: &ServerSentEvent, time: SystemTime) {
        let time = (self.timestamps == Timestamps::Shown).then(|| timestamp(time));
        match self.fields {
            Fields::All => self.fields(out, event, time.as_deref()),
            Fields::DataOnly if event.has_data() => {
                if let Some(time) = time {
                    self.palette.put(out, self.palette.dim, &time);
                    out.push(' ');
                }
                self.data(out, "", event.data());
            }
            Fields::DataOnly => {}
        }
    }

    fn fields(&self, out: &mut String, event: &ServerSentEvent, time: Option<&str>) {
        let Palette { event_type, id, dim, .. } = self.palette;
        if let Some(time) = time {
            self.field(out, "", dim, time);
        }
        for comment in event.comments().into_iter().flat_map(|it| it.split('\n')) {
            self.field(out, "", dim, comment);
        }
        if let Some(name) = event.event() {
            self.field(out, "event", event_type, name);
        }
        if let Some(text) = event.id() {
            self.field(out, "id", id, text);
        }
        if let Some(retry) = event.retry() {
            self.field(out, "retry", dim, &retry.as_millis().to_string());
        }
        if event.has_data() {
            let mut prefix = String::new();
            self.name(&mut prefix, "data");
            self.data(out, &prefix, event.data());
        }
        out.push('\n');
    }

    fn field(&self, out: &mut String, name: &str, style: Style, value: &str) {
        self.name(out, name);
        self.palette.put(out, style, value);
        out.push('\n');
    }

    /// Appends the name of a field and a colon. The name of a comment is empty.
    fn name(&self, out: &mut String, name: &str) {
        let style = if name.is_empty() { self.palette.dim } else { self.palette.field };
        // Writing to a string cannot fail.
        let _ = write!(out, "{style}{name}:{style:#} ");
    }

    /// Appends lines of data, each after the prefix.
    fn data(&self, out: &mut String, prefix: &str, data: &str) {
        let laid_out = match self.layout {
            Layout::PrettyJson => pretty::lay_out(data, &self.palette),
            Layout::Verbatim => None,
        };
        let lines = match laid_out {
            Some(lines) => lines,
            None => data.split('\n').map(|line| self.palette.safe(line).into_owned()).collect(),
        };
        for line in lines {
            out.push_str(prefix);
            out.push_str(&line);
            out.push('\n');
        }
    }
}
