//! Content codings of the server's bodies, and their encoders.

use std::{fmt, io, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::workloads::Workload;

/// Content coding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Coding {
    Identity,
    Gzip,
    /// A gzip member for each event, as some servers send with each flush. Only sessions that
    /// decode read more than the first member.
    GzipMembers,
    Br,
    Zstd,
}

impl Coding {
    /// Codings that every decoder reads.
    pub const CODED: [Self; 3] = [Self::Gzip, Self::Br, Self::Zstd];

    /// Returns the name in `Content-Encoding`.
    pub const fn token(self) -> &'static str {
        match self {
            Self::GzipMembers => Self::Gzip.name(),
            _ => self.name(),
        }
    }

    /// Name in tables and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::GzipMembers => "gzip-members",
            Self::Br => "br",
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Coding {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mut all = [Self::Identity, Self::GzipMembers].into_iter().chain(Self::CODED);
        all.find(|coding| coding.name() == name).ok_or_else(|| format!("no such coding: `{name}`"))
    }
}

/// Events of a workload in a content coding.
pub struct Encoded {
    pub bytes: Vec<u8>,
    /// Ends of the events in `bytes`: the encoder was flushed there.
    pub flushes: Vec<usize>,
    /// Bytes that end the coded stream.
    pub end: Vec<u8>,
}

/// Encodes that many events of a workload, which is repeated: as one stream, except for members of
/// gzip, as a decoder may stop at the end of the first one.
pub fn encode(workload: &Workload, coding: Coding, events: u64) -> io::Result<Encoded> {
    let starts = [0].into_iter().chain(workload.flushes.iter().copied());
    let blocks = starts.zip(&workload.flushes).map(|(start, &end)| &workload.bytes[start..end]);
    let blocks: Vec<_> = blocks.collect();
    encoders::encode(coding, blocks.into_iter().cycle().take(events as usize))
}

#[cfg(feature = "codings")]
mod encoders {
    use std::{
        io::{self, Write},
        mem,
    };

    use super::{Coding, Encoded};

    /// Encodes with the defaults of tower-http's `CompressionLayer`.
    pub fn encode<'a>(
        coding: Coding,
        blocks: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<Encoded> {
        let out = Vec::new();
        match coding {
            Coding::Identity => Err(io::Error::other("nothing to encode")),
            Coding::Gzip => {
                let gzip = flate2::write::GzEncoder::new(out, flate2::Compression::default());
                run(gzip, |gzip| gzip.get_mut(), |gzip| gzip.finish(), blocks)
            }
            Coding::GzipMembers => members(blocks),
            Coding::Br => {
                let br = brotli::CompressorWriter::new(out, BUFFER, BR_QUALITY, BR_WINDOW_LOG);
                run(br, |br| br.get_mut(), |br| Ok(br.into_inner()), blocks)
            }
            Coding::Zstd => {
                let zstd = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                run(zstd, |zstd| zstd.get_mut(), |zstd| zstd.finish(), blocks)
            }
        }
    }

    fn members<'a>(blocks: impl Iterator<Item = &'a [u8]>) -> io::Result<Encoded> {
        let (mut bytes, mut flushes) = (Vec::new(), Vec::new());
        for block in blocks {
            let mut gzip = flate2::write::GzEncoder::new(bytes, flate2::Compression::default());
            gzip.write_all(block)?;
            bytes = gzip.finish()?;
            flushes.push(bytes.len());
        }
        Ok(Encoded { bytes, flushes, end: Vec::new() })
    }

    fn run<'a, E: Write>(
        mut encoder: E,
        output: impl Fn(&mut E) -> &mut Vec<u8>,
        finish: impl FnOnce(E) -> io::Result<Vec<u8>>,
        blocks: impl Iterator<Item = &'a [u8]>,
    ) -> io::Result<Encoded> {
        let mut flushes = Vec::new();
        for block in blocks {
            encoder.write_all(block)?;
            encoder.flush()?;
            flushes.push(output(&mut encoder).len());
        }
        let bytes = mem::take(output(&mut encoder));
        Ok(Encoded { bytes, flushes, end: finish(encoder)? })
    }

    const BUFFER: usize = 4096;
    const BR_QUALITY: u32 = 4;
    const BR_WINDOW_LOG: u32 = 22;
}

#[cfg(not(feature = "codings"))]
mod encoders {
    use std::io;

    use super::{Coding, Encoded};

    pub fn encode<'a>(_: Coding, _: impl Iterator<Item = &'a [u8]>) -> io::Result<Encoded> {
        Err(io::Error::other("built without the feature `codings`"))
    }
}
