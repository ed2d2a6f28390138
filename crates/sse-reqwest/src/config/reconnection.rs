//! Options of a session's reconnections: when, how often, with which request, and from where.

use std::time::Duration;

use sse_core::ServerSentEvent;

use super::SseConfig;
use crate::{
    id_header::IdHeader,
    policy::ReconnectPolicy,
    resume::{CleanEnd, Resume},
    threads::MaybeSendSync,
};

/// The policy of a session: the caller's, with the options that override parts of it.
#[derive(Debug, Clone)]
pub(crate) struct Reconnection {
    /// The policy as it was set; `None` if none was.
    base: Option<ReconnectPolicy>,
    max_attempts: Option<u32>,
    time: Option<Duration>,
    /// All of the above put together.
    policy: ReconnectPolicy,
}

impl Reconnection {
    pub(crate) fn policy(&self) -> &ReconnectPolicy {
        &self.policy
    }

    /// Changes an option. The order of changes does not matter.
    fn change(&mut self, change: impl FnOnce(&mut Self)) {
        change(self);
        self.policy = match &self.base {
            // It was turned off on purpose: a number of attempts does not turn it on.
            Some(base) if base.is_never() => base.clone(),
            base => {
                let policy = base.clone().unwrap_or_else(ReconnectPolicy::never);
                policy.overridden(self.max_attempts, self.time)
            }
        };
    }
}

impl Default for Reconnection {
    fn default() -> Self {
        Self { base: None, max_attempts: None, time: None, policy: ReconnectPolicy::never() }
    }
}

