//! Compares the decoding of chunked bodies with that of hyper and of ureq-proto, on mutated bodies.
//!
//! Each seed makes a body, mutates it, and cuts it into reads. A failure prints its seed. The test
//! takes a few seconds. For a million bodies from a first seed:
//!
//! ```text
//! BODIES=1000000 SEED=0 cargo test --release -p sse-direct differential -- --nocapture
//! ```

use std::{
    error::Error,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::Request;
use http_body::Body;
use hyper::body::Incoming;
use sse_session::{SendContext, Transport, TransportErrorKind};

use crate::support::{Memory, Script, response, setting};

use generator::Case;
use peers::Expected;
use reference::{End, Reference};

mod reference; // decoder of a whole body, by the grammar
mod peers; // known differences of hyper and ureq-proto
mod generator; // chunked bodies, most of them invalid

#[test]
fn chunked_bodies_are_decoded_as_by_hyper_and_ureq_proto() {
    let (count, first) = (setting("BODIES", 5000), setting("SEED", 0));
    let mut counts = Counts::default();
    for seed in first..first + count {
        let case = Case::new(seed);
        let result = std::panic::catch_unwind(|| compare(&case));
        let found = result.unwrap_or_else(|_| panic!("SEED={seed} BODIES=1: {case:?}"));
        counts.add(&found);
    }
    println!("{count} bodies from seed {first}: {counts:?}");
    // Mutations leave enough of each kind.
    for kind in [counts.complete, counts.truncated, counts.malformed] {
        assert!(kind * 20 > count, "{counts:?}");
    }
}

/// Data that a decoder has found, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    data: Vec<u8>,
    end: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Complete,
    Truncated,
    Malformed,
}

/// Number of bodies of each kind.
#[derive(Debug, Default)]
struct Counts {
    complete: u64,
    truncated: u64,
    malformed: u64,
    hyper_differs: u64,
    ureq_differs: u64,
    /// Malformed bodies that ureq-proto continues to decode.
    ureq_goes_on: u64,
}

impl Counts {
    fn add(&mut self, (reference, hyper, ureq): &(Reference, Expected, Expected)) {
        match reference.end {
            End::Complete { .. } => self.complete += 1,
            End::Truncated => self.truncated += 1,
            End::Malformed { .. } => self.malformed += 1,
        }
        let differs = |it: &Expected| !matches!(it, Expected::Same(_));
        self.hyper_differs += u64::from(differs(hyper));
        self.ureq_differs += u64::from(differs(ureq));
        self.ureq_goes_on += u64::from(matches!(ureq, Expected::GoesOn));
    }
}

/// Compares the decoders on one body. Returns what was expected of each.
fn compare(case: &Case) -> (Reference, Expected, Expected) {
    let reference = Reference::new(&case.body);
    let (ours, error) = ours(case);
    assert_eq!(ours, reference.found(), "sse-direct");
    if let End::Malformed { error: expected, .. } = reference.end {
        assert_eq!(error, Some(expected.to_string()), "sse-direct");
    }
    let hyper = Expected::of_hyper(&reference, &case.body);
    hyper.check("hyper", &by_hyper(case), &reference);
    let ureq = Expected::of_ureq(&reference, &case.body);
    ureq.check("ureq-proto", &peers::by_ureq(case), &reference);
    (reference, hyper, ureq)
}

/// Returns the script of a response with this body.
fn script(case: &Case) -> Script {
    let bytes = response("transfer-encoding: chunked\r\n", &case.body);
    Script::new(bytes).pieces(case.sizes.clone())
}

fn ours(case: &Case) -> (Found, Option<String>) {
    let transport = Memory::new([script(case)]).transport();
    let request = Request::get("http://localhost/").body(Bytes::new()).unwrap();
    let mut sending = Box::pin(transport.send(request, SendContext::default()));
    let Poll::Ready(response) = sending.as_mut().poll(&mut cx()) else { panic!("no response") };
    let mut body = response.unwrap().into_body();
    let mut data = Vec::new();
    let (end, error) = loop {
        let Poll::Ready(frame) = std::pin::Pin::new(&mut body).poll_frame(&mut cx()) else {
            panic!("a body that waits")
        };
        match frame {
            Some(Ok(frame)) => data.extend(frame.into_data().unwrap()),
            Some(Err(error)) => {
                let end = match error.kind() {
                    TransportErrorKind::Truncated => Outcome::Truncated,
                    TransportErrorKind::Malformed => Outcome::Malformed,
                    kind => panic!("{kind:?}"),
                };
                break (end, Some(error.to_string()));
            }
            None => break (Outcome::Complete, None),
        }
    };
    (Found { data, end }, error)
}

/// Reads the same response over hyper's connection.
fn by_hyper(case: &Case) -> Found {
    let io = Memory::new([script(case).answer()]).connect();
    let handshake = hyper::client::conn::http1::handshake(io);
    let (mut sender, connection) = ready(handshake).unwrap();
    let mut connection = Box::pin(connection);
    let request = Request::get("/").header("host", "localhost");
    let request = request.body(http_body_util::Empty::<Bytes>::new()).unwrap();
    let mut sending = Box::pin(sender.send_request(request));
    let mut body: Option<Incoming> = None;
    let mut data = Vec::new();
    for _ in 0..100_000 {
        let _ = connection.as_mut().poll(&mut cx());
        let Some(body) = &mut body else {
            if let Poll::Ready(response) = sending.as_mut().poll(&mut cx()) {
                body = Some(response.unwrap().into_body());
            }
            continue;
        };
        match std::pin::Pin::new(body).poll_frame(&mut cx()) {
            Poll::Ready(Some(Ok(frame))) => data.extend(frame.into_data().unwrap_or_default()),
            Poll::Ready(Some(Err(error))) => {
                let io = error.source().unwrap().downcast_ref::<std::io::Error>().unwrap();
                let is_truncated = io.kind() == std::io::ErrorKind::UnexpectedEof;
                let end = if is_truncated { Outcome::Truncated } else { Outcome::Malformed };
                return Found { data, end };
            }
            Poll::Ready(None) => return Found { data, end: Outcome::Complete },
            Poll::Pending => {}
        }
    }
    panic!("hyper waits")
}

/// Returns the output of a future that does not wait.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match Box::pin(future).as_mut().poll(&mut cx()) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future that waits"),
    }
}

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}
