//! Session of a performance, asynchronous or blocking, and how it is read.

use std::{future::poll_fn, pin::pin};

use sse_session::{OpenBlockingSession, OpenSession, SessionEvent, SseError};

use crate::{outcome, stage::Stage};

/// Reads a session to its end.
pub(super) async fn read(opening: OpenSession, stage: &Stage) {
    let _ = stage.handle.set(opening.handle());
    let mut session = match opening.await {
        Ok(session) => session,
        Err(error) => return not_opened(&error, stage),
    };
    stage.say(outcome::of_head(session.call().response().status()));
    loop {
        let item = {
            let mut lifecycle = session.lifecycle();
            let mut next = pin!(lifecycle.next());
            poll_fn(|cx| {
                let polled = next.as_mut().poll(cx);
                if polled.is_pending() {
                    stage.silence();
                }
                polled
            })
            .await
        };
        match say(item.as_ref(), stage) {
            Next::Item => {}
            Next::Acknowledge => session.acknowledge(session.ack_token()),
            Next::End => break,
        }
    }
    if let Some(evidence) = session.end_evidence() {
        stage.say(outcome::of_end(&evidence));
    }
}

/// Reads a blocking session to its end.
pub(super) fn read_blocking(opening: OpenBlockingSession, stage: &Stage) {
    let _ = stage.handle.set(opening.handle());
    let mut session = match opening.open() {
        Ok(session) => session,
        Err(error) => return not_opened(&error, stage),
    };
    stage.say(outcome::of_head(session.call().response().status()));
    loop {
        let item = session.lifecycle().next();
        match say(item.as_ref(), stage) {
            Next::Item => {}
            Next::Acknowledge => session.acknowledge(session.ack_token()),
            Next::End => break,
        }
    }
    if let Some(evidence) = session.end_evidence() {
        stage.say(outcome::of_end(&evidence));
    }
}

enum Next {
    Item,
    Acknowledge,
    End,
}

fn say(item: Option<&Result<SessionEvent, SseError>>, stage: &Stage) -> Next {
    let line = match item {
        Some(Ok(item)) => outcome::of_item(item),
        Some(Err(error)) => Some(format!("failed {}", outcome::of_error(error))),
        None => return Next::End,
    };
    match line.is_some_and(|line| stage.say(line)) {
        true => Next::Acknowledge,
        false => Next::Item,
    }
}

fn not_opened(error: &SseError, stage: &Stage) {
    stage.say(format!("not opened: {}", outcome::of_error(error)));
}
