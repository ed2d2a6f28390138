//! Reader of borrowed events around `sseer`'s function that splits a line.
//!
//! Keeps the bytes of the open block, and the places of its fields in them. An incomplete line is
//! scanned again with each chunk, since the function starts again.

use std::{hint::black_box, ops::Range, str};

use sseer::parser::{RawEventLine, parse_line};

use crate::contest::{Input, Tally};

pub fn run(input: &mut Input) -> Tally {
    let mut tally = Tally::default();
    let mut block = Block::default();
    // The bytes of the open block, if it began in an earlier chunk.
    let mut carry: Vec<u8> = Vec::new();
    for chunk in &input.chunks {
        if carry.is_empty() {
            let used = block.read(chunk, &mut tally);
            carry.extend_from_slice(&chunk[used..]);
        } else {
            carry.extend_from_slice(chunk);
            let used = block.read(&carry, &mut tally);
            carry.drain(..used);
        }
        if input.is_over() {
            return Tally { stopped: true, ..tally };
        }
    }
    tally
}

/// The open block. All places count from its first byte.
#[derive(Default)]
struct Block {
    /// Length of its whole lines.
    read: usize,
    lines: usize,
    data: Range<usize>,
    event: Range<usize>,
    id: Range<usize>,
    /// The data, if it has several lines.
    joined: Vec<u8>,
}

impl Block {
    /// Reads blocks from bytes that start with the open one, and returns the start of the next.
    fn read(&mut self, bytes: &[u8], tally: &mut Tally) -> usize {
        let mut start = 0;
        while let Some((line, rest)) = parse_line(&bytes[start + self.read..]) {
            let block = &bytes[start..];
            self.read = block.len() - rest.len();
            match line {
                RawEventLine::Empty => {
                    self.dispatch(block, tally);
                    start += self.read;
                    self.clear();
                }
                RawEventLine::Field { field_name, field_value } => {
                    self.field(block, field_name, field_value.unwrap_or_default());
                }
                RawEventLine::Comment => {}
            }
        }
        start
    }

    fn field(&mut self, block: &[u8], name: &[u8], value: &[u8]) {
        let at = (value.as_ptr() as usize).saturating_sub(block.as_ptr() as usize);
        let place = if value.is_empty() { 0..0 } else { at..at + value.len() };
        match name {
            b"data" => {
                if self.lines == 1 {
                    self.joined.extend_from_slice(&block[self.data.clone()]);
                }
                if self.lines > 0 {
                    self.joined.push(b'\n');
                    self.joined.extend_from_slice(value);
                }
                self.data = place;
                self.lines += 1;
            }
            b"event" => self.event = place,
            b"id" => self.id = place,
            _ => {}
        }
    }

    fn dispatch(&self, block: &[u8], tally: &mut Tally) {
        let data = match self.lines {
            0 => return,
            1 => &block[self.data.clone()],
            _ => &self.joined,
        };
        match str::from_utf8(data) {
            Ok(data) => tally.add(data.len()),
            Err(_) => tally.errors += 1,
        }
        black_box((&block[self.event.clone()], &block[self.id.clone()]));
    }

    fn clear(&mut self) {
        self.joined.clear();
        let joined = std::mem::take(&mut self.joined);
        *self = Self { joined, ..Self::default() };
    }
}
