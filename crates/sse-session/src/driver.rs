//! Driver: feeds a [machine](crate::machine) from an async transport, and does what it asks for.
//!
//! Pull only: it reads nothing, and nothing runs, unless the session is polled. Its decisions are
//! about polling alone; all rules are the machine's.

mod io;
mod wakes;
mod timer;
mod decoding;
mod requests;
mod ends;
mod events;

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use sse_core::ServerSentEvent;

use self::{
    io::{Io, Progress, Timer},
    wakes::Wakes,
};
use crate::{
    clock::Timekeeper,
    config::SseConfig,
    erased::{DynTransport, ErasedResponse},
    failure::Failure,
    handle::{Command, Handles},
    machine::{Action, Machine, Phase},
    observer::Observers,
    source::Source,
    transition::Transition,
};

/// Machine of a session with its I/O.
pub(crate) struct Driver {
    pub(crate) machine: Machine,
    config: Arc<SseConfig>,
    transport: Arc<dyn DynTransport>,
    clock: Arc<dyn Timekeeper>,
    io: Io,
    timer: Option<Timer>,
    /// Present if the session learns from when its bytes arrive, and can see it.
    wakes: Option<Wakes>,
    /// The silence of the body has lasted too long. It is reported if still no byte is available
    /// once everything else that is ready to run has run: after a machine slept, or a task blocked
    /// its thread, bytes may have arrived that the runtime has not read yet.
    is_expiring: bool,
    /// Polling the transport blocks this thread: time has passed, and commands may have come, when
    /// it returns.
    blocks: bool,
    /// Number of chunks that were available without a wait.
    chunks_in_a_row: u32,
    observers: Observers,
    /// `true` if every event may have to be reported: to an observer, because it is the last one,
    /// or because the intervals between events are measured.
    notifies_always: bool,
    /// `true` from the head of a connection to its first byte, of which the time is taken.
    awaits_byte: bool,
    /// `true` from the head of a connection to its first event, of which the time is taken.
    awaits_event: bool,
    /// `true` if `notifies_always` or `awaits_event` is: after its first event, a connection costs
    /// nothing more.
    notifies: bool,
    pub(crate) handles: Handles,
    end_reported: bool,
}

/// Step of a session.
pub(crate) enum Step {
    Event(ServerSentEvent),
    /// Any other step. Boxed, as it is rare, so that events are returned in registers.
    Transition(Box<Transition>),
}

/// First request of a session, or its response, and what it is to reconnect with.
pub(crate) struct Beginning {
    pub(crate) source: Source,
    pub(crate) response: Option<Box<ErasedResponse>>,
    pub(crate) resume_request: Option<Source>,
    /// If `true`, options were set for this session alone.
    pub(crate) is_configured: bool,
}

impl Driver {
    /// Creates the driver of a session, or fails if its options are invalid.
    pub(crate) fn new(
        beginning: Beginning,
        transport: Arc<dyn DynTransport>,
        config: Arc<SseConfig>,
        clock: Option<Arc<dyn Timekeeper>>,
    ) -> Result<Self, Failure> {
        let Beginning { source, response, resume_request, is_configured } = beginning;
        let capabilities = transport.capabilities();
        let machine =
            Machine::new(source, resume_request, is_configured, capabilities, config.clone())?;
        let clock = clock.ok_or(Failure::InvalidConfig(NO_CLOCK))?;
        let blocks = transport.blocks();
        let learns = config.connection.deadlines.idle.learns();
        let wakes = if learns && !blocks { Wakes::new(&clock) } else { None };
        let observers = config.view.observers.of_session();
        #[cfg(feature = "tracing")]
        if config.view.stop.expect_terminal
            && config.connection.deadlines.shortest_silence().is_none()
        {
            observers.warn_of_unlimited_silence();
        }
        let view = &config.view;
        let notifies_always =
            observers.has_observers() || view.stop.is_set() || view.measure_event_intervals;
        Ok(Self {
            machine,
            blocks,
            transport,
            clock,
            io: response.map_or(Io::None, Io::Given),
            timer: None,
            wakes,
            is_expiring: false,
            chunks_in_a_row: 0,
            notifies_always,
            awaits_byte: false,
            awaits_event: false,
            notifies: notifies_always,
            observers,
            handles: Handles::default(),
            end_reported: false,
            config,
        })
    }

