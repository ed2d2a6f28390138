//! Attempts of an answer: begins the session of each, takes its steps, and decides what follows it.

use std::{
    mem,
    task::{Context, Poll},
    time::Duration,
};

use http::HeaderValue;
use sse_core::ServerSentEvent;

use super::{
    Answer, AnswerPart, Attempt, Stage,
    progress::{Next, Progress},
    rules::Failed,
};
use crate::{
    deadlines::Deadline,
    driver::Step,
    error::{Outcome, SseError, SseErrorKind},
    failure::{Failure, NotRepeatable},
    machine::CarriedOver,
    platform::NoTimer,
    policy::Disconnect,
    random::Random,
    request::SseRequest,
    state::EndReason,
    transition::Transition,
};

type Item<T> = Result<AnswerPart<T>, SseError>;

impl<T> Answer<T> {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Item<T>>> {
        loop {
            let item = match &mut self.stage {
                Stage::Ended => return Poll::Ready(None),
                Stage::Beginning(carried) => {
                    let carried = mem::take(&mut **carried);
                    self.begin(carried)
                }
                Stage::Running(attempt) => match attempt.driver.poll_step(cx) {
                    Poll::Ready(step) => {
                        let item = match step {
                            Step::Event(event) => self.event(&event),
                            Step::Transition(transition) => self.transition(*transition),
                        };
                        // Steps may follow each other without a wait, or the transport may block.
                        if item.is_none() && self.is_over_budget() {
                            self.fail(Failure::Deadline(Deadline::Budget));
                        }
                        item
                    }
                    Poll::Pending => match self.poll_budget(cx) {
                        Poll::Ready(failure) => self.fail(failure),
                        Poll::Pending => return Poll::Pending,
                    },
                },
            };
            if let Some(item) = item {
                return Poll::Ready(Some(item));
            }
        }
    }

    /// Begins an attempt.
    fn begin(&mut self, carried: CarriedOver) -> Option<Item<T>> {
        let request = mem::replace(&mut self.request, Err(NotRepeatable::NoRequest));
        let request = match request {
            Ok(request) if self.times.started_at.is_none() => self.prepared(request),
            Ok(request) => request,
            Err(obstacle) => {
                let cause = carried.cause?;
                return self.end_with(SseError::outside_of_a_session(Outcome::NotRepeatable(
                    obstacle, cause,
                )));
            }
        };
        self.request = request.try_clone();
        let mut driver = match request.into_driver(self.clock.clone()) {
            Ok(driver) => driver,
            Err(failure) => return self.end_with(SseError::outside_of_a_session(failure)),
        };
        match self.times.started_at {
            Some(_) => driver.machine.take_over(carried),
            None => {
                self.times.started_at = Some(self.now());
                self.budget = self.clock.as_ref().map(|clock| clock.wait(self.rules.budget, true));
            }
        }
        let (judge, progress) = (self.judge.copy(), Progress::default());
        self.stage = Stage::Running(Box::new(Attempt { driver, judge, progress }));
        None
    }

    /// Returns the request with the options of an answer.
    fn prepared(&self, request: SseRequest) -> SseRequest {
        let resume = request.resumes_by_id().then(|| self.rules.policy.clone());
        let key = self.has_idempotency_key.then(|| random_key(&self.random));
        request.configure(|config| config.of_answer(resume, key.flatten()))
    }

    fn event(&mut self, event: &ServerSentEvent) -> Option<Item<T>> {
        let read_at = self.read_at();
        let Stage::Running(attempt) = &mut self.stage else {
            return None;
        };
        if let Some(id) = self.position.as_ref().and_then(|position| position(event)) {
            attempt.driver.machine.set_last_event_id(id);
        }
        match attempt.progress.take(attempt.judge.judge(event)) {
            Next::Nothing => None,
            Next::Delta(delta) => {
                self.times.delta(read_at);
                Some(Ok(AnswerPart::Delta(delta)))
            }
            Next::BegunAgain if self.begun_again == MAX_BEGUN_AGAIN => {
                self.fail(Failure::BegunAgain)
            }
            Next::BegunAgain => {
                self.begun_again += 1;
                self.times.begun_again();
                // It begins like the first time.
                attempt.judge = self.judge.copy();
                attempt.judge.judge(event);
                let cause = attempt.driver.machine.error(Failure::BegunAgain);
                let (attempt, delay) = (self.attempts(), Duration::ZERO);
                Some(Ok(AnswerPart::Restarted { attempt, cause, delay }))
            }
            Next::Whole(delta) => {
                attempt.driver.answer_complete();
                if delta.is_some() {
                    self.times.delta(read_at);
                }
                self.end();
                delta.map(|delta| Ok(AnswerPart::Delta(delta)))
            }
            Next::Failed(failure) => self.fail(failure),
        }
    }

