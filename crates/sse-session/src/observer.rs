//! Observers of sessions, for example to count or to trace what happens.
//!
//! They are notified, and cannot influence the session.

use std::{fmt, sync::Arc, time::Duration};

use http::Uri;
use sse_core::{ServerSentEvent, Skipped};

#[cfg(feature = "tracing")]
use crate::trace::Trace;
use crate::{
    call::Call,
    error::SseError,
    gap::Gap,
    state::EndReason,
    threads::{BoxFuture, MaybeSendSync, Shared},
    transition::Disconnected,
};

/// Observer of sessions, for example to count what happens to them.
///
/// Every method does nothing by default. Methods are called while the session is polled, in the
/// order in which things happen, and must return quickly. Add an observer with
/// [`SseConfig::observer`](crate::SseConfig::observer); one observer can serve any number of
/// sessions.
///
/// A [`Lifecycle`](crate::Lifecycle) shows the same to the code that reads the session. An observer
/// needs no change to that code, and is also notified of bytes and of dropped events.
///
/// ```
/// use std::{sync::atomic::{AtomicU64, Ordering::Relaxed}, time::Duration};
/// use sse_session::{SessionObserver, SseError};
///
/// #[derive(Default)]
/// struct Disconnects {
///     count: AtomicU64,
///     millis_waited: AtomicU64,
/// }
///
/// impl SessionObserver for Disconnects {
///     fn on_disconnect(&self, _cause: &SseError, delay: Duration) {
///         self.count.fetch_add(1, Relaxed);
///         self.millis_waited.fetch_add(delay.as_millis() as u64, Relaxed);
///     }
/// }
///
/// let disconnects = std::sync::Arc::new(Disconnects::default());
/// let config = sse_session::SseConfig::new().observer(disconnects.clone());
/// ```
pub trait SessionObserver: MaybeSendSync + 'static {
    /// Called when a request is made to this URI, which is without user, password, query and
    /// fragment. The attempt is 0 for the first request of a session, and otherwise the number
    /// of attempts to reconnect since the last healthy connection. Requests that follow a redirect
    /// are not reported.
    ///
    /// A session that [begins with a response](crate::SseClient::response) makes no first request:
    /// [`on_open`](Self::on_open) is then the first call, or the end if the session never opens.
    fn on_connecting(&self, uri: &Uri, attempt: u32) {
        let _ = (uri, attempt);
    }

    /// Called when a connection is made: the server has responded with an event stream. The
    /// [timings](Call::timings) have the time to its head.
    /// [`on_connection_closed`](Self::on_connection_closed) follows.
    fn on_open(&self, call: &Call) {
        let _ = call;
    }

    /// Called before the first event with data of a connection is [reported](Self::on_event). The
    /// [timings](Call::timings) have the times to the first byte and to this event.
    fn on_first_event(&self, call: &Call) {
        let _ = call;
    }

    /// Called when the connection that was [opened](Self::on_open) is closed, for whatever reason.
    /// It is called once for each connection, so that the two calls together count the open
    /// connections. A call about the disconnect or the end follows. The [timings](Call::timings)
    /// are final.
    fn on_connection_closed(&self, call: &Call) {
        let _ = call;
    }

    /// Called before the first byte of a connection if the server resumes from another event than
    /// the session asked for: events may be lost.
    fn on_gap(&self, gap: &Gap) {
        let _ = gap;
    }

    /// Called when bytes of the body were received and are about to be parsed. The count is never
    /// 0; the bytes of a compressed body are counted after decompression.
    fn on_bytes(&self, count: usize) {
        let _ = count;
    }

    /// Called when an event is yielded. Hidden events are not reported.
    fn on_event(&self, event: &ServerSentEvent) {
        let _ = event;
    }

    /// Called when events were dropped because they exceeded a limit, with their number in the
    /// session so far, and the last of them.
    fn on_skipped(&self, skipped: &Skipped) {
        let _ = skipped;
    }

    /// Called when the connection ended, or could not be made, and the session tries again after
    /// the delay.
    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        let _ = (cause, delay);
    }

    /// Called after [`on_disconnect`](Self::on_disconnect) if the next request does not say from
    /// which event to resume, although events were received. The server then begins from the
    /// beginning, and the same events may come again. See
    /// [`max_restarts`](crate::ReconnectPolicy::max_restarts).
    fn on_restart(&self) {}

    /// Called when the session has failed with this error. [`on_closed`](Self::on_closed) follows.
    fn on_failed(&self, error: &SseError) {
        let _ = error;
    }

    /// Called when the session has ended. It is the last call, once for each session that was
    /// polled, also if it was dropped before its end, which is
    /// [`EndReason::Closed`](crate::EndReason::Closed).
    fn on_closed(&self, reason: EndReason) {
        let _ = reason;
    }
}

/// Observers of a session, and its spans.
#[derive(Clone, Default)]
pub(crate) struct Observers {
    observers: Vec<Shared<dyn SessionObserver>>,
    #[cfg(feature = "tracing")]
    pub(crate) trace: Trace,
    notified: Notified,
}

/// Last call to observers about the state of the session.
#[derive(Debug, Clone, Default)]
enum Notified {
    #[default]
    NoConnection,
    Connection(Call),
    End,
}

