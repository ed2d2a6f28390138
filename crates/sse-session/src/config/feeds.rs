//! Preset for feeds that are followed for weeks.
//!
//! Calls setters only: whatever it sets, a caller can set.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use sse_core::ServerSentEvent;

use super::SseConfig;
use crate::{deadlines::IdleTimeout, policy::ReconnectPolicy};

impl SseConfig {
    /// Creates the configuration for a feed that is followed for weeks, over disconnects,
    /// deployments, captive portals and silent connections.
    ///
    /// A GET needs no other option. Setters that are called later replace these values.
    ///
    /// | option | value | reason |
    /// |---|---|---|
    /// | [`reconnect`](Self::reconnect) | [`exponential`](ReconnectPolicy::exponential): 1 s, 2 s, 4 s and so on, up to 60 s, with up to 50 % of jitter | clients that a restart has disconnected do not return together, and a wait of a minute is short compared with an outage that is long enough to reach it |
    /// | [`max_server_delay`](ReconnectPolicy::max_server_delay) | 1 hour | a shorter `retry` or `Retry-After` is honored; a longer one is likely to be a mistake, such as a wrong unit or a wrong clock, and a server can bear one request per hour from each client |
    /// | [`max_attempts`](ReconnectPolicy::max_attempts), [`max_outage`](ReconnectPolicy::max_outage), [`max_restarts`](ReconnectPolicy::max_restarts) | no limit | a feed outlives an outage of a weekend, and one without IDs restarts with each connection |
    /// | [`clean_end`](Self::clean_end), [`resume`](Self::resume) | the defaults: by method | a GET is repeated after every disconnect; after a regular end the wait is the server's `retry`, or 1 s |
    /// | [`finish_on_empty_reconnection`](Self::finish_on_empty_reconnection) | `false`, the default | an empty 200 is a failed attempt, from which the session backs off; only a 204 ends a feed |
    /// | [`retry_first_connection`](Self::retry_first_connection) | `true` | the server may be down when the program starts; only transport failures, 408, 425, 429 and 5xx are retried, so that a wrong URL is an error at once |
    /// | [`retry_rejected_reconnections`](Self::retry_rejected_reconnections) | all but 401, 407 and 410 | once the session was open, its URL is known to be right: a login page, a 403 or 404 during a deployment, and the 409 of MCP servers that have not noticed the disconnect, go away. New credentials need the program, and 410 says that the resource will not return |
    /// | [`head_timeout`](Self::head_timeout) | 5 minutes | Spring, Micronaut, Ktor on Netty, go-sse and MCP's Java SDK send no head before the first event or keep-alive: a shorter time than the [longest silence](Self::idle_timeout) would close healthy connections. Keep-alives come every minute or more often, as common proxies close a connection after a silent minute. Without a limit, a dead connection would never be noticed |
    /// | [`idle_timeout`](Self::idle_timeout) | [`IdleTimeout::auto`] | three times the interval of the server's keep-alives, which the session learns and remembers over its connections; no limit for a server without keep-alives |
    /// | [`keep_alive_events`](Self::keep_alive_events) | types `ping`, `heartbeat`, `keepalive`, `keep-alive` and `keep_alive`, in upper or lower case; events whose data is empty, without a type and an ID | what Anthropic, tRPC, Pekko and the Go SDK of MCP send in place of comments |
    ///
    /// After an expired [deadline](crate::Deadline), the next request asks for a [fresh
    /// connection](crate::SendContext::fresh_connection_wanted), as every session does.
    ///
    /// # Limitations
    ///
    /// - A server without keep-alives has no idle timeout: set one if you know how often it sends
    ///   an event. A server that also sends no head before its first event should have a longer
    ///   `head_timeout`.
    /// - The session requests a feed that is gone for good, with a 404, once a minute, forever. Set
    ///   a `max_outage` if the program should end.
    /// - In the Model Context Protocol, a 404 means that its session has expired: exclude it with
    ///   [`retry_rejected_reconnections`](Self::retry_rejected_reconnections), and initialize
    ///   again.
    /// - An event that exceeds the [limits](Self::limits) ends the session, as by default: skipping
    ///   it would lose it silently.
    /// - The session ends with an error after 4 event streams in a row that could not be decoded.
    /// - A POST needs [`Resume::Feed`](crate::Resume::Feed) in addition, and
    ///   [`CleanEnd::Reconnect`](crate::CleanEnd::Reconnect) if the feed continues after a regular
    ///   end.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sse_session::SseConfig;
    ///
    /// let config = SseConfig::for_feeds();
    /// // Known to send something every 15 s.
    /// let config = SseConfig::for_feeds().idle_timeout(Duration::from_secs(45));
    /// ```
    #[must_use]
    pub fn for_feeds() -> Self {
        Self::new()
            .reconnect(ReconnectPolicy::exponential().max_server_delay(LONGEST_SERVER_DELAY))
            .retry_first_connection(true)
            .retry_rejected_reconnections(is_survived)
            .head_timeout(HEAD_TIMEOUT)
            .idle_timeout(IdleTimeout::auto())
            .keep_alive_events(is_keep_alive)
    }
}

const LONGEST_SERVER_DELAY: Duration = Duration::from_secs(60 * 60);

const HEAD_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Returns `true` if a rejection of a reconnection may go away by itself.
fn is_survived(status: StatusCode, _: &HeaderMap) -> bool {
    let is_final =
        [StatusCode::UNAUTHORIZED, StatusCode::PROXY_AUTHENTICATION_REQUIRED, StatusCode::GONE]
            .contains(&status);
    !is_final
}

/// Returns `true` if an event has the form of a keep-alive.
fn is_keep_alive(event: &ServerSentEvent) -> bool {
    match event.event() {
        None => event.has_data() && event.data().is_empty() && event.id().is_none(),
        Some(event_type) => {
            KEEP_ALIVE_TYPES.iter().any(|known| event_type.eq_ignore_ascii_case(known))
        }
    }
}

const KEEP_ALIVE_TYPES: [&str; 5] = ["ping", "heartbeat", "keepalive", "keep-alive", "keep_alive"];

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use sse_core::Parser;

    use super::{KEEP_ALIVE_TYPES, is_keep_alive};

    #[test]
    fn for_feeds_knows_the_common_forms_of_keep_alive_events() {
        #[track_caller]
        fn check(block: &str, expected: bool) {
            let mut parser = Parser::new().with_dataless_blocks(true);
            let event = parser.next(&mut Bytes::from(block.to_owned())).unwrap().unwrap();
            assert_eq!(is_keep_alive(&event), expected, "{block:?}");
        }
        for event_type in KEEP_ALIVE_TYPES {
            check(&format!("event: {event_type}\ndata: 1\n\n"), true);
            check(&format!("event: {}\n\n", event_type.to_uppercase()), true);
        }
        check("data:\n\n", true);
        check("data: 0\n\n", false);
        check("retry: 1000\n\n", false);
        // A place to resume from, and a sign that has a meaning, which may be sent at any time.
        check("id: 7\ndata:\n\n", false);
        check("event: complete\ndata:\n\n", false);
    }
}
