//! Performances over ureq, on a thread without a runtime.

use std::{
    io::{self, ErrorKind, Read},
    sync::Arc,
    thread,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Version};
use sse_session::{
    BlockingClient, BlockingTransport, BodyEnd, SendContext, SessionRequest, SseConfig,
    TransportError, TransportErrorKind, UreqBody, UreqTransport,
};
use tokio::sync::oneshot;
use ureq::Agent;

use super::session::read_blocking;
use crate::{
    scenario::{Scenario, Source},
    stage::Stage,
};

pub(super) async fn play(scenario: &Scenario, origin: &str, config: SseConfig, stage: &Arc<Stage>) {
    let ureq = UreqTransport::new(agent(scenario));
    let client = BlockingClient::new(Watched { ureq, stage: stage.clone() }, config);
    let mut request = match scenario.source {
        Source::Request(request) => client.request(request(origin)),
        Source::Factory(make) => {
            let origin = origin.to_owned();
            client.request_factory(move |context| make(&context, &origin).map(SessionRequest::new))
        }
    };
    if let Some(resume) = scenario.resume {
        request = request.resume_request(resume(origin));
    }
    let stage = stage.clone();
    let (ended, end) = oneshot::channel();
    thread::spawn(move || {
        read_blocking(request.prepare(), &stage);
        let _ = ended.send(());
    });
    end.await.expect("the thread of the session panicked");
}

fn agent(scenario: &Scenario) -> Agent {
    // Long enough for the head of the response on a busy machine.
    let read_timeout = scenario.has_silence().then_some(Duration::from_secs(1));
    Agent::config_builder().proxy(None).timeout_per_read(read_timeout).build().into()
}

/// ureq, with bodies that tell the stage that they are silent.
struct Watched {
    ureq: UreqTransport,
    stage: Arc<Stage>,
}

struct WatchedBody {
    body: UreqBody,
    stage: Arc<Stage>,
}

impl BlockingTransport for Watched {
    type Body = WatchedBody;
    type Error = TransportError;

    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<WatchedBody>, TransportError> {
        let stage = self.stage.clone();
        Ok(self.ureq.send(request, context)?.map(|body| WatchedBody { body, stage }))
    }

    fn error_kind(&self, error: &(dyn std::error::Error + 'static)) -> TransportErrorKind {
        self.ureq.error_kind(error)
    }

    fn regular_end(&self, version: Version, headers: &HeaderMap) -> BodyEnd {
        self.ureq.regular_end(version, headers)
    }
}

impl Read for WatchedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(buffer);
        if read.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            self.stage.silence();
        }
        read
    }
}
