//! Content codings of a reply's body.
//!
//! Compresses a body piece by piece. A flush after each piece lets the client decompress it as soon
//! as it arrives; without one, the client has to wait for the end.

#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
use std::io::Write;
use std::{fmt, io};

/// Content coding of a reply's body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Coding {
    Identity,
    #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
    Content(ContentCoding, Flush),
}

/// Time at which the encoder of a body writes out what it has compressed.
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flush {
    EachPiece,
    AtEnd,
}

/// Content coding of a compressed body (feature `brotli`, `gzip` or `zstd`).
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentCoding {
    /// `br` (feature `brotli`).
    #[cfg(feature = "brotli")]
    Brotli,
    /// `gzip` (feature `gzip`).
    #[cfg(feature = "gzip")]
    Gzip,
    /// `zstd` (feature `zstd`).
    #[cfg(feature = "zstd")]
    Zstd,
}

#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
impl ContentCoding {
    /// Returns its name in `Content-Encoding`.
    pub(crate) fn token(self) -> &'static str {
        match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => "br",
            #[cfg(feature = "gzip")]
            Self::Gzip => "gzip",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
        }
    }

    fn encoder(self) -> io::Result<Box<dyn Compress>> {
        Ok(match self {
            #[cfg(feature = "brotli")]
            Self::Brotli => Box::new(brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18)),
            #[cfg(feature = "gzip")]
            Self::Gzip => Box::new(flate2::write::GzEncoder::new(Vec::new(), Default::default())),
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                Box::new(zstd::Encoder::new(Vec::new(), zstd::DEFAULT_COMPRESSION_LEVEL)?)
            }
        })
    }
}

/// Encoder of one body.
pub(crate) enum Encoder {
    Identity,
    #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
    Content(Box<dyn Compress>, Flush),
}

impl Encoder {
    pub(crate) fn new(coding: Coding) -> io::Result<Self> {
        match coding {
            Coding::Identity => Ok(Self::Identity),
            #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
            Coding::Content(coding, flush) => Ok(Self::Content(coding.encoder()?, flush)),
        }
    }

    /// Encodes a piece. All of it can then be decoded, unless the encoder flushes only at the end.
    /// An empty piece yields nothing.
    pub(crate) fn encode(&mut self, piece: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(piece.to_vec()),
            #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
            Self::Content(..) if piece.is_empty() => Ok(Vec::new()),
            #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
            Self::Content(encoder, flush) => {
                encoder.write_all(piece)?;
                if *flush == Flush::EachPiece {
                    encoder.flush()?;
                }
                Ok(std::mem::take(encoder.coded()))
            }
        }
    }

    /// Returns the end of the coded body.
    pub(crate) fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(Vec::new()),
            #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
            Self::Content(encoder, _) => encoder.finish(),
        }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Encoder(..)")
    }
}

/// Common interface of the encoders of all codings.
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
pub(crate) trait Compress: Write + Send {
    /// Returns the bytes that have been encoded and not taken.
    fn coded(&mut self) -> &mut Vec<u8>;

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>>;
}

#[cfg(feature = "brotli")]
impl Compress for brotli::CompressorWriter<Vec<u8>> {
    fn coded(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        Ok(self.into_inner())
    }
}

#[cfg(feature = "gzip")]
impl Compress for flate2::write::GzEncoder<Vec<u8>> {
    fn coded(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        (*self).finish()
    }
}

#[cfg(feature = "zstd")]
impl Compress for zstd::Encoder<'static, Vec<u8>> {
    fn coded(&mut self) -> &mut Vec<u8> {
        self.get_mut()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        (*self).finish()
    }
}