    /// Returns the next step.
    // Every event passes here. Moving an event from function to function costs more than everything
    // else, so the fast path is inlined, and rare steps are out of line.
    #[inline(always)]
    pub(crate) fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        loop {
            if let Some(command) = self.handles.take(cx.waker()) {
                self.apply(command);
                if let Some(transition) = self.settle() {
                    return Poll::Ready(Step::Transition(transition));
                }
            }
            if self.machine.has_skipped() {
                self.machine.report_skipped();
                if let Some(transition) = self.settle() {
                    return Poll::Ready(Step::Transition(transition));
                }
            }
            let Some(connection) = self.machine.connection() else {
                match ready!(self.poll_elsewhere(cx)) {
                    Some(transition) => return Poll::Ready(Step::Transition(transition)),
                    None => continue,
                }
            };
            if connection.unread().is_empty() {
                if let Some(transition) = ready!(self.poll_body(cx)) {
                    return Poll::Ready(Step::Transition(transition));
                }
            }
            let notifies = self.notifies;
            let found = if notifies {
                self.notified_event()
            } else {
                self.machine.event(|| self.clock.now())
            };
            match found {
                Ok(Some(event)) => {
                    if !notifies {
                        self.observers.trace_event(&event);
                    }
                    return Poll::Ready(Step::Event(event));
                }
                Ok(None) => {}
                Err(excess) => {
                    self.machine.limit_exceeded(excess, self.clock.now());
                    if let Some(transition) = self.settle() {
                        return Poll::Ready(Step::Transition(transition));
                    }
                }
            }
        }
    }

    /// Reads the body of an open session.
    #[inline(always)] // on the fast path
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Box<Transition>>> {
        let is_coded = self.machine.is_coded();
        if is_coded {
            if let Some(step) = self.poll_decoder(cx) {
                return step;
            }
        }
        let Io::Body(body) = &mut self.io else {
            return self.begin_body();
        };
        if self.chunks_in_a_row == MAX_CHUNKS_IN_A_ROW {
            self.chunks_in_a_row = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.chunks_in_a_row += 1;
        // The body before the timer: a slow consumer does not make the server idle.
        let polled = match &self.wakes {
            None => body.as_mut().poll_chunk(cx),
            Some(wakes) => wakes.poll_chunk(body, &mut self.machine, cx),
        };
        match polled {
            Poll::Ready(Some(Ok(chunk))) if chunk.is_empty() => self.poll_empty_chunk(cx),
            Poll::Ready(Some(Ok(chunk))) => {
                if is_coded {
                    return Poll::Ready(self.coded_chunk(chunk));
                }
                self.observers.bytes(chunk.len());
                self.is_expiring = false;
                self.machine.chunk(chunk, self.clock.now());
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(self.body_ended(Some(error))),
            Poll::Ready(None) => Poll::Ready(self.body_ended(None)),
            Poll::Pending => {
                self.chunks_in_a_row = 0;
                if !self.machine.watches_silence() {
                    return Poll::Pending;
                }
                self.poll_silence(cx)
            }
        }
    }

    #[cold]
    fn begin_body(&mut self) -> Poll<Option<Box<Transition>>> {
        // Takes note of the time of the first read.
        let _ = self.machine.action(self.clock.now());
        // The silence of an earlier body says nothing of this one.
        self.is_expiring = false;
        match mem::replace(&mut self.io, Io::None) {
            Io::Unread(body) | Io::Body(body) => self.io = Io::Body(body),
            // The body has ended, and so has what was left to parse.
            _ => return Poll::Ready(self.body_ended(None)),
        }
        let has_gap = self.machine.report_gap();
        Poll::Ready(has_gap.then(|| self.settle()).flatten())
    }

    /// Performs the action of a session that is not open.
    #[inline(never)]
    fn poll_elsewhere(&mut self, cx: &mut Context<'_>) -> Poll<Option<Box<Transition>>> {
        match self.machine.action(self.clock.now()) {
            Action::Send(outgoing) => self.send(*outgoing),
            Action::TakeResponse => self.take_response(),
            Action::Make(factory, context) => self.io = Io::Making(factory.make(context)),
            Action::Refresh(rejection) => {
                if let Some(refreshing) = self.config.request.refresh.call(rejection) {
                    self.io = Io::Refreshing(refreshing);
                }
            }
            Action::Read | Action::Wait => ready!(self.poll_io(cx)),
            Action::End => {
                let last = self.settle();
                return Poll::Ready(Some(last.unwrap_or_else(|| Box::new(Transition::Closed))));
            }
        }
        Poll::Ready(self.settle())
    }

    /// Waits for the operation in progress, or until a wakeup is due.
    fn poll_io(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.start_timer();
        if self.chunks_in_a_row == MAX_CHUNKS_IN_A_ROW {
            self.chunks_in_a_row = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Poll::Ready(progress) = self.io.poll(cx) else {
            self.chunks_in_a_row = 0;
            if let Err(why) = ready!(self.poll_timer(cx)) {
                self.machine.no_timer(why, self.clock.now());
                return Poll::Ready(());
            }
            let due = self.machine.wakeup().map_or(Duration::ZERO, |wakeup| wakeup.at);
            self.machine.time(self.clock.now().max(due));
            return Poll::Ready(());
        };
        let now = self.clock.now();
        match progress {
            Progress::Made(made) => self.machine.made(made, now),
            Progress::Refreshed(result) => self.machine.refreshed(result, now),
            Progress::Responded(Ok(response)) => self.responded(response),
            Progress::Responded(Err(error)) | Progress::Failed(error) => {
                self.failed(error);
            }
            Progress::Chunk(chunk) => {
                self.chunks_in_a_row += 1;
                self.machine.chunk(chunk, now);
                // A body that is always ready does not outlast its deadline.
                self.machine.time(now);
            }
            Progress::End => self.end(),
        }
        Poll::Ready(())
    }

    #[cold]
    fn apply(&mut self, command: Command) {
        match command {
            Command::Close => self.machine.close(self.clock.now()),
            Command::ReconnectNow => self.machine.reconnect_now(self.clock.now()),
        }
    }

    /// Drops what the machine needs no more, and reports its last transition.
    #[cold]
    fn settle(&mut self) -> Option<Box<Transition>> {
        let phase = self.machine.phase();
        if !self.io.belongs_to(phase) {
            self.io = Io::None;
        }
        if phase == Phase::Waiting {
            // The wait begins now, not with the next poll.
            self.start_timer();
        } else if self.machine.wakeup().is_none() {
            self.timer = None;
        }
        let transition = self.machine.transition();
        if let Some(transition) = &transition {
            match &**transition {
                Transition::Open(call) => {
                    self.awaits_byte = true;
                    self.awaits_event = true;
                    self.notifies = true;
                    self.observers.open(call);
                }
                Transition::NoContent(call) => self.observers.no_content(call),
                Transition::Gap(gap) => self.observers.gap(gap),
                Transition::Skipped(skipped) => self.observers.skipped(skipped),
                Transition::Disconnected(it) => self.observers.disconnected(it),
                Transition::Failed(error) => self.observers.failed(error),
                Transition::Connecting | Transition::Closed => {}
            }
        }
        self.report_end();
        transition
    }

    /// Notifies observers of the end of the session, once.
    fn report_end(&mut self) {
        if let Some(reason) = self.machine.end_reason() {
            #[cfg(feature = "tracing")]
            if self.machine.is_unfinished() {
                self.observers.warn_of_unfinished_stream();
            }
            self.observers.closed(reason);
        }
    }

    /// Closes the session on behalf of the caller.
    pub(crate) fn close(&mut self) {
        self.machine.close(self.clock.now());
        let _ = self.settle();
    }

    /// Returns how long ago the current connection last brought a byte.
    pub(crate) fn last_activity(&self) -> Option<Duration> {
        self.machine.last_byte().map(|then| self.clock.now().saturating_sub(then))
    }

    /// Returns why the session has ended, once, unless it has failed: its error was reported.
    pub(crate) fn take_end(&mut self) -> Option<crate::EndReason> {
        let reason = self.machine.end_reason().filter(|_| self.has_end_to_report());
        self.end_reported = true;
        reason
    }

    pub(crate) fn has_end_to_report(&self) -> bool {
        !self.end_reported && self.machine.end_reason() != Some(crate::EndReason::Failed)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A session that was never polled never began.
        if !self.machine.is_unstarted() {
            self.close();
        }
    }
}

/// Number of chunks after which other tasks get to run, for example to close the session: a server
/// that is faster than its client would keep the client's thread to itself.
const MAX_CHUNKS_IN_A_ROW: u32 = 64;

const NO_CLOCK: &str =
    "no clock: enable the feature `tokio` of sse-session, or set SseConfig::clock";
