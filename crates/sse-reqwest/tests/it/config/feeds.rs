//! `SseConfig::for_feeds`: weeks of real servers' behavior, in simulated time, and its options.
//!
//! The weeks are random. `SEED=7 cargo test -p sse-reqwest --all-features for_feeds` runs others.

mod chance; // seeded random numbers
mod server; // feed whose server gives the replies of real servers

use std::{
    env,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use futures_util::Stream;
use sse_reqwest::{
    BoxError, CleanEnd, EndReason, IdleTimeout, ReconnectPolicy, Resume, SessionObserver,
    SessionState, SseClient, SseConfig, SseError, SseErrorKind,
};

use self::{
    chance::Chance,
    server::{Feed, HOUR},
};
use crate::support::{
    Reply, ScriptedServer, TestClock, builder, data, http, open, reach, refusal, rest_of_data, run,
    sse,
};

const SECOND: Duration = Duration::from_secs(1);
const FOUR_WEEKS: Duration = Duration::from_secs(4 * 7 * 24 * 60 * 60);

/// Reports to the feed that a connection has ended.
#[derive(Debug)]
struct Ends(Arc<Mutex<Feed>>);

impl SessionObserver for Ends {
    fn on_disconnect(&self, _: &SseError, _: Duration) {
        self.0.lock().unwrap().disconnected();
    }
}

/// Follows a feed for four weeks with only the preset.
fn follow_for_weeks(is_http2: bool) {
    let seed = env::var("SEED").map_or(20, |seed| seed.parse::<u64>().expect("SEED is a number"));
    println!("SEED={seed}");
    // HTTP/2 has a sequence of its own.
    let seed = seed ^ (u64::from(is_http2) << 32);
    run(async {
        let clock = TestClock::skipping();
        let feed = Arc::new(Mutex::new(Feed::new(seed, clock.clone(), FOUR_WEEKS, is_http2)));
        let server = ScriptedServer::builder();
        #[cfg(feature = "http2")]
        let server = if is_http2 { server.http2() } else { server };
        let answers = feed.clone();
        let server = server.answering(move |request| answers.lock().unwrap().answer(request)).await;
        #[cfg(feature = "http2")]
        let http = if is_http2 { builder().http2_prior_knowledge() } else { builder() };
        #[cfg(not(feature = "http2"))]
        let http = builder();
        let jitter = Mutex::new(Chance::new(!seed));
        let config = SseConfig::for_feeds()
            .observer(Arc::new(Ends(feed.clone())))
            .randomness(move || jitter.lock().unwrap().unit())
            .clock(clock.clone());
        let client = SseClient::new(http.build().unwrap(), config);
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        loop {
            let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut session).poll_next(cx))).await;
            match polled {
                Poll::Ready(Some(event)) => feed.lock().unwrap().received(&event.unwrap()),
                Poll::Ready(None) => break,
                Poll::Pending => {
                    if feed.lock().unwrap().time_passes(session.state()) {
                        server.go_on();
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        feed.lock().unwrap().check_all();
    });
}

#[test]
fn for_feeds_follows_a_feed_for_four_weeks_and_loses_and_doubles_nothing() {
    follow_for_weeks(false);
}

#[cfg(feature = "http2")]
#[test]
fn for_feeds_follows_a_feed_for_four_weeks_over_http2() {
    follow_for_weeks(true);
}

#[test]
fn for_feeds_reports_a_wrong_url_at_once_and_survives_the_same_response_later() {
    run(async {
        let page = || Reply::status(200).header("content-type", "text/html").send("<p>log in");
        for (reply, kind) in [
            (Reply::status(404), SseErrorKind::Status),
            (Reply::status(403), SseErrorKind::Status),
            (Reply::status(409), SseErrorKind::Status),
            (page(), SseErrorKind::ContentType),
        ] {
            let config = || SseConfig::for_feeds().clock(TestClock::skipping());
            // The session waits for a server that is down.
            let server = ScriptedServer::start([Reply::status(503), reply.clone()]).await;
            assert_eq!(refusal(config(), server.url("/")).await.kind(), kind);
            let replies =
                [Reply::messages(["1"]), reply, Reply::messages(["2"]), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let mut session = open(config(), server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        }
    });
}

#[test]
fn for_feeds_does_not_survive_401_407_and_410() {
    for status in [401, 407, 410] {
        run(async {
            let replies = [Reply::messages(["1"]), Reply::status(status)];
            let server = ScriptedServer::start(replies).await;
            let config = SseConfig::for_feeds().clock(TestClock::skipping());
            let mut session = open(config, server.url("/")).await;
            assert_eq!(data(&mut session).await, "1");
            let error = session.next().await.unwrap().unwrap_err();
            assert_eq!(error.status().map(|it| it.as_u16()), Some(status));
        });
    }
}

#[test]
fn for_feeds_survives_a_peer_without_valid_tls_on_a_reconnection() {
    run(async {
        let server = ScriptedServer::start([Reply::messages(["1"]), Reply::status(204)]).await;
        let url = server.url("/");
        let portal = url.replace("http:", "https:");
        let http = http();
        let client = sse(SseConfig::for_feeds().clock(TestClock::skipping()));
        let request = client.request(http.get(&url)).resume_factory(move |context| {
            let url = if context.attempt() == 1 { &portal } else { &url };
            let request = http.get(url);
            async move { Ok::<_, BoxError>(request) }
        });
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        let error = client.sse_session(server.url("/").replace("http:", "https:")).await;
        assert!(error.unwrap_err().is_tls());
    });
}

#[test]
fn for_feeds_backs_off_from_an_empty_200_after_the_last_id() {
    run(async {
        let clock = TestClock::skipping();
        let mut replies = vec![Reply::events("retry: 1000\nid: 7\ndata: 1\n\n")];
        replies.extend(vec![Reply::empty(); 8]);
        replies.push(Reply::status(204));
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::for_feeds().randomness(|| 0.0).clock(clock.clone());
        rest_of_data(&mut open(config, server.url("/")).await).await;
        let waits = clock.asked().into_iter().filter(|&asked| asked < 5 * 60 * SECOND);
        assert_eq!(Vec::from_iter(waits), [1, 2, 4, 8, 16, 32, 40, 40, 40].map(|n| n * SECOND));
    });
}

#[test]
fn for_feeds_caps_retry_and_retry_after_at_an_hour() {
    run(async {
        let clock = TestClock::skipping();
        let replies = [
            Reply::events("retry: 7200000\ndata: 1\n\n"),
            Reply::status(503).retry_after(24 * HOUR),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::for_feeds().randomness(|| 0.0).clock(clock.clone());
        rest_of_data(&mut open(config, server.url("/")).await).await;
        assert_eq!(clock.now(), 2 * HOUR);
    });
}

#[test]
fn for_feeds_waits_five_minutes_for_a_head() {
    run(async {
        let clock = TestClock::manual();
        let quiet = Reply::head_with_first_event("data: 2\n\n");
        let server = ScriptedServer::start([Reply::messages(["1"]), quiet]).await;
        let config = SseConfig::for_feeds().randomness(|| 0.0).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        reach(&mut session, SessionState::Waiting).await;
        clock.advance(SECOND);
        tokio::select! {
            () = server.requested(2) => {}
            event = session.next() => panic!("{event:?}"),
        }
        clock.advance(5 * 60 * SECOND - Duration::from_millis(1));
        reach(&mut session, SessionState::Connecting).await;
        server.go_on();
        assert_eq!(data(&mut session).await, "2");
    });
}

#[test]
fn for_feeds_is_overridden_by_options_that_are_set_after_it() {
    run(async {
        let config = SseConfig::for_feeds()
            .retry_rejections(|_, _| false)
            .idle_timeout(IdleTimeout::off())
            .clock(TestClock::skipping());
        let server = ScriptedServer::start([Reply::messages(["1"]), Reply::status(404)]).await;
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        assert!(session.next().await.unwrap().unwrap_err().is_status());
        let server = ScriptedServer::start([Reply::messages(["1"])]).await;
        let config = SseConfig::for_feeds().retry_first_connection(false);
        let config = config.reconnect(ReconnectPolicy::never());
        assert_eq!(rest_of_data(&mut open(config, server.url("/")).await).await, ["1"]);
    });
}

#[test]
fn for_feeds_needs_resume_for_a_post() {
    run(async {
        let server = ScriptedServer::start([Reply::messages(["1"]), Reply::status(204)]).await;
        let client = sse(SseConfig::for_feeds().clock(TestClock::skipping()));
        let post = || client.request(http().post(server.url("/")));
        let error = post().sse_session().await.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::InvalidConfig);
        let feed = post().configure(|it| it.resume(Resume::Feed).clean_end(CleanEnd::Reconnect));
        assert_eq!(rest_of_data(&mut feed.sse_session().await.unwrap()).await, ["1"]);
    });
}
