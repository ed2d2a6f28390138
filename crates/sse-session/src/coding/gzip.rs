//! The coding gzip (RFC 1952): members, each a header, deflated data and a trailer.
//!
//! A server may begin a new member with each flush. All members are decoded.

use flate2::Crc;

use super::{
    Decode, DecodeError,
    decode::{Progress, padding},
    inflate::Inflate,
};

/// Decoder of gzip.
#[derive(Debug)]
pub(super) struct Gzip {
    inflate: Inflate,
    field: Field,
    /// Bytes of the field that have arrived, if it has a fixed size.
    held: [u8; 10],
    held_len: usize,
    flags: u8,
    header_crc: Crc,
    crc: Crc,
    /// `true` after the first member.
    may_end: bool,
}

/// Field of a member (RFC 1952, section 2.3), in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    /// Magic number, method, flags, time, extra flags and operating system.
    Fixed,
    ExtraLength,
    /// Number of bytes that are left of the extra field.
    Extra(usize),
    Name,
    Comment,
    HeaderCrc,
    Data,
    /// CRC-32 and size of the data.
    Trailer,
}

const HEADER_CRC: u8 = 0b10;
const EXTRA: u8 = 0b100;
const NAME: u8 = 0b1000;
const COMMENT: u8 = 0b1_0000;
const RESERVED: u8 = 0b1110_0000;

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            inflate: Inflate::new("gzip"),
            field: Field::Fixed,
            held: [0; 10],
            held_len: 0,
            flags: 0,
            header_crc: Crc::new(),
            crc: Crc::new(),
            may_end: false,
        }
    }

    /// Consumes input up to the end of the field, and returns the number of bytes consumed. The
    /// field has ended if that is not all of the input.
    fn skip(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        match self.field {
            Field::Fixed => self.fixed(input),
            Field::ExtraLength => Ok(self.hold(input, 2, |gzip| {
                let len = u16::from_le_bytes([gzip.held[0], gzip.held[1]]);
                gzip.field = Field::Extra(len.into());
                Ok(())
            })?),
            Field::Extra(left) => {
                let read = left.min(input.len());
                self.header_crc.update(&input[..read]);
                self.field = Field::Extra(left - read);
                if read == left {
                    self.continue_header_after(Field::Extra(0));
                }
                Ok(read)
            }
            Field::Name | Field::Comment => {
                let end = input.iter().position(|&byte| byte == 0);
                let read = end.map_or(input.len(), |end| end + 1);
                self.header_crc.update(&input[..read]);
                if end.is_some() {
                    self.continue_header_after(self.field);
                }
                Ok(read)
            }
            Field::HeaderCrc => {
                let expected = self.header_crc.sum() as u16;
                self.hold(input, 2, |gzip| {
                    if u16::from_le_bytes([gzip.held[0], gzip.held[1]]) != expected {
                        return Err(invalid("wrong checksum of the header"));
                    }
                    gzip.continue_header_after(Field::HeaderCrc);
                    Ok(())
                })
            }
            Field::Trailer => self.hold(input, 8, |gzip| {
                let [c0, c1, c2, c3, s0, s1, s2, s3, ..] = gzip.held;
                if u32::from_le_bytes([c0, c1, c2, c3]) != gzip.crc.sum() {
                    return Err(invalid("wrong checksum"));
                }
                if u32::from_le_bytes([s0, s1, s2, s3]) != gzip.crc.amount() {
                    return Err(invalid("wrong size"));
                }
                gzip.field = Field::Fixed;
                gzip.may_end = true;
                Ok(())
            }),
            Field::Data => Ok(0),
        }
    }

    /// Consumes the fixed part of a header.
    fn fixed(&mut self, input: &[u8]) -> Result<usize, DecodeError> {
        if self.held_len == 0 && self.may_end {
            let padding = padding(input);
            if padding > 0 {
                return Ok(padding);
            }
        }
        // A wrong byte is an error at once, however slowly the others arrive.
        let held = self.held_len;
        let magic = input.iter().zip(&MAGIC[held.min(MAGIC.len())..]);
        if magic.into_iter().any(|(byte, expected)| byte != expected) {
            return Err(invalid("wrong magic number or method"));
        }
        self.hold(input, 10, |gzip| {
            gzip.flags = gzip.held[3];
            if gzip.flags & RESERVED != 0 {
                return Err(invalid("reserved flags"));
            }
            gzip.header_crc.reset();
            gzip.header_crc.update(&gzip.held);
            gzip.continue_header_after(Field::Fixed);
            Ok(())
        })
    }

    /// Holds bytes of a field of this size, and calls `complete` when all have arrived.
    fn hold(
        &mut self,
        input: &[u8],
        size: usize,
        complete: impl FnOnce(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<usize, DecodeError> {
        let read = (size - self.held_len).min(input.len());
        self.held[self.held_len..][..read].copy_from_slice(&input[..read]);
        self.held_len += read;
        if self.held_len == size {
            self.held_len = 0;
            if self.field == Field::ExtraLength {
                self.header_crc.update(&self.held[..size]);
            }
            complete(self)?;
        }
        Ok(read)
    }

    /// Continues with the next field that this header has.
    fn continue_header_after(&mut self, field: Field) {
        let fields = [
            (Field::Fixed, 0),
            (Field::ExtraLength, EXTRA),
            (Field::Extra(0), 0),
            (Field::Name, NAME),
            (Field::Comment, COMMENT),
            (Field::HeaderCrc, HEADER_CRC),
        ];
        let later = fields.iter().skip_while(|(it, _)| *it != field).skip(1);
        let next = later.into_iter().find(|(_, flag)| self.flags & flag != 0);
        self.field = next.map_or(Field::Data, |(field, _)| *field);
        if self.field == Field::Data {
            self.inflate.restart(false);
            self.crc.reset();
        }
    }
}

impl Decode for Gzip {
    fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<(), DecodeError> {
        loop {
            if self.field == Field::Data {
                if done.written == output.len() {
                    return Ok(());
                }
                let start = done.written;
                let has_ended = self.inflate.decode(input, output, done)?;
                self.crc.update(&output[start..done.written]);
                if !has_ended {
                    return Ok(());
                }
                self.field = Field::Trailer;
            } else if done.read == input.len() {
                return Ok(());
            } else {
                done.read += self.skip(&input[done.read..])?;
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.field == Field::Fixed && self.held_len == 0
    }
}

fn invalid(why: &'static str) -> DecodeError {
    DecodeError::new("gzip", why)
}

/// First bytes of a member: two that identify gzip, and the method deflate.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
