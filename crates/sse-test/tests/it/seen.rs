//! Record of the requests.

use std::time::Duration;

use sse_test::{HttpVersion, Reply, ScriptedServer, Side, TestClock};

use crate::support::{GET, RawClient, http, is_pending, run};

#[test]
fn a_seen_request_has_its_method_target_headers_and_body() {
    run(async {
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let request = "POST /a?b=c HTTP/1.1\r\nX-A:  1 \r\nx-b: 2\r\nX-a: \r\n\
                       Content-Length: 2\r\n\r\nhi!";
        let mut client = RawClient::send(&server, request).await;
        client.rest().await.unwrap();
        let requests = server.requests();
        let [seen] = &requests[..] else { panic!("{requests:?}") };
        assert_eq!(seen.version, HttpVersion::Http1);
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/a?b=c"));
        let headers: [(_, &[u8]); 4] =
            [("x-a", b"1"), ("x-b", b"2"), ("x-a", b""), ("content-length", b"2")];
        assert_eq!(seen.headers, headers.map(|(name, value)| (name.to_owned(), value.to_vec())));
        assert_eq!(seen.values("x-a"), ["1", ""]);
        assert_eq!((seen.value("x-b"), seen.value("x-c")), (Some("2"), None));
        assert_eq!(seen.body, b"hi");
    });
}

#[test]
fn a_body_may_come_in_chunks() {
    run(async {
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let request = "PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n\
                       3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        RawClient::send(&server, request).await.rest().await.unwrap();
        assert_eq!(server.requests()[0].body, b"abc0123456789");
    });
}

#[test]
#[should_panic(expected = "x: [\"1\", \"2\"]")]
fn a_header_that_is_there_twice_has_no_single_value() {
    run(async {
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let request = "GET / HTTP/1.1\r\nx: 1\r\nx: 2\r\n\r\n";
        RawClient::send(&server, request).await.rest().await.unwrap();
        server.requests()[0].value("x");
    });
}

#[test]
#[should_panic(expected = "x is not UTF-8: \"\\\\xff\"")]
fn value_panics_if_a_value_is_not_utf_8() {
    run(async {
        let request = http().get("http://host.invalid/");
        let value = reqwest::header::HeaderValue::from_bytes(b"\xff").unwrap();
        let request = request.header("x", value).build().unwrap();
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let mut to_server = request;
        *to_server.url_mut() = server.url("/").parse().unwrap();
        http().execute(to_server).await.unwrap();
        server.requests()[0].value("x");
    });
}

#[test]
fn times_are_those_of_the_clock() {
    run(async {
        let clock = TestClock::manual();
        let replies = vec![Reply::status(204); 2];
        let server = ScriptedServer::builder().clock(&clock).start(replies).await;
        RawClient::send(&server, GET).await.rest().await.unwrap();
        clock.advance(Duration::from_secs(3600));
        RawClient::send(&server, GET).await.rest().await.unwrap();
        let times: Vec<_> = server.requests().iter().map(|seen| seen.time.as_secs()).collect();
        assert_eq!(times, [0, 3600]);
    });
}

#[test]
fn times_of_requests_advance_without_a_test_clock() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::status(204); 2]).await;
        RawClient::send(&server, GET).await.rest().await.unwrap();
        RawClient::send(&server, GET).await.rest().await.unwrap();
        assert!(server.requests()[0].time < server.requests()[1].time);
    });
}

#[test]
fn next_request_waits_and_returns_each_request_once() {
    run(async {
        let server = ScriptedServer::start([]).await;
        assert!(is_pending(server.next_request()).await);
        for path in ["/1", "/2"] {
            http().get(server.url(path)).send().await.unwrap();
        }
        assert_eq!(server.next_request().await.target, "/1");
        assert_eq!(server.next_request().await.target, "/2");
        let (next, _) = tokio::join!(server.next_request(), http().get(server.url("/3")).send());
        assert_eq!((next.target.as_str(), next.connection), ("/3", 2));
        assert_eq!(server.requests().len(), 3);
    });
}

#[test]
fn replies_may_depend_on_the_requests() {
    run(async {
        let server = ScriptedServer::answering(|seen| {
            let from: u32 = seen.last_event_id().map_or(0, |id| id.parse().unwrap());
            Reply::events(format!("id: {}\ndata\n\n", from + 1))
        })
        .await;
        for (id, expected) in [("1", "id: 2\ndata\n\n"), ("8", "id: 9\ndata\n\n")] {
            let request = http().get(server.url("/")).header("last-event-id", id);
            assert_eq!(request.send().await.unwrap().text().await.unwrap(), expected);
        }
        assert_eq!(server.last_event_ids(), [Some("1".to_owned()), Some("8".to_owned())]);
    });
}

#[test]
fn count_requests_does_not_record_its_connection() {
    run(async {
        let server = ScriptedServer::start([Reply::nothing()]).await;
        assert_eq!(server.count_requests().await, 0);
        let _client = RawClient::send(&server, GET).await;
        assert_eq!(server.count_requests().await, 1);
        assert_eq!(server.count_requests().await, 1);
        assert_eq!(server.requests().len(), 1);
        assert!(is_pending(server.closed(0)).await);
        assert!(is_pending(server.closed(1)).await);
    });
}

#[test]
fn closed_reports_a_connection_that_ends_before_its_request() {
    run(async {
        let server = ScriptedServer::start([]).await;
        drop(RawClient::send(&server, "GET / HT").await);
        assert_eq!(server.closed(0).await, Side::Client);
        server.closed_by_client(1).await;
        assert!(server.requests().is_empty());
    });
}
