//! A session in, all of it shown, and its end out.

use std::{future, ops::ControlFlow, pin::Pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use sse_reqwest::{ClientSseSession, EndReason, OpenSession};

use crate::{
    args::EndArgs,
    failure::{Ending, Failure},
    output::Output,
    recording::{Recorder, Replay},
    steps::Steps,
};

/// Where the session gets its bytes from.
pub(crate) enum Origin {
    Server,
    RecordedServer(Arc<Recorder>),
    Recording(Arc<Replay>),
}

type Outcome = Result<Ending, Failure>;

/// Follows a session from its first request on.
pub(crate) async fn follow(
    opening: OpenSession,
    origin: &Origin,
    ends: &EndArgs,
    steps: Steps,
    output: &mut Output,
) -> Outcome {
    let stopped = Box::pin(stopped(origin, ends.max_time));
    let mut follower = Follower { stopped, origin, steps, output };
    let outcome = match follower.open(opening).await {
        Ok(ControlFlow::Continue(mut session)) => follower.run(&mut session, ends.max_events).await,
        Ok(ControlFlow::Break(ending)) => Ok(ending),
        Err(failure) => Err(failure),
    };
    // What happened last may be why.
    follower.show_steps()?;
    follower.output.flush()?;
    outcome
}

struct Follower<'a, F> {
    /// Is ready when it is to end, whatever the session does.
    stopped: Pin<Box<F>>,
    origin: &'a Origin,
    steps: Steps,
    output: &'a mut Output,
}

impl<F: Future<Output = Outcome>> Follower<'_, F> {
    async fn open(
        &mut self,
        mut opening: OpenSession,
    ) -> Result<ControlFlow<Ending, ClientSseSession>, Failure> {
        loop {
            tokio::select! {
                biased;
                end = &mut self.stopped => return end.map(ControlFlow::Break),
                Some(step) = self.steps.recv() => self.output.step(&step)?,
                opened = &mut opening => {
                    return opened.map(ControlFlow::Continue).map_err(Failure::Session);
                }
            }
            self.output.flush()?;
        }
    }

    async fn run(&mut self, session: &mut ClientSseSession, max_events: Option<u64>) -> Outcome {
        let mut shown = 0;
        loop {
            // As long as events are there, nothing is shown but them: a burst is written as one.
            let waiting = session.next().now_or_never();
            let item = match waiting {
                Some(item) => item,
                None => {
                    self.show_steps()?;
                    self.output.flush()?;
                    tokio::select! {
                        biased;
                        end = &mut self.stopped => return end,
                        // It is back in the loop, and is shown there.
                        Some(step) = self.steps.recv() => {
                            self.output.step(&step)?;
                            continue;
                        }
                        item = session.next() => item,
                    }
                }
            };
            self.show_steps()?;
            if let Origin::RecordedServer(recorder) = self.origin {
                recorder.check()?;
            }
            match item {
                Some(Ok(event)) => {
                    self.output.event(&event, session.last_event_id())?;
                    shown += 1;
                    if max_events == Some(shown) {
                        return Ok(Ending::MaxEvents);
                    }
                }
                Some(Err(error)) => return Err(Failure::Session(error)),
                None => return Ok(ending(session)),
            }
        }
    }

    fn show_steps(&mut self) -> Result<(), Failure> {
        while let Ok(step) = self.steps.try_recv() {
            self.output.step(&step)?;
        }
        Ok(())
    }
}

/// Why a session has ended without an error.
fn ending(session: &ClientSseSession) -> Ending {
    match session.end_reason() {
        Some(EndReason::NoContent) => Ending::NoContent,
        Some(EndReason::Stopped) => Ending::Stopped,
        _ => Ending::StreamEnded,
    }
}

async fn stopped(origin: &Origin, max_time: Option<Duration>) -> Outcome {
    let time_is_up = async {
        match (max_time, origin) {
            // A recording has its own time.
            (None, _) | (_, Origin::Recording(_)) => future::pending().await,
            (Some(time), _) => {
                tokio::time::sleep(time).await;
                time
            }
        }
    };
    let recording_is_over = async {
        match origin {
            Origin::Recording(replay) => replay.over().await,
            Origin::Server | Origin::RecordedServer(_) => future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(Ending::Interrupted),
        time = time_is_up => Err(Failure::TimeIsUp(time)),
        () = recording_is_over => Ok(Ending::RecordingOver),
    }
}
