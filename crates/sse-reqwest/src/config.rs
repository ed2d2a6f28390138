//! Every option there is, with its default.
//!
//! Data only: what an option does is said where it takes effect. Those of a connection are set in
//! [`connection`], those of what a session shows in [`view`].

mod connection;
mod view;

use std::{sync::Arc, time::Duration};

use sse_core::{Limits, ServerSentEvent};

use crate::{
    acceptance::{Acceptance, RetryableStatuses},
    clock::{Clock, DefaultClock},
    deadlines::Deadlines,
    destination::Destination,
    factory::Refresh,
    filter::Filter,
    history::BufferPolicy,
    id_header::IdHeader,
    observer::Audience,
    policy::{DEFAULT_RECONNECTION_TIME, ReconnectPolicy},
    random::Random,
    resume::{CleanEnd, Resume},
    sender::Sender,
    stop::{Expectation, Stop, StopOn},
    threads::MaybeSendSync,
};

/// How sessions behave: what Ktor's `install(SSE) { … }` configures, and more.
///
/// Give it to an [`SseClient`](crate::SseClient) for all of its sessions, and change a copy for
/// one of them with [`SseRequest::configure`](crate::SseRequest::configure).
///
/// ```
/// use std::time::Duration;
/// use sse_reqwest::{IdleTimeout, ReconnectPolicy, SseConfig};
///
/// // A feed to be followed for weeks.
/// let config = SseConfig::new()
///     .reconnect(ReconnectPolicy::exponential())
///     .retry_first_connection(true)
///     .head_timeout(Duration::from_secs(30))
///     .idle_timeout(IdleTimeout::auto());
/// ```
#[derive(Debug, Clone)]
pub struct SseConfig {
    pub(crate) reconnect: ReconnectPolicy,
    pub(crate) first_connection: FirstConnection,
    pub(crate) clean_end: CleanEnd,
    pub(crate) resume: Resume,
    pub(crate) stop: Stop,
    pub(crate) acknowledgement: Acknowledgement,
    pub(crate) last_event_id: Option<String>,
    pub(crate) id_header: IdHeader,
    pub(crate) destination: Destination,
    pub(crate) sender: Sender,
    pub(crate) refresh: Refresh,
    pub(crate) acceptance: Acceptance,
    pub(crate) deadlines: Deadlines,
    pub(crate) limits: Limits,
    pub(crate) filter: Filter,
    pub(crate) buffer_policy: BufferPolicy,
    pub(crate) audience: Audience,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum FirstConnection {
    #[default]
    TriedOnce,
    Retried,
}

/// When an event counts as dealt with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Acknowledgement {
    /// When it is given out.
    #[default]
    Implied,
    ByCaller,
}