impl Observers {
    pub(crate) fn add(&mut self, observer: Arc<dyn SessionObserver>) {
        self.observers.push(Shared(observer));
    }

    pub(crate) fn clear(&mut self) {
        self.observers.clear();
    }

    /// Returns the observers of one session, which begins now.
    #[cfg_attr(not(feature = "tracing"), expect(unused_mut, reason = "there is no span to begin"))]
    pub(crate) fn of_session(&self) -> Self {
        let mut observers = self.clone();
        #[cfg(feature = "tracing")]
        observers.trace.begin();
        observers
    }

    /// Warns of a session that expects a terminal event without a limit of silence.
    #[cfg(feature = "tracing")]
    pub(crate) fn warn_of_unlimited_silence(&self) {
        self.trace.unlimited_silence();
    }

    /// Warns, once, of an event stream that has ended in the middle of an event.
    #[cfg(feature = "tracing")]
    pub(crate) fn warn_of_unfinished_stream(&self) {
        if !matches!(self.notified, Notified::End) {
            self.trace.unfinished();
        }
    }

    pub(crate) fn connecting(&mut self, uri: &Uri, attempt: u32) {
        self.notify(|observer| observer.on_connecting(uri, attempt));
        #[cfg(feature = "tracing")]
        self.trace.connecting(uri, attempt);
    }

    /// Begins with a response: no request is made.
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "it is only traced"))]
    pub(crate) fn beginning_with_response(&mut self, uri: &Uri) {
        #[cfg(feature = "tracing")]
        self.trace.beginning_with_response(uri);
    }

    /// Runs a future in the span of the connection that is being made.
    pub(crate) fn watch<T: 'static>(&self, sending: BoxFuture<T>) -> BoxFuture<T> {
        #[cfg(feature = "tracing")]
        let sending: BoxFuture<T> = Box::pin(self.trace.watch(sending));
        sending
    }

    pub(crate) fn open(&mut self, call: &Call) {
        self.notified = Notified::Connection(call.clone());
        self.notify(|observer| observer.on_open(call));
        #[cfg(feature = "tracing")]
        self.trace.open(call);
    }

    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "it is only traced"))]
    pub(crate) fn no_content(&mut self, call: &Call) {
        #[cfg(feature = "tracing")]
        self.trace.no_content(call);
    }

    pub(crate) fn gap(&self, gap: &Gap) {
        self.notify(|observer| observer.on_gap(gap));
        #[cfg(feature = "tracing")]
        self.trace.gap();
    }

    pub(crate) fn bytes(&self, count: usize) {
        if count > 0 {
            self.notify(|observer| observer.on_bytes(count));
        }
    }

    /// Notifies of the first event of the connection.
    pub(crate) fn first_event(&self) {
        if let Notified::Connection(call) = &self.notified {
            self.notify(|observer| observer.on_first_event(call));
            #[cfg(feature = "tracing")]
            self.trace.first_event(call);
        }
    }

    /// Returns `true` if there are observers.
    pub(crate) fn has_observers(&self) -> bool {
        !self.observers.is_empty()
    }

    pub(crate) fn event(&self, event: &ServerSentEvent) {
        self.notify(|observer| observer.on_event(event));
        self.trace_event(event);
    }

    /// Traces an event, where there are no [observers](Self::has_observers).
    #[inline(always)]
    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "it is only traced"))]
    pub(crate) fn trace_event(&self, event: &ServerSentEvent) {
        #[cfg(feature = "tracing")]
        self.trace.event(event);
    }

    pub(crate) fn skipped(&self, skipped: &Skipped) {
        self.notify(|observer| observer.on_skipped(skipped));
        #[cfg(feature = "tracing")]
        self.trace.skipped(skipped);
    }

    /// Notifies that the connection is closed, if there was one.
    fn connection_closed(&mut self) {
        if let Notified::Connection(call) = &self.notified {
            let call = call.clone();
            self.notified = Notified::NoConnection;
            self.notify(|observer| observer.on_connection_closed(&call));
            #[cfg(feature = "tracing")]
            self.trace.connection_closed(&call);
        }
    }

    pub(crate) fn disconnected(&mut self, disconnected: &Disconnected) {
        self.connection_closed();
        let Disconnected { cause, delay, is_restart, .. } = disconnected;
        self.notify(|observer| observer.on_disconnect(cause, *delay));
        if *is_restart {
            self.notify(|observer| observer.on_restart());
        }
        #[cfg(feature = "tracing")]
        self.trace.disconnected(disconnected);
    }

    pub(crate) fn failed(&mut self, error: &SseError) {
        self.connection_closed();
        self.notify(|observer| observer.on_failed(error));
        #[cfg(feature = "tracing")]
        self.trace.failed(error);
    }

    /// Notifies of the end, once.
    pub(crate) fn closed(&mut self, reason: EndReason) {
        if matches!(self.notified, Notified::End) {
            return;
        }
        self.connection_closed();
        self.notified = Notified::End;
        self.notify(|observer| observer.on_closed(reason));
        #[cfg(feature = "tracing")]
        self.trace.closed(reason);
    }

    fn notify(&self, what: impl Fn(&dyn SessionObserver)) {
        self.observers.iter().for_each(|observer| what(&*observer.0));
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observers").field("observers", &self.observers).finish_non_exhaustive()
    }
}
