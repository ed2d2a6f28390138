//! Body of a reply: applies the content coding and splits the body into the parts that are sent.
//!
//! The HTTP version frames the parts.

use std::{io, mem};

use crate::{coding::Encoder, parts::Step, reply::Reply};

/// Body of one reply, as far as it has been sent.
#[derive(Debug)]
pub(crate) struct Body {
    state: State,
    max_part: usize,
}

#[derive(Debug)]
enum State {
    /// Bytes that are sent are not part of a body.
    Absent,
    Present(Encoder),
}

impl Body {
    pub(crate) fn new(reply: &Reply, method: &str) -> io::Result<Self> {
        let status = reply.head.as_ref().map(|head| head.status);
        // RFC 9110, section 6.4.1: these have no body, whatever their heads contain.
        let state = if method == "HEAD" || matches!(status, Some(100..=199 | 204 | 304)) {
            State::Absent
        } else {
            State::Present(Encoder::new(reply.coding)?)
        };
        Ok(Self { state, max_part: reply.max_piece })
    }

    pub(crate) fn is_present(&self) -> bool {
        matches!(self.state, State::Present(_))
    }

    /// Returns the parts of a piece. None of them is empty.
    pub(crate) fn parts(&mut self, piece: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        match &mut self.state {
            State::Absent => Ok(Vec::new()),
            State::Present(encoder) => Ok(cut(&encoder.encode(piece)?, self.max_part)),
        }
    }

    /// Returns the parts that complete the body.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<Vec<u8>>> {
        match mem::replace(&mut self.state, State::Absent) {
            State::Absent => Ok(Vec::new()),
            State::Present(encoder) => Ok(cut(&encoder.finish()?, self.max_part)),
        }
    }
}

/// Returns the length of the body that the steps of a reply send.
pub(crate) fn len(reply: &Reply) -> io::Result<usize> {
    let mut encoder = Encoder::new(reply.coding)?;
    let mut len = 0;
    for step in &reply.steps {
        if let Step::Send(piece) = step {
            len += encoder.encode(piece)?.len();
        }
    }
    Ok(len + encoder.finish()?.len())
}

fn cut(bytes: &[u8], max_part: usize) -> Vec<Vec<u8>> {
    bytes.chunks(max_part).map(<[u8]>::to_vec).collect()
}