impl SseConfig {
    /// Sets when sessions reconnect, and how long they wait before each attempt.
    ///
    /// A request is repeated only as [`resume`](Self::resume) allows. With reconnection on, a
    /// session reconnects after a regular end of the event stream too: see
    /// [`clean_end`](Self::clean_end).
    ///
    /// [`max_reconnection_attempts`](Self::max_reconnection_attempts) and
    /// [`reconnection_time`](Self::reconnection_time) override parts of the policy, in whatever
    /// order the three are called. They do not turn on what [`ReconnectPolicy::never`] turns
    /// off here.
    ///
    /// Defaults to [`ReconnectPolicy::never`]: a session ends with its connection.
    #[must_use]
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnection.change(|it| it.base = Some(policy));
        self
    }

    /// Overrides the time to wait before each attempt to reconnect, as Ktor's option of this name
    /// does. It is the [`ReconnectPolicy::reconnection_time`] of whatever policy is in effect.
    ///
    /// Defaults to the policy's; 3 s if no policy is [set](Self::reconnect).
    #[must_use]
    pub fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection.change(|it| it.time = Some(time));
        self
    }

    /// Overrides the number of attempts to reconnect that may fail in a row, as Ktor's option of
    /// this name does. It is the [`ReconnectPolicy::max_attempts`] of whatever policy is in
    /// effect.
    ///
    /// If no policy is [set](Self::reconnect), a number above 0 turns reconnection on, with a fixed
    /// wait of 3 s or of [`reconnection_time`](Self::reconnection_time). `u32::MAX` means no limit
    /// in practice.
    ///
    /// Defaults to the policy's; 0 if no policy is set: a session ends with its connection.
    #[must_use]
    pub fn max_reconnection_attempts(mut self, attempts: u32) -> Self {
        self.reconnection.change(|it| it.max_attempts = Some(attempts));
        self
    }

    /// Sets whether the first connection is treated like those that follow: if it cannot be made,
    /// that is a failed attempt, and another follows as the [policy](Self::reconnect) says.
    ///
    /// Opening the session then takes as long as the attempts; only an [observer](Self::observer)
    /// is notified of them.
    ///
    /// Defaults to `false`: the failure is reported at once, as a wrong URL would be tried forever.
    #[must_use]
    pub fn retry_first_connection(mut self, retry: bool) -> Self {
        self.retry_first_connection = retry;
        self
    }

    /// Sets when the request may be repeated, if reconnection is on.
    ///
    /// Defaults to [`Resume::ByMethod`]: always for GET and HEAD, never for other methods.
    #[must_use]
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }

    /// Sets what a regular end of the event stream means, if reconnection is on.
    ///
    /// Defaults to [`CleanEnd::ByMethod`].
    #[must_use]
    pub fn clean_end(mut self, clean_end: CleanEnd) -> Self {
        self.clean_end = clean_end;
        self
    }

    /// Ends the session, with [`EndReason::Stopped`](crate::EndReason::Stopped), after the first
    /// event for which the predicate returns `true`: that event is the last one that is yielded,
    /// and no reconnection follows.
    ///
    /// The predicate sees every event with data, also those of types that are not
    /// [shown](Self::filter_event_types), and events without data where these are
    /// [shown](Self::show_dataless_events). If [`stop_before`](Self::stop_before) is set as well,
    /// the predicate that first returns `true` decides, and `stop_before` if both do for the
    /// same event. A second call replaces the predicate.
    ///
    /// Defaults to no terminal event.
    ///
    /// ```
    /// use sse_reqwest::SseConfig;
    ///
    /// let config = SseConfig::new()
    ///     .stop_after(|event| event.event_type() == "response.completed")
    ///     .expect_terminal(true);
    /// ```
    #[must_use]
    pub fn stop_after<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&ServerSentEvent) -> bool + MaybeSendSync + 'static,
    {
        self.stop.set_after(predicate);
        self
    }

    /// Ends the session, with [`EndReason::Stopped`](crate::EndReason::Stopped), before the first
    /// event for which the predicate returns `true`: that event is not yielded, and no reconnection
    /// follows.
    ///
    /// Like [`stop_after`](Self::stop_after) otherwise. Defaults to no terminal event.
    ///
    /// ```
    /// use sse_reqwest::SseConfig;
    ///
    /// let config =
    ///     SseConfig::new().stop_before(|event| event.data() == "[DONE]").expect_terminal(true);
    /// ```
    #[must_use]
    pub fn stop_before<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&ServerSentEvent) -> bool + MaybeSendSync + 'static,
    {
        self.stop.set_before(predicate);
        self
    }

    /// Sets whether the session must end with its terminal event, the one of
    /// [`stop_after`](Self::stop_after) or [`stop_before`](Self::stop_before). Every other end,
    /// except one by the caller, is then an [incomplete](crate::SseError::is_incomplete) event
    /// stream, which is an error once the session does not reconnect.
    ///
    /// Without this, a truncated answer looks like a complete one wherever HTTP does not show the
    /// difference. A server that goes silent never ends the stream: set an
    /// [`idle_timeout`](Self::idle_timeout) too.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn expect_terminal(mut self, expect: bool) -> Self {
        self.stop.expect_terminal = expect;
        self
    }

    /// Sets whether the session resumes, after a disconnect, from the last event that was
    /// [acknowledged](crate::ClientSseSession::acknowledge), rather than from the last one that was
    /// yielded. Events that were yielded and not acknowledged are then received again.
    ///
    /// The IDs of unacknowledged events are kept, up to 4,096 of them and 1 MiB; beyond that, more
    /// events than necessary are repeated, and none is lost.
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn acknowledge_events(mut self, acknowledge: bool) -> Self {
        self.acknowledge_events = acknowledge;
        self
    }

    /// Sets the last event ID to start from: the first request sends it, as if it had been
    /// received.
    ///
    /// If it is not a valid header value (it contains a control character, or is longer than 4
    /// KiB), opening the session is an [error](crate::SseErrorKind::InvalidRequest). An invalid
    /// ID that the server sends later is omitted from the next request, and
    /// [reported](crate::SessionEvent::Disconnected). The empty string means none: no header is
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
    /// Defaults to the `Last-Event-ID` header of the request, if it has one.
    #[must_use]
    pub fn last_event_id(mut self, id: impl Into<String>) -> Self {
        self.last_event_id = Some(id.into());
        self
    }

    /// Sets whether requests carry the `Last-Event-ID` header. Turn it off for servers and proxies
    /// that reject it, and in a browser where it would trigger a CORS preflight on a cross-origin
    /// reconnection.
    ///
    /// The session tracks its last event ID all the same, and can tell the server in another way,
    /// for example in the query of a URL by a [request
    /// factory](crate::SseClient::request_factory). A server that is not told starts from the
    /// beginning.
    ///
    /// Defaults to `true`.
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
    pub fn send_last_event_id(mut self, send: bool) -> Self {
        self.id_header = if send { IdHeader::Sent } else { IdHeader::Omitted };
        self
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ReconnectPolicy, SseConfig};

    const SECOND: Duration = Duration::from_secs(1);

    /// The wait before the first attempt, and whether there is a third one.
    fn effect(config: &SseConfig) -> (Duration, bool) {
        let policy = config.reconnection.policy();
        (policy.delay(0, None), policy.allows_attempt(2))
    }

    #[test]
    fn reconnect_and_its_overrides_apply_in_any_order() {
        type Change = fn(SseConfig) -> SseConfig;
        let policy: Change = |it| it.reconnect(ReconnectPolicy::exponential());
        let never: Change = |it| it.reconnect(ReconnectPolicy::never());
        let attempts: Change = |it| it.max_reconnection_attempts(2);
        let time: Change = |it| it.reconnection_time(7 * SECOND);
        let cases: [(&[Change], _); 8] = [
            (&[], (3 * SECOND, false)),
            (&[policy], (SECOND, true)),
            (&[policy, attempts], (SECOND, false)),
            (&[policy, time], (7 * SECOND, true)),
            (&[policy, attempts, time], (7 * SECOND, false)),
            (&[attempts, time], (7 * SECOND, false)),
            (&[never, attempts, time], (3 * SECOND, false)),
            (&[policy, never], (3 * SECOND, false)),
        ];
        for (changes, expected) in cases {
            let apply = |changes: &mut dyn Iterator<Item = &Change>| {
                changes.fold(SseConfig::new(), |config, change| change(config))
            };
            assert_eq!(effect(&apply(&mut changes.iter())), expected);
            if changes != [policy, never] {
                assert_eq!(effect(&apply(&mut changes.iter().rev())), expected);
            }
        }
        let on = SseConfig::new().max_reconnection_attempts(1);
        assert!(on.reconnection.policy().allows_attempt(0));
        let off = on.reconnect(ReconnectPolicy::never());
        assert!(!off.reconnection.policy().allows_attempt(0));
    }
}
