//! `Last-Event-ID` headers after the IDs of events.
//!
//! One request for each connection; its time is tested in `reconnect` and `policy/wait`.

use sse_reqwest::{RequestBuilderExt as _, SessionEvent, SseClient, SseConfig, reqwest::Url};

use crate::support::{
    Reply, ScriptedServer, builder, data, http, open, reconnecting, rest, rest_of_data, run, sse,
};

/// Plays these bodies on consecutive connections, then 204. The session must survive all of them.
#[track_caller]
fn check(seed: Option<&str>, bodies: &[&str], expected: &[Option<&str>]) {
    let (ids, last) = run(async {
        let end = [Reply::status(204)];
        let server = ScriptedServer::start(bodies.iter().map(Reply::events).chain(end)).await;
        let config = match seed {
            Some(id) => reconnecting(2).last_event_id(id),
            None => reconnecting(2),
        };
        let mut session = open(config, server.url("/")).await;
        rest_of_data(&mut session).await;
        (server.last_event_ids(), session.last_event_id().to_owned())
    });
    assert_eq!(ids.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{bodies:?}");
    let sent = expected.last().copied().flatten();
    assert!(sent.is_none_or(|id| id == last), "{last:?}");
}

#[test]
fn the_id_of_the_last_event_is_sent_on_every_reconnection() {
    check(None, &["id: 1\ndata\n\n", "data\n\n"], &[None, Some("1"), Some("1")]);
    check(None, &["id: 1\ndata\n\nid: 2\ndata\n\n"], &[None, Some("2")]);
    check(None, &["id: 1\ndata\n\n", "id: 2\ndata\n\n"], &[None, Some("1"), Some("2")]);
}

#[test]
fn without_an_id_there_is_no_header() {
    check(None, &["data\n\n"], &[None, None]);
}

#[test]
fn an_empty_id_takes_the_header_away() {
    check(None, &["id: 1\ndata\n\n", "id\ndata\n\n"], &[None, Some("1"), None]);
    check(Some("0"), &["id:\ndata\n\n"], &[Some("0"), None]);
}

#[test]
fn last_event_id_option_is_sent_first_and_replaced_by_an_id() {
    check(Some("0"), &["data\n\n", "id: 1\ndata\n\n"], &[Some("0"), Some("0"), Some("1")]);
}

#[test]
fn last_event_id_header_of_the_request_is_sent_first_and_replaced() {
    run(async {
        let replies = [Reply::events("data: 1\n\n"), Reply::events("id: new\ndata: 2\n\n")];
        let server = ScriptedServer::start(replies.into_iter().chain([Reply::status(204)])).await;
        let request = http().get(server.url("/")).header("Last-Event-ID", "old");
        let mut session = request.with_sse_config(reconnecting(1)).sse_session().await.unwrap();
        assert_eq!(session.last_event_id(), "old");
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(session.last_event_id(), "old");
        assert_eq!(data(&mut session).await, "2");
        assert_eq!(session.last_event_id(), "new");
        assert_eq!(rest_of_data(&mut session).await, [""; 0]);
        assert_eq!(server.last_event_ids(), ["old", "old", "new"].map(|id| Some(id.to_owned())));
    });
}

#[test]
fn last_event_id_option_overrides_the_header_of_the_request() {
    for (seed, sent) in [("mine", Some("mine".to_owned())), ("", None)] {
        run(async {
            let server = ScriptedServer::start([Reply::status(204)]).await;
            let request = http().get(server.url("/")).header("Last-Event-ID", "header");
            let config = SseConfig::new().last_event_id(seed);
            request.with_sse_config(config).sse_session().await.unwrap();
            assert_eq!(server.last_event_ids(), [sent]);
        });
    }
}

#[test]
fn configure_sets_last_event_id_for_one_request() {
    run(async {
        let server = ScriptedServer::start([Reply::status(204), Reply::status(204)]).await;
        let client = sse(SseConfig::new().last_event_id("global"));
        let own = client.request(server.url("/")).configure(|config| config.last_event_id("own"));
        own.sse_session().await.unwrap();
        client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(server.last_event_ids(), ["own", "global"].map(|id| Some(id.to_owned())));
    });
}

#[test]
fn an_id_is_sent_as_raw_utf_8() {
    check(
        None,
        &["id: \u{2026}\ndata\n\n", "data: \u{2026}\n\n"],
        &[None, Some("\u{2026}"), Some("\u{2026}")],
    );
    check(None, &["id: \u{1F980} <&> \"e\"\ndata\n\n"], &[None, Some("\u{1F980} <&> \"e\"")]);
}

#[test]
fn last_event_id_is_the_same_on_each_version_of_http_whatever_is_at_its_ends() {
    for is_http2 in [false, true] {
        run(async {
            let bodies = ["id:  a b\t\ndata\n\n", "id:   \ndata\n\n"].map(Reply::events);
            let replies = bodies.into_iter().chain([Reply::status(204)]);
            let server = ScriptedServer::builder();
            let server = if is_http2 { server.http2() } else { server };
            let server = server.start(replies).await;
            let http = builder();
            let http = if is_http2 { http.http2_prior_knowledge() } else { http };
            let client = SseClient::new(http.build().unwrap(), reconnecting(1));
            let mut session = client.sse_session(server.url("/")).await.unwrap();
            data(&mut session).await;
            assert_eq!(session.last_event_id(), " a b\t");
            rest(&mut session).await;
            assert_eq!(server.last_event_ids(), [None, Some("a b".to_owned()), None]);
        });
    }
}

#[test]
fn an_id_that_no_header_can_carry_is_omitted_and_the_session_continues() {
    for id in ["a\u{7}b", "a\u{1b}[0m", "\u{7f}", &"x".repeat(4 * 1024 + 1)] {
        let body = format!("id: {id}\ndata\n\n");
        check(None, &["id: 1\ndata\n\n", &body], &[None, Some("1"), None]);
    }
    let longest = "x".repeat(4 * 1024);
    check(None, &[&format!("id: {longest}\ndata\n\n")], &[None, Some(&longest)]);
}

#[test]
fn an_id_to_start_from_that_no_header_can_carry_is_an_error() {
    let control = "contains a control character, such as a trailing line break";
    let too_long = "longer than 4 KiB";
    let long = "x".repeat(4 * 1024 + 1);
    for (id, why) in [("ab\n", control), ("\u{7}", control), (&long, too_long)] {
        run(async {
            let server = ScriptedServer::start([Reply::events("")]).await;
            let client = sse(SseConfig::new().last_event_id(id));
            let error = client.sse_session(server.url("/")).await.unwrap_err();
            assert!(error.is_invalid_request() && !error.is_retryable());
            assert_eq!(error.to_string(), format!("invalid last event ID: {why}"));
            assert_eq!(server.count_requests().await, 0);
        });
    }
}

#[test]
fn a_header_to_start_from_that_is_too_long_is_an_error_too() {
    run(async {
        let server = ScriptedServer::start([Reply::events("")]).await;
        let request = http().get(server.url("/")).header("last-event-id", "x".repeat(4 * 1024 + 1));
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_invalid_request());
        assert_eq!(server.count_requests().await, 0);
    });
}

