//! The well-behaved server.

use sse_test::{HttpVersion, WebServer};

use crate::support::run;

#[test]
fn web_server_responds_on_each_version_of_http() {
    run(async {
        let clients = [
            (HttpVersion::Http1, reqwest::Client::builder()),
            (HttpVersion::Http2, reqwest::Client::builder().http2_prior_knowledge()),
        ];
        for (version, client) in clients {
            let server = WebServer::start(|seen| {
                let body = [&seen.body[..], b"!"].concat();
                hyper::Response::builder()
                    .status(201)
                    .body(String::from_utf8(body).unwrap())
                    .unwrap()
            })
            .await;
            let request = client.no_proxy().build().unwrap().post(server.url("/a?b")).body("hi");
            let response = request.header("x", "y").send().await.unwrap();
            assert_eq!(response.status(), 201);
            assert_eq!(response.text().await.unwrap(), "hi!");
            let seen = server.request();
            assert_eq!(seen.version, version);
            assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/a?b"));
            assert_eq!((seen.value("x"), &seen.body[..]), (Some("y"), &b"hi"[..]));
        }
    });
}

#[test]
fn web_server_closes_when_it_is_dropped() {
    run(async {
        let server = WebServer::start(|_| hyper::Response::new(String::new())).await;
        let address = server.address();
        drop(server);
        while tokio::net::TcpStream::connect(address).await.is_ok() {}
    });
}
