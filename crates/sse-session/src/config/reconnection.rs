//! Setters of the options of reconnections: when, how often, and whether a request may be repeated.

use std::time::Duration;

use super::SseConfig;
use crate::{
    policy::ReconnectPolicy,
    resume::{CleanEnd, Resume},
};

impl SseConfig {
    /// Sets when sessions reconnect, and how long they wait before each attempt.
    ///
    /// A request is repeated only as [`resume`](Self::resume) allows. With reconnection on, a
    /// session reconnects after a regular end of the event stream too: see
    /// [`clean_end`](Self::clean_end).
    ///
    /// [`max_reconnection_attempts`](Self::max_reconnection_attempts) and
    /// [`reconnection_time`](Self::reconnection_time) override parts of the policy, in whatever
    /// order the three are called. They do not turn reconnection on if this policy is
    /// [`ReconnectPolicy::never`].
    ///
    /// Defaults to [`ReconnectPolicy::never`]: a session ends with its connection.
    #[must_use]
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnection.policy.change(|it| it.base = Some(policy));
        self
    }

    /// Overrides the time to wait before each attempt to reconnect, as Ktor's option of this name
    /// does. It is the [`ReconnectPolicy::reconnection_time`] of whatever policy is in effect.
    ///
    /// It does not turn reconnection on: if nothing else does, opening the session is an
    /// [error](crate::SseErrorKind::InvalidConfig).
    ///
    /// Defaults to the policy's; 3 s if
    /// [`max_reconnection_attempts`](Self::max_reconnection_attempts) turns reconnection on.
    #[must_use]
    pub fn reconnection_time(mut self, time: Duration) -> Self {
        self.reconnection.policy.change(|it| it.time = Some(time));
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
        self.reconnection.policy.change(|it| it.max_attempts = Some(attempts));
        self
    }

    /// Sets whether the first connection is treated like those that follow: if it cannot be made,
    /// that is a failed attempt, and another follows as the [policy](Self::reconnect) says and
    /// [`resume`](Self::resume) allows.
    ///
    /// It needs a policy. For a request that [`Resume::ByMethod`] never repeats, such as a POST, it
    /// needs `resume` too. Without these, opening the session is an
    /// [error](crate::SseErrorKind::InvalidConfig).
    ///
    /// Opening the session then takes as long as the attempts; only an [observer](Self::observer)
    /// is notified of them.
    ///
    /// Defaults to `false`: the failure is reported at once, as a wrong URL would be tried forever.
    #[must_use]
    pub fn retry_first_connection(mut self, retry: bool) -> Self {
        self.reconnection.retry_first_connection = retry;
        self
    }

    /// Sets when the request may be repeated, if reconnection is on.
    ///
    /// Without a [policy](Self::reconnect), any other value than [`Resume::ByMethod`] and
    /// [`Resume::Never`] is an [error](crate::SseErrorKind::InvalidConfig) when the session is
    /// opened. So is [`Resume::IfIdSeen`] if requests [carry no ID](Self::send_last_event_id) and
    /// no factory makes them.
    ///
    /// Defaults to [`Resume::ByMethod`]: always for safe methods such as GET, and never for others
    /// such as POST.
    #[must_use]
    pub fn resume(mut self, resume: Resume) -> Self {
        self.reconnection.resume = Some(resume);
        self
    }

    /// Sets what a regular end of the event stream means, if reconnection is on. An end in the
    /// [middle of an event](crate::SseError::is_unfinished) is not a regular one.
    ///
    /// [`CleanEnd::Reconnect`] needs a [policy](Self::reconnect) and, for a request that
    /// [`Resume::ByMethod`] never repeats, [`resume`](Self::resume). Without these, opening the
    /// session is an [error](crate::SseErrorKind::InvalidConfig).
    ///
    /// Defaults to [`CleanEnd::ByMethod`].
    #[must_use]
    pub fn clean_end(mut self, clean_end: CleanEnd) -> Self {
        self.reconnection.clean_end = clean_end;
        self
    }

    /// Sets whether an empty event stream ends the session, if it is the response to a reconnection
    /// and ends within 5 s. The session then ends as after a regular end without reconnection, with
    /// [`EndReason::StreamEnded`](crate::EndReason::StreamEnded).
    ///
    /// By the standard, a server that has no more events responds 204. Many frameworks respond with
    /// an empty 200 instead (FastAPI, Hono, h3, NestJS). Without this option that is a failed
    /// attempt, because a server that accepts and closes at once sends the same. A stream is empty
    /// if it has, after decoding, no bytes other than line ends, with which NestJS begins every
    /// stream. [HTTP must show](crate::BodyEnd) that the stream is complete: by a last chunk, by a
    /// content length, or by the end of an HTTP/2 stream.
    ///
    /// Some failures look the same: a server that fails before its first event and still responds
    /// with an empty 200, as Ktor does, or one that resets an HTTP/2 stream with NO_ERROR before
    /// the first byte. They end the session too. Set this only for servers that are known to end
    /// their feeds this way.
    ///
    /// It needs a [policy](Self::reconnect). Without one, opening the session is an
    /// [error](crate::SseErrorKind::InvalidConfig). It has no effect where a regular end is final
    /// anyway: with [`CleanEnd::Finish`], or for a request such as a POST with
    /// [`CleanEnd::ByMethod`].
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn finish_on_empty_reconnection(mut self, finish: bool) -> Self {
        self.reconnection.finish_on_empty_reconnection = finish;
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
