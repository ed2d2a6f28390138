//! Functions of the caller's: request factories, senders, and client factories.

mod clients; // `client_factory`: clients that are replaced when a fresh connection is needed
mod credentials; // `refresh_credentials`: after which rejections, and for which origin

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use sse_reqwest::{
    BoxError, RequestContext, Resume, SseClient, SseConfig, SseErrorKind, SseErrorOutcome,
    SseRequest,
};

use self::credentials::refreshing;
use crate::support::{
    Reply, ScriptedServer, causes, http, reconnecting, rest, rest_of_data, run, sse,
};

/// Creates a request with the number of requests before it.
fn numbered(config: SseConfig, url: String) -> SseRequest {
    let count = AtomicU32::new(0);
    SseClient::new(http(), config).request_factory(move |context: RequestContext| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let cause = context.cause().map_or_else(String::new, ToString::to_string);
        let request = http()
            .get(&url)
            .header("x-number", number)
            .header("x-attempt", context.attempt())
            .header("x-last-event-id", context.last_event_id())
            .header("x-cause", cause);
        async { Ok::<_, BoxError>(request) }
    })
}

#[test]
fn request_factory_is_called_for_each_request_with_its_context() {
    run(async {
        let replies = [
            Reply::events("id: 7\ndata: 1\n\n"),
            Reply::status(503),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let mut session = numbered(reconnecting(3), server.url("/")).sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let seen = server.requests();
        let of = |name: &str| -> Vec<_> {
            seen.iter().map(|seen| seen.value(name).unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(of("x-number"), ["0", "1", "2", "3"]);
        assert_eq!(of("x-attempt"), ["0", "1", "2", "1"]);
        assert_eq!(of("x-last-event-id"), ["", "7", "7", "7"]);
        assert_eq!(of("last-event-id"), ["", "7", "7", "7"]);
        assert_eq!(of("accept"), ["text/event-stream"; 4]);
        let causes = of("x-cause");
        assert!(causes[0].is_empty() && causes[1].contains("ended"), "{causes:?}");
        assert!(causes[2].contains("503") && causes[3].contains("ended"), "{causes:?}");
    });
}

#[test]
fn a_factory_that_fails_is_a_failed_attempt() {
    run(async {
        let server =
            ScriptedServer::start([Reply::events("data: 1\n\n"), Reply::status(204)]).await;
        let calls = Arc::new(AtomicU32::new(0));
        let (url, counted) = (server.url("/"), calls.clone());
        let client = SseClient::new(http(), reconnecting(2));
        let request = client.request_factory(move |_| {
            let request = http().get(&url);
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move { if number == 1 { Err("no token") } else { Ok(request) } }
        });
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        assert_eq!(server.count_requests().await, 2);
    });
}

#[test]
fn a_factory_that_fails_at_first_opens_nothing() {
    run(async {
        let client = SseClient::new(http(), SseConfig::new());
        let request = client.request_factory(|_| async { Err("no token") });
        let error = request.sse_session().await.unwrap_err();
        assert!(
            error.kind() == SseErrorKind::RequestFactory
                && error.is_retryable()
                && !error.is_transport()
        );
        assert_eq!(causes(&error), ["no token"]);
        let request = client.request_factory(|_| async { Ok::<_, BoxError>(http().get("no url")) });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_invalid_request() && !error.is_retryable());
    });
}

#[test]
fn a_factory_is_not_called_before_its_request_is_to_be_made() {
    run(async {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = calls.clone();
        let client = SseClient::new(http(), SseConfig::new());
        let request = client.request_factory(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Err("unused") }
        });
        let opening = request.sse_session();
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        drop(opening);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn the_request_of_a_factory_is_repeated_as_its_method_allows() {
    run(async {
        for (resume, requests) in
            [(Resume::ByMethod, 1), (Resume::FromBeginning, 1), (Resume::Feed, 2)]
        {
            let replies = [Reply::events("data: 1\n\n").cut(), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let url = server.url("/");
            let client = SseClient::new(http(), reconnecting(1).resume(resume));
            let request = client.request_factory(move |_| {
                let request = http().post(&url);
                async { Ok::<_, BoxError>(request) }
            });
            rest(&mut request.sse_session().await.unwrap()).await;
            assert_eq!(server.count_requests().await, requests);
        }
    });
}

#[test]
fn a_body_that_can_be_read_once_is_a_clear_error_when_it_matters() {
    run(async {
        let server = ScriptedServer::start([Reply::status(401)]).await;
        let body = reqwest::Body::wrap(String::from("once"));
        let post = http().post(server.url("/")).body(body);
        let error = sse(refreshing(SseConfig::new())).sse_session(post).await.unwrap_err();
        assert!(
            error.outcome() == Some(SseErrorOutcome::BodyNotRepeatable) && error.is_unauthorized()
        );
    });
}

#[test]
fn resume_request_resumes_a_post() {
    run(async {
        let replies = [
            Reply::events("id: 1\ndata: 1\n\n"),
            Reply::events("id: 2\ndata: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let client = sse(reconnecting(1).resume(Resume::IfIdSeen));
        let request = client
            .request(http().post(server.url("/mcp")).body("question"))
            .resume_request(http().get(server.url("/mcp?resume")));
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let seen: Vec<_> = server
            .requests()
            .iter()
            .map(|seen| (seen.method.clone(), seen.target.clone(), seen.body.len()))
            .collect();
        let get = || ("GET".to_owned(), "/mcp?resume".to_owned(), 0);
        assert_eq!(seen, [("POST".to_owned(), "/mcp".to_owned(), 8), get(), get()]);
        assert_eq!(server.last_event_ids(), [None, Some("1".into()), Some("2".into())]);
    });
}

#[test]
fn an_invalid_resume_request_is_an_error() {
    run(async {
        let client = sse(reconnecting(1));
        let request = client.request("http://localhost/").resume_request("no url");
        assert!(request.sse_session().await.unwrap_err().is_invalid_request());
    });
}

#[test]
fn send_with_sends_the_requests() {
    run(async {
        let replies = [Reply::events("data: 1\n\n"), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (log, http) = (sent.clone(), http());
        let client = sse(reconnecting(1)).send_with(move |mut request: reqwest::Request| {
            log.lock().unwrap().push(request.url().path().to_owned());
            request.headers_mut().insert("x-signed", "yes".parse().unwrap());
            http.execute(request)
        });
        let mut session = client.sse_session(server.url("/a")).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(*sent.lock().unwrap(), ["/a", "/a"]);
        assert!(server.requests().iter().all(|seen| seen.value("x-signed") == Some("yes")));
    });
}

#[test]
fn an_error_of_send_with_is_the_source_and_is_transient() {
    run(async {
        let client = sse(SseConfig::new());
        let request = client.request("http://localhost/");
        let request =
            request.send_with(|_| async { Err::<reqwest::Response, _>("the cable is out") });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_transport() && error.is_retryable() && !error.is_connect());
        assert_eq!(causes(&error), ["the cable is out"]);
    });
}

#[test]
fn an_error_that_send_with_wraps_is_not_transient_by_that() {
    run(async {
        let replies = vec![Reply::redirect(302, "/"); 30];
        let server = ScriptedServer::start(replies).await;
        let (http, config) = (http(), reconnecting(9).retry_first_connection(true));
        let client = sse(config).send_with(move |request| {
            let sent = http.execute(request);
            async { sent.await.map_err(|error| std::io::Error::other(Wrapped(error))) }
        });
        let error = client.sse_session(server.url("/")).await.unwrap_err();
        assert!(error.kind() == SseErrorKind::Redirect && !error.is_retryable());
    });
}

#[derive(Debug)]
struct Wrapped(reqwest::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the middleware has failed")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}