#[test]
fn an_omitted_id_is_reported() {
    for (id, is_reported) in [("a\u{7}b", true), ("fine", false)] {
        run(async {
            let body = format!("id: {id}\ndata\n\n");
            let server = ScriptedServer::start([Reply::events(body)]).await;
            let mut session = open(reconnecting(1), server.url("/")).await;
            data(&mut session).await;
            let step = session.lifecycle().next().await.unwrap().unwrap();
            let SessionEvent::Disconnected { unsendable_id, .. } = step else { panic!("{step:?}") };
            assert_eq!(unsendable_id, is_reported.then(|| id.to_owned()));
            assert_eq!(session.last_event_id(), id);
        });
    }
}

#[test]
fn an_id_with_nul_is_ignored() {
    for id in ["\0\0", "x\0", "\0x", "x\0x", " \0"] {
        let body = format!("id: {id}\ndata: hello\n\n");
        check(None, &[&body, &body], &[None, None, None]);
    }
}

#[test]
fn the_id_of_an_incomplete_block_is_not_committed() {
    check(None, &["data: 1\n\nid: test\ndata: 2\n"], &[None, None]);
    check(None, &["id: 1\ndata\n\nid: 2\n", "id: 3\n"], &[None, Some("1"), Some("1")]);
    check(None, &["id: 1\ndata\n\nid: 2"], &[None, Some("1")]);
}

#[test]
fn a_hidden_block_moves_the_id() {
    check(None, &["id: 1\ndata\n\nid: 2\n\n"], &[None, Some("2")]);
    check(None, &[": beat\nid: 3\nretry: 100\n\n", "data\n\n"], &[None, Some("3"), Some("3")]);
}