impl SseConfig {
    /// Creates the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self {
            reconnect: ReconnectPolicy::never(),
            first_connection: FirstConnection::default(),
            clean_end: CleanEnd::default(),
            resume: Resume::default(),
            stop: Stop::default(),
            acknowledgement: Acknowledgement::default(),
            last_event_id: None,
            id_header: IdHeader::default(),
            destination: Destination::default(),
            sender: Sender::default(),
            refresh: Refresh::default(),
            acceptance: Acceptance::default(),
            deadlines: Deadlines::default(),
            limits: Limits::default(),
            filter: Filter::default(),
            buffer_policy: BufferPolicy::default(),
            audience: Audience::default(),
            clock: Arc::new(DefaultClock::new()),
            random: Random::default(),
        }
    }

    /// Creates the configuration that does what the HTML standard tells a browser's `EventSource`
    /// to do: reconnects for ever, every 3 s unless the server says otherwise, after every network
    /// error, the first included, and every end of the event stream; and takes every status other
    /// than 200, and every other content type, for the end.
    ///
    /// ```
    /// let config = sse_reqwest::SseConfig::strict_whatwg();
    /// ```
    #[must_use]
    pub fn strict_whatwg() -> Self {
        let statuses = RetryableStatuses::custom(|_| false);
        let mut config = Self::new()
            .reconnect(ReconnectPolicy::fixed(DEFAULT_RECONNECTION_TIME))
            .retry_first_connection(true)
            .clean_end(CleanEnd::Reconnect);
        config.acceptance.statuses = statuses;
        config
    }

    /// Sets when sessions reconnect, and how long they wait before.
    ///
    /// A request is repeated only as [`resume`](Self::resume) allows. With reconnection on, a
    /// session reconnects after a regular end of the event stream too: see
    /// [`clean_end`](Self::clean_end).
    ///
    /// This replaces the policy that was set, and so whatever
    /// [`max_reconnection_attempts`](Self::max_reconnection_attempts) and
    /// [`reconnection_time`](Self::reconnection_time) have changed in it: call it before them.
    ///
    /// The default is [`ReconnectPolicy::never`]: a session ends with its connection.
    #[must_use]
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnect = policy;
        self
    }

    /// Sets how long to wait before each attempt to reconnect, as Ktor's option of this name does:
    /// short for [`ReconnectPolicy::reconnection_time`] of the policy that is set.
    ///
    /// The default is 3 s.
    #[must_use]
    pub fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnect = self.reconnect.reconnection_time(time);
        self
    }

    /// Sets how many attempts to reconnect may fail in a row, as Ktor's option of this name does:
    /// short for [`ReconnectPolicy::max_attempts`] of the policy that is set.
    ///
    /// A later [`reconnect`](Self::reconnect) replaces that policy, with its number of attempts: call
    /// this after it.
    ///
    /// The default is 0: a session ends with its connection. `u32::MAX` is as good as no limit.
    #[must_use]
    pub fn max_reconnection_attempts(mut self, attempts: u32) -> Self {
        self.reconnect = self.reconnect.max_attempts(attempts);
        self
    }

    /// Treats the first connection like those that follow: if it cannot be made, that is a failed
    /// attempt, and another is made as the [policy](Self::reconnect) says.
    ///
    /// Until there is a connection, only an [observer](Self::observer) is told of these attempts:
    /// opening the session is not ready before.
    ///
    /// The default is to tell of the failure at once: a wrong URL would be tried for ever.
    #[must_use]
    pub fn retry_first_connection(mut self) -> Self {
        self.first_connection = FirstConnection::Retried;
        self
    }

    /// Takes [`retry_first_connection`](Self::retry_first_connection) back.
    #[must_use]
    pub fn try_first_connection_once(mut self) -> Self {
        self.first_connection = FirstConnection::TriedOnce;
        self
    }

    /// Sets when the request may be repeated, if reconnection is on.
    ///
    /// The default is [`Resume::ByMethod`]: always for GET and HEAD, never for all others.
    #[must_use]
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }

    /// Sets what a regular end of the event stream means, if reconnection is on.
    ///
    /// The default is [`CleanEnd::ByMethod`].
    #[must_use]
    pub fn clean_end(mut self, clean_end: CleanEnd) -> Self {
        self.clean_end = clean_end;
        self
    }

    /// Ends the session, with [`EndReason::Stopped`](crate::EndReason::Stopped), at the first event
    /// with data that the predicate holds for: no reconnection follows.
    ///
    /// It looks at every event with data, also at those that are not [shown](Self::filter_event_types).
    /// The default is that no event ends a session.
    ///
    /// ```
    /// use sse_reqwest::{SseConfig};
    ///
    /// let config = SseConfig::new()
    ///     .stop_before(|event| event.data() == "[DONE]")
    ///     .expect_terminal(true);
    /// ```
    #[must_use]
    pub fn stop_on<F>(mut self, terminal: Terminal, predicate: F) -> Self
    where
        F: Fn(&ServerSentEvent) -> bool + MaybeSendSync + 'static,
    {
        self.stop.on = Some(StopOn::new(terminal, predicate));
        self
    }

    /// Makes every end of the session an error but the one that [`stop_on`](Self::stop_on) brings
    /// about, and one that the caller does:
    /// [`is_incomplete`](crate::SseError::is_incomplete). It comes once the session does not
    /// reconnect any more.
    ///
    /// An answer that was cut off looks like one that is complete, where HTTP does not show the
    /// difference. The default is not to expect anything.
    #[must_use]
    pub fn expect_terminal(mut self) -> Self {
        self.stop.expectation = Expectation::Terminal;
        self
    }

    /// Takes [`expect_terminal`](Self::expect_terminal) back.
    #[must_use]
    pub fn accept_any_end(mut self) -> Self {
        self.stop.expectation = Expectation::Nothing;
        self
    }

    /// Lets the session go on, after a disconnect, from the last event that was
    /// [acknowledged](crate::ClientSseSession::acknowledge), rather than given out: what was given
    /// out and not dealt with comes again.
    ///
    /// The IDs of events that were not acknowledged are remembered, about 4,000 of them and 1 MiB
    /// at most; beyond that more is repeated than need be, and nothing lost. The default is that an event
    /// counts as dealt with when it is given out.
    #[must_use]
    pub fn acknowledge_events(mut self) -> Self {
        self.acknowledgement = Acknowledgement::ByCaller;
        self
    }

    /// Takes [`acknowledge_events`](Self::acknowledge_events) back.
    #[must_use]
    pub fn acknowledge_when_given_out(mut self) -> Self {
        self.acknowledgement = Acknowledgement::Implied;
        self
    }

    /// Sets the last event ID to start from: the first request sends it, as if it had been
    /// received.
    ///
    /// One that no header can carry (it has a control character, or more than 4 KiB) is an error
    /// when the session is opened. One that a server sends later is left out of the next request,
    /// and [reported](crate::SessionEvent::Disconnected). The empty string means none: no header is
    /// sent.
    ///
    /// ```no_run
    /// # async fn example(client: sse_reqwest::SseClient) -> Result<(), Box<dyn std::error::Error>> {
    /// // What `session.last_event_id()` was when it was stored.
    /// let stored = std::fs::read_to_string("last-event-id").unwrap_or_default();
    /// let request = client.request("https://example.org/events");
    /// let session = request.configure(|config| config.last_event_id(stored)).sse_session().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The default is the `Last-Event-ID` header of the request, if that has one, else none.
    #[must_use]
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = Some(id.into());
        self
    }

    /// Sends no `Last-Event-ID` header, for servers, proxies and browsers that do not let it pass: in a
    /// browser it is the one header that makes a reconnection to another origin ask for leave first.
    ///
    /// The session knows its last event ID all the same, and a server can be told in another way: in
    /// the query of a URL that is [made anew](crate::SseClient::request_factory) for each connection, for
    /// one. Where it is not told at all, it starts anew. The default is to send the header.
    ///
    /// ```
    /// # fn request(client: sse_reqwest::SseClient) -> sse_reqwest::SseRequest {
    /// use sse_reqwest::{BoxError, reqwest::Url};
    ///
    /// let http = client.http_client().clone();
    /// client
    ///     .request_factory(move |context| {
    ///         let http = http.clone();
    ///         async move {
    ///             let from = [("lastEventId", context.last_event_id())];
    ///             let url = Url::parse_with_params("https://example.org/events", from)?;
    ///             Ok::<_, BoxError>(http.get(url))
    ///         }
    ///     })
    ///     .configure(|config| config.send_last_event_id(false))
    /// # }
    /// ```
    #[must_use]
    pub fn send_last_event_id(mut self) -> Self {
        self.id_header = IdHeader::Omitted;
        self
    }

    /// Takes [`send_last_event_id`](Self::send_last_event_id) back.
    #[must_use]
    pub fn send_last_event_id(mut self) -> Self {
        self.id_header = IdHeader::Sent;
        self
    }

    /// Sets where sessions get their time from.
    ///
    /// The default is tokio's clock, and in a browser that of the browser.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets where the [jitter](ReconnectPolicy::jitter) gets its randomness from: numbers from 0
    /// to 1.
    ///
    /// The default is a random generator of each thread's own, which is no cryptographic one.
    #[must_use]
    pub fn randomness(mut self, numbers: impl Fn() -> f64 + MaybeSendSync + 'static) -> Self {
        self.random = Random::custom(numbers);
        self
    }
}

impl Default for SseConfig {
    fn default() -> Self {
        Self::new()
    }
}
