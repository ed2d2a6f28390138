//! What a server that may misbehave does with one request, as data.
//!
//! Says what is sent, when, and how it ends. Sends nothing itself: [`super::scripted`] does.

/// The answer to one request: a head, pieces of a body, and an end.
///
/// Unless told otherwise the body is chunked and complete, and the connection closed after it.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(super) head: Option<Head>,
    pub(super) framing: Framing,
    pub(super) steps: Vec<Step>,
    pub(super) end: End,
}

#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
}

/// How the client can tell where the body ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Framing {
    Chunked,
    /// The length that is sent, and so much more.
    Length {
        missing: usize,
    },
    /// It cannot but by the end of the connection.
    UntilClose,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Send(Vec<u8>),
    /// Until the test says go on, or the client closes the connection.
    Pause,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// The body is complete, and the connection is closed.
    Complete,
    /// The connection is closed, whether or not the body is complete.
    Cut,
    /// The connection is reset.
    Reset,
    /// Nothing, until the client closes the connection.
    Hang,
    /// The last piece again and again, until the client closes the connection.
    Repeat,
}

impl Reply {
    /// Starts an answer with this status and nothing else.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            head: Some(Head { status, headers: Vec::new() }),
            framing: Framing::Chunked,
            steps: Vec::new(),
            end: End::Complete,
        }
    }

    /// Starts an event stream with these bytes.
    pub(crate) fn events(body: impl AsRef<[u8]>) -> Self {
        Self::status(200).header("content-type", "text/event-stream").send(body)
    }

    /// No answer at all: the request is read, and that is it.
    pub(crate) fn nothing() -> Self {
        Self { head: None, ..Self::status(200) }.hang()
    }

    /// Answers that the resource is there.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("location", location)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(head) = &mut self.head {
            head.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Sends one more piece of the body.
    pub(crate) fn send(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.steps.push(Step::Send(piece.as_ref().to_vec()));
        self
    }

    /// Waits for the test to say go on.
    pub(crate) fn pause(mut self) -> Self {
        self.steps.push(Step::Pause);
        self
    }

    /// Says the length of the body in the head.
    pub(crate) fn with_length(self) -> Self {
        self.with_length_too_long_by(0)
    }

    /// Says a length in the head that promises so many bytes more than are sent.
    pub(crate) fn with_length_too_long_by(self, missing: usize) -> Self {
        Self { framing: Framing::Length { missing }, ..self }
    }

    /// Says nothing of the length: the body ends with the connection.
    pub(crate) fn until_close(self) -> Self {
        Self { framing: Framing::UntilClose, ..self }
    }

    /// Ends by closing the connection, though the body may be incomplete.
    pub(crate) fn cut(self) -> Self {
        Self { end: End::Cut, ..self }
    }

    /// Ends by a reset of the connection. What was sent right before may be lost with it: pause
    /// where it must not be.
    pub(crate) fn reset(self) -> Self {
        Self { end: End::Reset, ..self }
    }

    /// Does not end before the client closes the connection.
    pub(crate) fn hang(self) -> Self {
        Self { end: End::Hang, ..self }
    }

    /// Repeats the last piece until the client closes the connection.
    pub(crate) fn repeat(self) -> Self {
        Self { end: End::Repeat, ..self }
    }

    /// The head as it goes over the wire; empty if there is none.
    pub(super) fn head_bytes(&self) -> Vec<u8> {
        let Some(Head { status, headers }) = &self.head else {
            return Vec::new();
        };
        let mut head = format!("HTTP/1.1 {status} Scripted\r\nconnection: close\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match self.framing {
            _ if *status == 204 => {}
            Framing::Chunked => head.push_str("transfer-encoding: chunked\r\n"),
            Framing::Length { missing } => {
                let sent = self.steps.iter().map(Step::len).sum::<usize>();
                head.push_str(&format!("content-length: {}\r\n", sent + missing));
            }
            Framing::UntilClose => {}
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// A piece of the body as it goes over the wire.
    pub(super) fn frame(&self, piece: &[u8]) -> Vec<u8> {
        match self.framing {
            // An empty chunk would be the last one.
            Framing::Chunked if !piece.is_empty() => {
                let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
                chunk.extend_from_slice(piece);
                chunk.extend_from_slice(b"\r\n");
                chunk
            }
            _ => piece.to_vec(),
        }
    }

    /// What completes the body.
    pub(super) fn last_chunk(&self) -> &'static [u8] {
        match (&self.head, self.framing) {
            (Some(head), Framing::Chunked) if head.status != 204 => b"0\r\n\r\n",
            _ => b"",
        }
    }
}

impl Step {
    fn len(&self) -> usize {
        match self {
            Self::Send(piece) => piece.len(),
            Self::Pause => 0,
        }
    }
}
