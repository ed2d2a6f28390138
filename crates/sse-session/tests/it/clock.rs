//! Clocks: sessions wait by the clock that they are given.

use std::time::Duration;

use sse_session::SseConfig;
use sse_test::TestClock;

use crate::support::{Reply, Script, events, read, run, status};

#[test]
fn retry_and_retry_after_are_waited_by_the_clock() {
    run(async {
        let clock = TestClock::skipping();
        let mut busy = status(503);
        busy.headers_mut().insert("retry-after", "3600".parse().unwrap());
        let script = Script::new([
            Reply::Response(events(&["retry: 250\ndata: 1\n\n"])),
            Reply::Response(busy),
            Reply::Response(events(&["data: 2\n\n"])),
            Reply::Response(status(204)),
        ]);
        let config = SseConfig::new().max_reconnection_attempts(3).clock(clock.clone());
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1", "2"]);
        let hour = Duration::from_secs(3600);
        assert!(clock.now() >= hour && clock.now() < hour + Duration::from_secs(1));
    });
}

#[cfg(not(feature = "tokio"))]
#[test]
fn without_a_clock_a_session_fails_with_invalid_config() {
    run(async {
        let client = Script::new([]).client(SseConfig::new());
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert_eq!(error.kind(), sse_session::SseErrorKind::InvalidConfig);
        assert!(error.to_string().contains("SseConfig::clock"), "{error}");
    });
}
