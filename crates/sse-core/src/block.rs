//! Fields in, one block out: the buffers of a block that does not lie in one piece.
//!
//! A block that lies inside one chunk, each of its values on one line, never comes here. Decides
//! nothing: what a blank line does with a block is [`crate::reader`]'s.

use alloc::vec::Vec;

use crate::{
    event_ref::EventRef,
    field::{Field, FieldName},
};

/// The fields of the block that is being read, copied out of the chunks they came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenBlock {
    data: Lines,
    comments: Lines,
    event: Value,
    id: Value,
    retry: Option<u64>,
    /// The value being read, of a field of which the last one counts.
    pending: Vec<u8>,
}

impl OpenBlock {
    pub(crate) fn is_empty(&self) -> bool {
        self.view().is_empty()
    }

    /// The block as it stands.
    pub(crate) fn view(&self) -> EventRef<'_> {
        EventRef {
            data: self.data.get(),
            event: self.event.get(),
            id: self.id.get(),
            retry: self.retry,
            comments: self.comments.get(),
        }
    }

    /// Takes over what has been read of a block in place.
    pub(crate) fn absorb(&mut self, fields: &EventRef<'_>) {
        let EventRef { data, event, id, retry, comments } = *fields;
        if let Some(line) = data {
            self.data.begin_line();
            self.data.bytes.extend_from_slice(line);
        }
        if let Some(line) = comments {
            self.comments.begin_line();
            self.comments.bytes.extend_from_slice(line);
        }
        if let Some(value) = event {
            self.event.set(value);
        }
        if let Some(value) = id {
            self.id.set(value);
        }
        self.retry = retry;
    }

    /// Adds a field that is there as a whole.
    pub(crate) fn push(&mut self, field: Field<'_>) {
        self.begin(field.name);
        self.extend(field.name, field.value);
        self.end(field.name);
    }

    /// Opens the value of a field.
    pub(crate) fn begin(&mut self, name: FieldName) {
        match name {
            FieldName::Data => self.data.begin_line(),
            FieldName::Comment => self.comments.begin_line(),
            FieldName::Event | FieldName::Id | FieldName::Retry => self.pending.clear(),
        }
    }

    /// Adds bytes to the value that is open.
    pub(crate) fn extend(&mut self, name: FieldName, bytes: &[u8]) {
        match name {
            FieldName::Data => self.data.bytes.extend_from_slice(bytes),
            FieldName::Comment => self.comments.bytes.extend_from_slice(bytes),
            FieldName::Event | FieldName::Id | FieldName::Retry => {
                self.pending.extend_from_slice(bytes);
            }
        }
    }

    /// The bytes so far of the open value, if it is one of which the last counts.
    pub(crate) fn pending(&self) -> &[u8] {
        &self.pending
    }

    /// Closes the value that is open: only now does it replace the one before it.
    pub(crate) fn end(&mut self, name: FieldName) {
        match name {
            FieldName::Data | FieldName::Comment => {}
            FieldName::Event if self.pending.is_empty() => self.event.clear(),
            FieldName::Event => self.event.set(&self.pending),
            FieldName::Id if is_ignored_id(&self.pending) => {}
            FieldName::Id => self.id.set(&self.pending),
            FieldName::Retry => self.retry = parse_retry(&self.pending).or(self.retry),
        }
    }

    /// Forgets the block, and gives back memory that a small one will not need.
    pub(crate) fn clear(&mut self) {
        self.data.clear();
        self.comments.clear();
        self.event.clear();
        self.id.clear();
        self.retry = None;
        clear_and_shrink(&mut self.pending);
    }
}

/// "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the
/// field value. Otherwise, ignore the field."
#[inline]
pub(crate) fn is_ignored_id(value: &[u8]) -> bool {
    value.contains(&0)
}

/// Reads the value of a `retry` field, in milliseconds: "if the field value consists of only
/// ASCII digits"; `None` if it does not. A number too large for its type becomes the largest.
pub(crate) fn parse_retry(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let millis = value.iter().fold(0_u64, |millis, digit| {
        millis.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
    });
    Some(millis)
}

/// The values of the lines of one field, with an LF between them.
#[derive(Debug, Clone, Default)]
struct Lines {
    bytes: Vec<u8>,
    count: usize,
}

impl Lines {
    fn begin_line(&mut self) {
        if self.count > 0 {
            self.bytes.push(b'\n');
        }
        self.count += 1;
    }

    fn get(&self) -> Option<&[u8]> {
        (self.count > 0).then_some(&*self.bytes)
    }

    fn clear(&mut self) {
        clear_and_shrink(&mut self.bytes);
        self.count = 0;
    }
}

/// The value of a field of which the last one counts. An `Option<Vec<u8>>` that keeps its memory.
#[derive(Debug, Clone, Default)]
struct Value {
    bytes: Vec<u8>,
    presence: Presence,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Presence {
    Present,
    #[default]
    Absent,
}

impl Value {
    fn set(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.presence = Presence::Present;
    }

    fn get(&self) -> Option<&[u8]> {
        (self.presence == Presence::Present).then_some(&*self.bytes)
    }

    fn clear(&mut self) {
        clear_and_shrink(&mut self.bytes);
        self.presence = Presence::Absent;
    }
}

fn clear_and_shrink(bytes: &mut Vec<u8>) {
    bytes.clear();
    if bytes.capacity() > RETAINED_BYTES {
        *bytes = Vec::new();
    }
}

/// What each buffer keeps between two blocks: five of them stay below 256 bytes for an idle parser.
const RETAINED_BYTES: usize = 48;

#[cfg(test)]
mod tests {
    use super::parse_retry;

    #[test]
    fn retry_is_ascii_digits_and_nothing_else() {
        assert_eq!(parse_retry(b"0"), Some(0));
        assert_eq!(parse_retry(b"0010"), Some(10));
        assert_eq!(parse_retry(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(parse_retry(b"99999999999999999999999"), Some(u64::MAX));
        for value in ["", "1000x", "-1", "+5", " 5", "5 ", "1_000", "1.5", "\u{0665}"] {
            assert_eq!(parse_retry(value.as_bytes()), None, "{value:?}");
        }
    }
}
