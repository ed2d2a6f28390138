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