#[test]
fn the_last_event_id_is_never_ahead_of_the_yielded_events() {
    run(async {
        let body = "id: 1\ndata: 1\n\nid: hidden\n\nid: 2\ndata: 2\n\n";
        let server = ScriptedServer::start([Reply::events(body)]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(session.last_event_id(), "");
        for id in ["1", "2"] {
            assert_eq!(data(&mut session).await, id);
            assert_eq!(session.last_event_id(), id);
        }
        let (events, _) = rest(&mut session).await;
        assert!(events.is_empty());
        assert_eq!(session.last_event_id(), "2");
    });
}

#[test]
fn the_id_is_sent_once_over_four_connections_that_break() {
    let bodies = ["id: 1\ndata\n\n", "data\n\n", "id: 2\n\n", ": alive\n\nid: 3\ndata: cut o"];
    let ids = run(async {
        // The reset comes when the client has read what was sent before it.
        let lost = |body: &&str| Reply::events(body).pause().reset();
        let replies = bodies.iter().map(lost).chain([Reply::status(204)]);
        let server = ScriptedServer::start(replies).await;
        let config = reconnecting(9).show_dataless_events(true).show_comment_events(true);
        let mut session = open(config, server.url("/")).await;
        for _ in bodies {
            session.next().await.unwrap().unwrap();
            server.go_on();
        }
        assert!(session.next().await.is_none());
        server.last_event_ids()
    });
    let expected = [None, Some("1"), Some("1"), Some("2"), Some("2")];
    assert_eq!(ids.iter().map(Option::as_deref).collect::<Vec<_>>(), expected);
}

#[test]
fn an_id_is_kept_over_attempts_that_fail() {
    let ids = run(async {
        let failed = [Reply::status(503), Reply::raw("no HTTP"), Reply::nothing().cut()];
        let replies = failed.clone().into_iter().chain([Reply::events("id: 8\ndata\n\n")]);
        let replies = replies.chain(failed).chain([Reply::status(204)]);
        let server = ScriptedServer::start(replies).await;
        let config = reconnecting(9).retry_first_connection(true).last_event_id("7");
        rest_of_data(&mut open(config, server.url("/")).await).await;
        server.last_event_ids()
    });
    let expected = [["7"; 4], ["8"; 4]].concat();
    assert_eq!(ids.iter().flatten().collect::<Vec<_>>(), expected);
}

#[test]
fn a_stored_last_event_id_resumes_in_another_client() {
    run(async {
        let replies = [Reply::events("id: 7\ndata: 1\n\n"), Reply::events("data: 2\n\n")];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        rest_of_data(&mut session).await;
        let stored = session.last_event_id().to_owned();
        drop(session);
        let config = SseConfig::new().last_event_id(stored);
        rest_of_data(&mut open(config, server.url("/")).await).await;
        assert_eq!(server.last_event_ids(), [None, Some("7".to_owned())]);
    });
}

#[test]
fn an_id_that_send_last_event_id_suppresses_is_known_to_the_factory() {
    run(async {
        let replies =
            [Reply::events("id: 7\u{7}\ndata: 1\n\n"), Reply::events("id: 8\ndata: 2\n\n")];
        let server = ScriptedServer::start(replies.into_iter().chain([Reply::status(204)])).await;
        let (client, url) = (http(), server.url("/"));
        let request =
            sse(reconnecting(1).send_last_event_id(false)).request_factory(move |context| {
                let url = Url::parse_with_params(&url, [("from", context.last_event_id())]);
                let request = url.map(|url| client.get(url).header("last-event-id", "own"));
                async { request }
            });
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        let step = session.lifecycle().next().await.unwrap().unwrap();
        let SessionEvent::Disconnected { unsendable_id, .. } = step else { panic!("{step:?}") };
        assert_eq!(unsendable_id, None);
        assert_eq!(rest_of_data(&mut session).await, ["2"]);
        assert_eq!(session.last_event_id(), "8");
        let targets: Vec<_> = server.requests().into_iter().map(|seen| seen.target).collect();
        assert_eq!(targets, ["/?from=", "/?from=7%07", "/?from=8"]);
        assert_eq!(server.last_event_ids(), [None, None, None]);
    });
}

#[test]
fn send_last_event_id_false_allows_any_id_and_true_restores_it() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n"); 2]).await;
        let config = SseConfig::new().send_last_event_id(false);
        let mut session = open(config.clone().last_event_id("a\nb"), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(session.last_event_id(), "a\nb");
        open(config.send_last_event_id(true).last_event_id("7"), server.url("/")).await;
        assert_eq!(server.last_event_ids(), [None, Some("7".to_owned())]);
    });
}