    fn transition(&mut self, transition: Transition) -> Option<Item<T>> {
        let now = self.now();
        let Stage::Running(attempt) = &mut self.stage else {
            return None;
        };
        let (machine, progress) = (&attempt.driver.machine, &mut attempt.progress);
        let ending = |progress: &mut Progress| {
            progress.ended(machine.end_evidence().as_ref(), machine.last_event_id())
        };
        match transition {
            Transition::Open(call) => {
                progress.opened(machine.last_event_id(), now);
                self.times.opened(call.stopwatch());
                self.facts.call = Some(call);
            }
            // It resumes, unless the connection has shown that it need not, or cannot.
            Transition::Disconnected(it) if it.cause.kind() == SseErrorKind::StreamEnded => {
                match ending(progress) {
                    None => {
                        attempt.driver.answer_complete();
                        self.end();
                    }
                    Some(failure @ (Failure::NotResumed | Failure::Malformed(_))) => {
                        return self.fail(failure);
                    }
                    Some(_) => drop(progress.closed(now)),
                }
            }
            Transition::Disconnected(_) => drop(progress.closed(now)),
            // It would resume, but no attempt is left.
            Transition::Failed(error) if error.kind() == SseErrorKind::StreamEnded => {
                let error = match ending(progress) {
                    None => {
                        self.end();
                        return None;
                    }
                    Some(failure @ (Failure::NotResumed | Failure::Malformed(_))) => {
                        machine.error(failure)
                    }
                    Some(_) => error,
                };
                return self.failed(error);
            }
            Transition::Failed(error) => return self.failed(error),
            Transition::Closed => match machine.end_reason() {
                Some(EndReason::StreamEnded) => match ending(progress) {
                    None => self.end(),
                    Some(failure) => {
                        let error = machine.error(failure);
                        return self.failed(error);
                    }
                },
                Some(EndReason::NoContent) => {
                    let error = machine.error(Failure::NoContent);
                    return self.failed(error);
                }
                _ => self.end(),
            },
            Transition::Gap(_) => return self.fail(Failure::NotResumed),
            Transition::NoContent(call) => self.facts.call = Some(call),
            Transition::Skipped(_) | Transition::Connecting => {}
        }
        None
    }

    /// Ends the session of the attempt in this failure, which is its next step.
    fn fail(&mut self, failure: Failure) -> Option<Item<T>> {
        if let Stage::Running(attempt) = &mut self.stage {
            attempt.driver.answer_failed(failure);
        }
        None
    }

