//! The versions of HTTP: what a session is like on each.

use sse_reqwest::{
    EndReason, RequestBuilderExt as _,
    reqwest::{Client, Version},
};

use crate::support::{WebServer, event_stream, rest, run};

#[test]
fn a_session_is_the_same_on_each_version_of_http() {
    run(async {
        let server = WebServer::start(|seen| {
            assert_eq!(seen.values("accept"), ["text/event-stream"]);
            event_stream(["data: 1\n\nda".to_owned(), "ta: 2\n\n".to_owned()])
        })
        .await;
        let clients = [
            (Version::HTTP_11, Client::builder().http1_only()),
            (Version::HTTP_2, Client::builder().http2_prior_knowledge()),
        ];
        for (version, client) in clients {
            let request = client.build().unwrap().get(server.url("/"));
            let mut session = request.sse_session().await.unwrap();
            assert_eq!(session.call().response().version(), version);
            let (events, error) = rest(&mut session).await;
            assert_eq!(events.iter().map(|event| event.data()).collect::<Vec<_>>(), ["1", "2"]);
            assert!(error.is_none(), "{error:?}");
            assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        }
    });
}
