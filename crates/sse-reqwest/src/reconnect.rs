//! Facts about a lost connection in, what to do about it out.
//!
//! Pure: it owns no clock and no randomness, and does not know what a response is.

use std::time::Duration;

/// The policy of a session, and how many attempts have failed in a row.
#[derive(Debug, Clone)]
pub(crate) struct Reconnect {
    pub(crate) reconnection_time: Duration,
    pub(crate) max_attempts: u32,
    /// The attempts since a connection was last of use.
    attempts: u32,
}

/// What is known of a connection that is no more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) loss: LossKind,
    /// How long the connection was open; zero if it never was.
    pub(crate) lived: Duration,
    /// How many events with data it brought.
    pub(crate) messages: u64,
    /// The reconnection time that the server has set.
    pub(crate) retry: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LossKind {
    /// Another attempt may go better.
    Passing,
    /// Another attempt would not help, or is not allowed.
    Final,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    ReconnectAfter(Duration),
    /// Do not try; the loss ends the session as what it is.
    Finish,
    /// So many attempts were made, and none was of use.
    GiveUp {
        attempts: u32,
    },
}

impl Reconnect {
    pub(crate) fn new(reconnection_time: Duration, max_attempts: u32) -> Self {
        Self { reconnection_time, max_attempts, attempts: 0 }
    }

    /// How many attempts have been made since a connection was last of use.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }

    /// How long to wait before an attempt, given what the server has set.
    pub(crate) fn delay(&self, retry: Option<Duration>) -> Duration {
        retry.map_or(self.reconnection_time, |retry| retry.max(SHORTEST_RETRY))
    }

    /// Decides what happens after a connection was lost.
    pub(crate) fn after(&mut self, facts: Facts) -> Decision {
        if facts.messages > 0 || facts.lived >= USEFUL_AFTER {
            self.attempts = 0;
        }
        if self.max_attempts == 0 || facts.loss == LossKind::Final {
            return Decision::Finish;
        }
        if self.attempts >= self.max_attempts {
            return Decision::GiveUp { attempts: self.attempts };
        }
        Decision::ReconnectAfter(self.delay(facts.retry))
    }

    /// Counts an attempt, as soon as it is on its way: what was lost before is none of its.
    pub(crate) fn count_attempt(&mut self) {
        self.attempts += 1;
    }
}

/// A server that asks for less than this is taken to ask for this much: `retry: 0` would make
/// every client reconnect in a tight loop.
const SHORTEST_RETRY: Duration = Duration::from_millis(100);

/// A connection that lived this long was of use, though nothing came over it.
const USEFUL_AFTER: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Decision, Facts, LossKind, Reconnect};

    const TIME: Duration = Duration::from_secs(3);
    const USELESS: Facts =
        Facts { loss: LossKind::Passing, lived: Duration::ZERO, messages: 0, retry: None };

    #[track_caller]
    fn check(max_attempts: u32, facts: &[Facts], expected: &[Decision]) {
        let mut reconnect = Reconnect::new(TIME, max_attempts);
        assert_eq!(facts.len(), expected.len());
        for (&facts, &expected) in facts.iter().zip(expected) {
            assert_eq!(reconnect.after(facts), expected);
            reconnect.count_attempt();
        }
    }

    #[test]
    fn off_is_off() {
        check(0, &[USELESS], &[Decision::Finish]);
    }

    #[test]
    fn what_cannot_get_better_is_not_tried_again() {
        check(9, &[Facts { loss: LossKind::Final, ..USELESS }], &[Decision::Finish]);
    }

    #[test]
    fn attempts_in_a_row_are_counted_and_end() {
        let again = Decision::ReconnectAfter(TIME);
        let end = Decision::GiveUp { attempts: 2 };
        check(2, &[USELESS, USELESS, USELESS], &[again, again, end]);
    }

    #[test]
    fn accept_then_close_is_no_success() {
        let closed_at_once = Facts { lived: Duration::from_millis(4999), ..USELESS };
        let again = Decision::ReconnectAfter(TIME);
        check(1, &[closed_at_once, closed_at_once], &[again, Decision::GiveUp { attempts: 1 }]);
    }

    #[test]
    fn an_event_or_some_seconds_of_life_start_the_count_anew() {
        let again = Decision::ReconnectAfter(TIME);
        for useful in
            [Facts { messages: 1, ..USELESS }, Facts { lived: Duration::from_secs(5), ..USELESS }]
        {
            check(1, &[useful, useful, USELESS], &[again, again, Decision::GiveUp { attempts: 1 }]);
        }
    }

    #[test]
    fn an_end_for_good_on_a_connection_of_use_is_no_attempt() {
        let mut reconnect = Reconnect::new(TIME, 1);
        reconnect.count_attempt();
        reconnect.after(Facts { loss: LossKind::Final, messages: 1, ..USELESS });
        assert_eq!(reconnect.attempts(), 0);
    }

    #[test]
    fn the_servers_time_replaces_ours_and_has_a_floor() {
        let ms = Duration::from_millis;
        let reconnect = Reconnect::new(TIME, 1);
        assert_eq!(reconnect.delay(None), TIME);
        assert_eq!(reconnect.delay(Some(ms(0))), ms(100));
        assert_eq!(reconnect.delay(Some(ms(99))), ms(100));
        assert_eq!(reconnect.delay(Some(ms(101))), ms(101));
        assert_eq!(reconnect.delay(Some(ms(u64::MAX))), ms(u64::MAX));
        assert_eq!(Reconnect::new(ms(0), 1).delay(None), ms(0));
    }
}
