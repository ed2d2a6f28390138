//! Life of one session, from its seed.

use std::{any::Any, sync::Arc};

use bytes::Bytes;
use http::Request;
use sse_session::{NativeRequest, OpenSession, SessionRequest, SseClient};

use crate::{
    chance::Chance,
    invariant::Violation,
    observer::Witness,
    options::Options,
    timers::Sleep,
    transport::ModelTransport,
    user::User,
    world::{Shared, World},
};

/// Outcome of a life.
#[derive(Debug)]
pub struct Life {
    /// Seed that reproduces the life.
    pub seed: u64,
    /// Violations of invariants, the first one first.
    pub violations: Vec<Violation>,
    /// Events of the life in order, if it was traced.
    pub trace: Vec<String>,
    /// Number of requests that the session made.
    pub requests: usize,
    /// Number of events that the session yielded.
    pub events: usize,
}

/// Runs a life. A trace takes time, and is kept only if it `is_traced`.
#[must_use]
pub fn run(seed: u64, is_traced: bool) -> Life {
    let shared = Shared::new(World::new(seed, is_traced));
    let witness = Witness::new(&shared);
    let session = open(&shared, &witness);
    User::new(shared.clone(), Chance::new(seed, 4), session).live();
    let mut world = shared.lock();
    world.check_nothing_left();
    let (is_observed, has_panicked) = (world.options.is_observed, world.has_panicked);
    let (connections, yields) = (world.model.connections, world.yields);
    drop(world);
    if is_observed && !has_panicked {
        witness.check_over(connections, yields);
    }
    let mut world = shared.lock();
    Life {
        seed,
        violations: std::mem::take(&mut world.violations),
        trace: world.trace.take().unwrap_or_default(),
        requests: world.requests,
        events: world.yields,
    }
}

fn open(shared: &Arc<Shared>, witness: &Arc<Witness>) -> OpenSession {
    let options = shared.lock().options.clone();
    let config = options.config(shared, witness);
    let client = SseClient::new(ModelTransport(shared.clone()), config);
    if !options.has_factory {
        return client.sse_session(request(&options));
    }
    let shared = shared.clone();
    let make = move |context| {
        let (shared, options) = (shared.clone(), options.clone());
        async move {
            let (delay, is_ok) = shared.lock().factory_called(&context);
            Sleep::new(&shared, delay).await;
            shared.lock().made(is_ok);
            if is_ok { Ok(request(&options)) } else { Err("no request") }
        }
    };
    client.request_factory(make).sse_session()
}

fn request(options: &Options) -> SessionRequest {
    let body = if options.is_post { "payload" } else { "" };
    let mut request = Request::new(Bytes::from_static(body.as_bytes()));
    *request.method_mut() = options.method();
    *request.uri_mut() = options.uri();
    for name in ["authorization", "cookie", "x-api-key"] {
        request.headers_mut().insert(name, http::HeaderValue::from_static("secret"));
    }
    let request = SessionRequest::new(request);
    if options.is_one_shot { request.native(Box::new(OneShot)) } else { request }
}

/// Body that can be sent only once.
struct OneShot;

impl NativeRequest for OneShot {
    fn try_clone(&self) -> Option<Box<dyn NativeRequest>> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
