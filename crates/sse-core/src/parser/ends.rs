//! Public methods for the end of a stream: a line, an event and its data that are incomplete.
//!
//! Documents them; [`crate::reader`] implements them.

use super::Parser;

impl Parser {
    /// Returns `true` if the stream is within a line: a part of a line was received, and not its
    /// line end. At the end of a stream, this means that the stream is truncated, or that the
    /// server omits its last line end.
    ///
    /// ```
    /// let mut parser = sse_core::Parser::new();
    /// assert_eq!(parser.next(&mut "data: hel".into())?, None);
    /// assert!(parser.is_in_line());
    /// assert_eq!(parser.next(&mut "lo\n".into())?, None);
    /// assert!(!parser.is_in_line());
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn is_in_line(&self) -> bool {
        self.reader.is_in_line()
    }

    /// Returns `true` if a part of an event was received, and not the blank line that ends it:
    /// data, an event type or an ID. The last line of that part may be
    /// [incomplete](Self::is_in_line).
    ///
    /// Comments are not a part of an event, nor are lines that are ignored, nor is a reconnection
    /// time, which is in effect once its line ends. So [`pending_bytes`](Self::pending_bytes) may
    /// be above 0 without an unfinished event.
    ///
    /// An event that exceeds a limit is unfinished until the blank line that ends it. After
    /// [`LimitExceeded`](crate::LimitExceeded), nothing more is read, and the event stays
    /// unfinished until a [restart](Self::restart).
    ///
    /// ```
    /// let mut parser = sse_core::Parser::new();
    /// assert_eq!(parser.next(&mut ": still here\n".into())?, None);
    /// assert!(!parser.has_unfinished_event());
    /// assert_eq!(parser.next(&mut "data: hello\n".into())?, None);
    /// assert!(parser.has_unfinished_event());
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn has_unfinished_event(&self) -> bool {
        self.reader.has_unfinished_event()
    }

    /// Returns the data of the [unfinished event](Self::has_unfinished_event), as far as it was
    /// received. It may be split anywhere: use it for diagnosis only. Returns an empty slice if no
    /// event is unfinished, or if it exceeds a limit.
    ///
    /// ```
    /// let mut parser = sse_core::Parser::new();
    /// assert_eq!(parser.next(&mut "data: one\ndata: tw".into())?, None);
    /// assert_eq!(parser.unfinished_data(), b"one\ntw");
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    #[must_use]
    pub fn unfinished_data(&self) -> &[u8] {
        self.reader.unfinished_data()
    }
}
