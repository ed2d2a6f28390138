//! Follows a session to its end, and prints everything that happens.

use std::{future, ops::ControlFlow, pin::Pin, sync::Arc, time::Duration};

use futures_util::FutureExt;
use sse_reqwest::{ClientSseSession, EndReason, OpenSession};
use sse_test::Recorder;

use crate::{
    args::EndArgs,
    failure::{Ending, Failure},
    output::Output,
    replay::Replay,
    steps::Steps,
    terminal::Terminal,
};

/// Origin of the session's bytes.
pub(crate) enum Origin {
    Server,
    RecordedServer(Recorder),
    Recording(Arc<Replay>),
}

type Outcome = Result<Ending, Failure>;

/// Follows a session from its first request to its end.
pub(crate) async fn follow(
    opening: OpenSession,
    origin: &Origin,
    ends: &EndArgs,
    terminal: &Terminal,
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
    // The last steps may explain the outcome.
    follower.show_steps()?;
    follower.output.flush()?;
    let outcome = match terminal.reported() {
        Some(reported) if outcome.is_ok() => Err(Failure::Reported(reported.clone())),
        _ => outcome,
    };
    recorded(outcome, origin, output)
}

/// Checks the recorder after the session was dropped, which may have recorded its last line.
fn recorded(outcome: Outcome, origin: &Origin, output: &mut Output) -> Outcome {
    let Origin::RecordedServer(recorder) = origin else { return outcome };
    match (outcome, recorder.check()) {
        (outcome, Ok(())) => outcome,
        (Ok(_), Err(error)) => Err(Failure::Recording(error)),
        (Err(failure), Err(error)) => {
            // The first failure has the exit code.
            output.note(&Failure::Recording(error).text());
            Err(failure)
        }
    }
}

struct Follower<'a, F> {
    /// Completes when ssecat is to end for a reason outside of the session.
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
            // While events are available, they are not flushed one by one: a burst costs one write.
            let available = session.next().now_or_never();
            let item = match available {
                Some(item) => item,
                None => {
                    self.show_steps()?;
                    self.output.flush()?;
                    tokio::select! {
                        biased;
                        end = &mut self.stopped => return end,
                        // Steps are printed as they happen, such as a disconnect before its wait.
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
                recorder.check().map_err(Failure::Recording)?;
            }
            match item {
                Some(Ok(event)) if !self.output.shows(&event) => {}
                Some(Ok(event)) => {
                    self.output.event(&event, session.last_event_id())?;
                    shown += 1;
                    if max_events == Some(shown) {
                        return Ok(Ending::MaxEvents);
                    }
                }
                Some(Err(error)) => return Err(Failure::Session(error)),
                None => {
                    self.output.session_ended(session);
                    return Ok(ending(session));
                }
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

/// Returns how a session has ended without an error.
fn ending(session: &ClientSseSession) -> Ending {
    match session.end_reason() {
        Some(EndReason::NoContent) => Ending::NoContent,
        Some(EndReason::Stopped) => Ending::Stopped,
        _ => Ending::StreamEnded,
    }
}

/// Waits for an end outside of the session: Ctrl-C, --max-time, or the end of the recording.
async fn stopped(origin: &Origin, max_time: Option<Duration>) -> Outcome {
    let max_time_expired = async {
        match (max_time, origin) {
            // The time of a recording is not that of the clock.
            (None, _) | (_, Origin::Recording(_)) => future::pending().await,
            (Some(time), _) => {
                tokio::time::sleep(time).await;
                time
            }
        }
    };
    let recording_ended = async {
        match origin {
            Origin::Recording(replay) => replay.ended().await,
            Origin::Server | Origin::RecordedServer(_) => future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(Ending::Interrupted),
        time = max_time_expired => Err(Failure::MaxTime(time)),
        () = recording_ended => Ok(Ending::RecordingEnded),
    }
}