    /// Decides what follows an attempt that has failed.
    fn failed(&mut self, cause: SseError) -> Option<Item<T>> {
        let now = self.now();
        let Stage::Running(attempt) = &mut self.stage else {
            return None;
        };
        let (machine, progress) = (&mut attempt.driver.machine, &mut attempt.progress);
        let lived = progress.closed(now);
        let is_connections_end = matches!(
            cause.kind(),
            SseErrorKind::Disconnected
                | SseErrorKind::StreamEnded
                | SseErrorKind::Unfinished
                | SseErrorKind::Decode
        );
        let disconnect = Disconnect {
            cause: &cause,
            end: lived.and_then(|lived| machine.end_of_answer(lived)),
            attempts: 0,
            decode_failures: 0,
            outage: Duration::ZERO,
            retry: machine.retry(),
            retry_after: None,
            is_restart: progress.has_delta,
            restarts: self.rules.restarts,
            random: self.random.next(),
        };
        let failed = Failed {
            disconnect,
            has_delta: progress.has_delta,
            has_work: progress.has_work,
            is_malformed: progress.is_malformed(),
            age: lived.filter(|_| is_connections_end),
            elapsed: now.saturating_sub(self.times.started_at.unwrap_or(now)),
        };
        let obstacle = self.request.as_ref().err().filter(|_| self.rules.permits(failed)).copied();
        let decision = match obstacle {
            Some(_) => Err(None),
            None => self.rules.after(failed, now),
        };
        let reason = match decision {
            Ok(delay) => {
                let reconnect = self.rules.reconnect.clone();
                let begin_at = now.saturating_add(delay);
                let carried = machine.carry_over(cause.clone(), reconnect, begin_at);
                self.enter(Stage::Beginning(Box::new(carried)));
                self.times.restarted();
                let attempt = self.attempts();
                return Some(Ok(AnswerPart::Restarted { attempt, cause, delay }));
            }
            Err(reason) => reason,
        };
        // The finding of the judgment is the reason, and not the missing terminal event.
        let is_judged = matches!(
            cause.kind(),
            SseErrorKind::Reported | SseErrorKind::Malformed | SseErrorKind::NotResumed
        );
        let is_incomplete = progress.was_open && !is_judged && !cause.is_incomplete();
        let error = match (reason, obstacle) {
            (Some(reason), _) => {
                let is_after_complete_stream = false;
                machine.error(Outcome::Exhausted { reason, is_after_complete_stream, cause })
            }
            (None, Some(obstacle)) => machine.error(Outcome::NotRepeatable(obstacle, cause)),
            (None, None) => cause,
        };
        if !is_incomplete {
            return self.end_with(error);
        }
        let events = machine.end_evidence().map_or(0, |evidence| evidence.messages());
        let error = machine.error(Outcome::Incomplete { events, cause: error });
        self.end_with(error)
    }

    fn end_with(&mut self, error: SseError) -> Option<Item<T>> {
        self.end();
        Some(Err(error))
    }

    /// Waits for the end of the budget, which limits the time until the first delta.
    fn poll_budget(&mut self, cx: &mut Context<'_>) -> Poll<Failure> {
        if !self.has_budget() {
            return Poll::Pending;
        }
        if let Some(budget) = &mut self.budget {
            match budget.as_mut().poll(cx) {
                Poll::Ready(Ok(())) => self.budget = None,
                Poll::Ready(Err(why @ NoTimer(_))) => return Poll::Ready(Failure::NoTimer(why)),
                Poll::Pending => {}
            }
        }
        match self.is_over_budget() {
            true => Poll::Ready(Failure::Deadline(Deadline::Budget)),
            false => Poll::Pending,
        }
    }

    /// Returns `true` if the budget limits the attempt: it has not ended, and brought no delta.
    fn has_budget(&self) -> bool {
        matches!(&self.stage, Stage::Running(attempt)
            if !attempt.progress.has_delta && attempt.driver.machine.end_reason().is_none())
    }

    fn is_over_budget(&self) -> bool {
        self.has_budget()
            && self
                .times
                .started_at
                .is_some_and(|start| self.now() >= start.saturating_add(self.rules.budget))
    }

    /// Returns when the chunk of the current event was read.
    fn read_at(&self) -> Duration {
        let read_at = match &self.stage {
            Stage::Running(attempt) => attempt.driver.machine.last_byte(),
            _ => None,
        };
        read_at.unwrap_or_else(|| self.now())
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.as_ref().map_or(Duration::ZERO, |clock| clock.now())
    }
}

/// Number of times that a server may begin one answer again by itself. A server that is restarted
/// does so once; one that does so forever would never end.
const MAX_BEGUN_AGAIN: u32 = 16;

/// Creates the key of an answer.
fn random_key(random: &Random) -> Option<HeaderValue> {
    let part = || (random.next() * 2f64.powi(48)) as u64;
    HeaderValue::from_str(&format!("{:012x}{:012x}{:012x}", part(), part(), part())).ok()
}
