//! Performances by a client of sse-session, over any transport of it.

use std::future::ready;

use sse_session::{SessionRequest, SseClient};

use super::session::read;
use crate::{
    scenario::{Scenario, Source},
    stage::Stage,
};

pub(super) async fn play(client: &SseClient, scenario: &Scenario, origin: &str, stage: &Stage) {
    let mut request = match scenario.source {
        Source::Request(request) => client.request(request(origin)),
        Source::Factory(make) => {
            let origin = origin.to_owned();
            client.request_factory(move |context| {
                ready(make(&context, &origin).map(SessionRequest::new))
            })
        }
    };
    if let Some(resume) = scenario.resume {
        request = request.resume_request(resume(origin));
    }
    read(request.sse_session(), stage).await;
}
