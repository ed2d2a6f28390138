//! Reads a response with chunked coding, from its head on, and checks each event.

use bytes::Bytes;
use sse_core::Parser;

use super::stream;

/// Response of one connection, whose events have all arrived once and in order so far.
pub struct Response {
    parser: Parser,
    state: State,
    /// Number of events.
    pub events: u64,
}

/// Meaning of the next byte.
#[derive(Clone, Copy)]
enum State {
    /// The head, of whose end this many bytes have been read.
    Head { matched: usize },
    /// The size of a chunk, whose digits so far have this value.
    Size(usize),
    /// This many bytes of a chunk's data.
    Data(usize),
    /// The line break after a chunk.
    AfterData,
}

impl Response {
    pub fn new() -> Self {
        Self { parser: Parser::new(), state: State::Head { matched: 0 }, events: 0 }
    }

    /// Returns `true` once the head was read.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, State::Head { .. })
    }

    /// Reads bytes.
    ///
    /// # Errors
    ///
    /// If the body ends, or an event is not the next one.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut rest = bytes;
        while let [byte, after @ ..] = rest {
            if let State::Data(left) = self.state {
                let (data, after) = rest.split_at(left.min(rest.len()));
                self.state = if data.len() == left {
                    State::AfterData
                } else {
                    State::Data(left - data.len())
                };
                self.parse(data)?;
                rest = after;
                continue;
            }
            rest = after;
            self.state = match (self.state, *byte) {
                (State::Head { matched: 3 }, b'\n') => State::Size(0),
                (State::Head { matched }, byte) if byte == b"\r\n\r\n"[matched] => {
                    State::Head { matched: matched + 1 }
                }
                (State::Head { .. }, _) => State::Head { matched: 0 },
                (State::Size(0), b'\n') => return Err("the body has ended".to_owned()),
                (State::Size(size), b'\n') => State::Data(size),
                (State::Size(size), b'\r') => State::Size(size),
                (State::Size(size), digit) => {
                    let digit = char::from(digit).to_digit(16).ok_or("no size of a chunk")?;
                    State::Size(size * 16 + digit as usize)
                }
                (State::AfterData, b'\n') => State::Size(0),
                (state, _) => state,
            };
        }
        Ok(())
    }

    fn parse(&mut self, data: &[u8]) -> Result<(), String> {
        let mut data = Bytes::copy_from_slice(data);
        while let Some(event) = self.parser.next(&mut data).map_err(|error| error.to_string())? {
            if !stream::is_event(&event, self.events) {
                return Err(format!("event {} is {event:?}", self.events));
            }
            self.events += 1;
        }
        Ok(())
    }
}
