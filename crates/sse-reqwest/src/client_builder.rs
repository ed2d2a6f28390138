//! Extension trait that gives a `reqwest::ClientBuilder` the HTTP/2 windows that event streams
//! need.

use reqwest::ClientBuilder;

use crate::platform;

/// Extension of `reqwest::ClientBuilder` for clients of event streams (feature `http2`).
///
/// The feature is on by default. Call the method first, as later calls replace its windows:
///
/// ```
/// use std::time::Duration;
/// use sse_reqwest::{ClientBuilderExt, SseClient, reqwest::Client};
///
/// # fn main() -> Result<(), reqwest::Error> {
/// let http = Client::builder()
///     .for_event_streams()
///     .connect_timeout(Duration::from_secs(10))
///     .build()?;
/// let client = SseClient::from(http);
/// # Ok(())
/// # }
/// ```
///
/// This trait is sealed.
pub trait ClientBuilderExt: Sized + sealed::Sealed {
    /// Sets the HTTP/2 windows that event streams need: 64 KiB for each stream, 1 GiB for the
    /// connection. HTTP/1.1 has no windows, and a browser has its own.
    ///
    /// # The failure that this avoids
    ///
    /// All sessions with a server share one HTTP/2 connection. reqwest reads the connection even if
    /// no session is read, and its HTTP/2 library, h2, keeps the frames that no session has read
    /// yet. For each kept frame of less than 256 bytes, h2 counts the difference to 256 bytes, and
    /// it allows half of the connection's window for the sum: an event of 15 bytes in a frame of
    /// its own counts as 241, and the window is 5 MiB by default, and 64 KiB with
    /// `http2_adaptive_window`. Beyond that, **h2 closes the connection, and every session on it
    /// fails**, also those that are read. [`is_local_limit`](crate::SseError::is_local_limit) of
    /// the error is `true`.
    ///
    /// # The windows
    ///
    /// - 64 KiB for a stream is what one session can have unread: then its server has to wait, and
    ///   no other session notices. In the worst case, of frames of one byte, 64 KiB are charged
    ///   with 16 MiB; events of 15 bytes with 1 MiB.
    /// - 1 GiB for the connection allows 512 MiB of charges: those of 32 unread sessions in the
    ///   worst case, and of 512 with events of 15 bytes. It is the window of Go's client. HTTP/2
    ///   allows 2 GiB (2<sup>31</sup> - 1), which carries twice as many. It also avoids the other
    ///   failure of the defaults: three unread sessions fill the window of 5 MiB, and the others
    ///   receive nothing.
    ///
    /// # The price
    ///
    /// *Memory:* the window of the connection reserves no memory. A session holds at most 64 KiB of
    /// unread data, and h2 an entry of a list for each unread frame, which is several times as
    /// large as a small event.
    ///
    /// *Throughput:* at most 64 KiB per stream and round trip, which is 640 KiB/s at 100 ms. If
    /// your server sends long backlogs over a connection of high latency, raise
    /// `http2_initial_stream_window_size` after this call: with 256 KiB, a quarter of the sessions
    /// can be unread. Use another client for large downloads.
    ///
    /// Empty frames have a limit of their own, which no window raises: h2 closes the connection at
    /// the 101st of its lifetime. A server must not send empty chunks; hyper sends those that its
    /// body yields.
    #[must_use]
    fn for_event_streams(self) -> Self;
}

impl ClientBuilderExt for ClientBuilder {
    fn for_event_streams(self) -> Self {
        platform::with_http2_windows(self, STREAM_WINDOW, CONNECTION_WINDOW)
    }
}

const STREAM_WINDOW: u32 = 64 * 1024;

const CONNECTION_WINDOW: u32 = 1024 * 1024 * 1024;

mod sealed {
    /// Seals [`ClientBuilderExt`](super::ClientBuilderExt).
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {}

    impl Sealed for reqwest::ClientBuilder {}
}
