//! One table of scripts, run by an async and by a blocking session: both live the same life.

use std::{io::ErrorKind, time::Duration};

use http::Response;
use sse_session::{CleanEnd, Limits, SessionEvent, SseConfig, SseError};
use sse_test::TestClock;

use super::support as blocking;
use crate::support::{self as polled, Frames};

/// Reply that both transports can give.
enum Both {
    Stream(&'static [&'static str], Option<ErrorKind>),
    Status(u16, &'static str),
    Redirect(&'static str),
    Error(ErrorKind),
}

impl Both {
    fn polled(&self) -> polled::Reply {
        polled::Reply::Response(match *self {
            Self::Stream(chunks, None) => polled::events(chunks),
            Self::Stream(chunks, Some(kind)) => polled::broken(polled::events(chunks), kind),
            Self::Status(status, body) => {
                let mut response: Response<Frames> = polled::events(&[]);
                *response.body_mut() =
                    std::mem::take(polled::events(Box::leak([body].into())).body_mut());
                response.headers_mut().clear();
                *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
                *response.version_mut() = http::Version::HTTP_11;
                response
            }
            Self::Redirect(location) => return polled::redirect(307, location),
            Self::Error(kind) => return polled::Reply::Error(kind.into()),
        })
    }

    fn blocking(&self) -> blocking::Reply {
        match *self {
            Self::Stream(chunks, end) => {
                // To a reader, an empty chunk would be the end.
                let chunks = chunks.iter().filter(|it| !it.is_empty());
                let chunks = chunks.copied().map(blocking::data);
                blocking::stream(chunks.chain(end.map(blocking::fails)))
            }
            Self::Status(status, body) => blocking::status(status, None, [blocking::data(body)]),
            Self::Redirect(location) => blocking::status(307, Some(("location", location)), []),
            Self::Error(kind) => Box::new(move || Err(kind.into())),
        }
    }
}

fn shown(step: Result<SessionEvent, SseError>) -> String {
    match step {
        // The two transports name the version of a rejection differently.
        Ok(SessionEvent::Open(call)) => format!("open {}", call.response().uri()),
        Ok(SessionEvent::Event(event)) => format!("{:?} {:?}", event.data(), event.id()),
        step => format!("{step:?}"),
    }
}

fn scripts() -> Vec<Vec<Both>> {
    use Both::{Error, Redirect, Status, Stream};
    let one = || Stream(&["id: 1\ndata: one\n\n: comment\n\nid: 2\nda"], None);
    vec![
        vec![one(), one(), Status(204, "")],
        vec![
            Stream(&["retry: 5\ndata: 1\n\nda", "ta: 2\n\nda"], Some(ErrorKind::UnexpectedEof)),
            one(),
            Status(204, ""),
        ],
        vec![
            Stream(&["data: 1\n\n"], Some(ErrorKind::ConnectionReset)),
            Error(ErrorKind::ConnectionRefused),
            Status(503, "busy"),
            one(),
            Status(404, "gone"),
        ],
        vec![Redirect("/elsewhere"), one(), Redirect("ftp://localhost/")],
        vec![Stream(&["data: an event that is much too large\n\n"], None)],
        vec![Stream(&["event: end\ndata: bye\n\ndata: never seen\n\n"], None)],
        vec![
            Stream(&["", "data: 1\n\n"], None),
            Error(ErrorKind::TimedOut),
            Error(ErrorKind::Other),
            Error(ErrorKind::Other),
            Error(ErrorKind::Other),
        ],
        vec![Status(204, "")],
        vec![Status(500, "broken")],
        vec![Error(ErrorKind::ConnectionRefused)],
        vec![Error(ErrorKind::UnexpectedEof), one(), Status(204, "")],
        vec![Error(ErrorKind::ConnectionReset), Error(ErrorKind::UnexpectedEof)],
    ]
}

fn config() -> SseConfig {
    SseConfig::new()
        .max_reconnection_attempts(3)
        .clean_end(CleanEnd::Reconnect)
        .limits(Limits::default().max_event_bytes(20))
        .stop_after(|event| event.event_type() == "end")
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_secs(45))
        .randomness(|| 0.5)
        .clock(TestClock::skipping())
}

#[test]
fn blocking_and_async_sessions_live_the_same_lives() {
    for (index, script) in scripts().into_iter().enumerate() {
        let polled_script = polled::Script::new(script.iter().map(Both::polled));
        let client = polled_script.client(config());
        let by_polling = polled::run(async {
            let mut steps = Vec::new();
            match client.sse_session("http://localhost/").await {
                Ok(mut session) => {
                    let mut life = session.lifecycle();
                    while let Some(step) = life.next().await {
                        steps.push(shown(step));
                    }
                    steps.push(format!("{:?} {:?}", session.end_reason(), session.end_evidence()));
                }
                Err(error) => steps.push(shown(Err(error))),
            }
            steps
        });

        let blocking_script = blocking::Script::new(script.iter().map(Both::blocking));
        let client = blocking_script.client(config());
        let by_blocking = blocking::run(move || {
            let mut steps = Vec::new();
            match client.sse_session("http://localhost/") {
                Ok(mut session) => {
                    steps.extend(session.lifecycle().map(shown));
                    steps.push(format!("{:?} {:?}", session.end_reason(), session.end_evidence()));
                }
                Err(error) => steps.push(shown(Err(error))),
            }
            steps
        });

        assert_eq!(by_blocking, by_polling, "script {index}");
        assert!(!by_blocking.is_empty());
        let heads = |requests: Vec<http::Request<bytes::Bytes>>| -> Vec<_> {
            requests.into_iter().map(|it| (it.uri().clone(), it.headers().clone())).collect()
        };
        assert_eq!(heads(blocking_script.requests()), heads(polled_script.requests()));
    }
}
