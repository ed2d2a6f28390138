//! Operations of a driver: what a session waits for.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;

use crate::{
    clock::Timekeeper,
    erased::{BoxBody, ErasedResponse},
    factory::{Made, Refreshing},
    machine::{Phase, Wakeup},
    platform::NoTimer,
    threads::{BoxError, BoxFuture},
    transport_error::TransportError,
};

/// Operation in progress.
pub(super) enum Io {
    None,
    /// The response that the session begins with.
    Given(Box<ErasedResponse>),
    Making(BoxFuture<Made>),
    Refreshing(Refreshing),
    Sending(BoxFuture<Result<ErasedResponse, TransportError>>),
    /// A body that was not polled yet.
    Unread(BoxBody),
    Body(BoxBody),
}

pub(super) struct Timer {
    pub(super) wakeup: Wakeup,
    pub(super) wait: BoxFuture<Result<(), NoTimer>>,
}

/// Result of an operation in progress.
pub(super) enum Progress {
    Made(Made),
    Refreshed(Result<HeaderMap, BoxError>),
    Responded(Result<ErasedResponse, TransportError>),
    Chunk(Bytes),
    Failed(TransportError),
    End,
}

impl Io {
    #[inline]
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Progress> {
        match self {
            Self::None | Self::Given(_) => Poll::Pending,
            Self::Making(making) => making.as_mut().poll(cx).map(Progress::Made),
            Self::Refreshing(refreshing) => refreshing.as_mut().poll(cx).map(Progress::Refreshed),
            Self::Sending(sending) => sending.as_mut().poll(cx).map(Progress::Responded),
            Self::Unread(body) | Self::Body(body) => {
                body.as_mut().poll_chunk(cx).map(|chunk| match chunk {
                    Some(Ok(chunk)) => Progress::Chunk(chunk),
                    Some(Err(error)) => Progress::Failed(error),
                    None => Progress::End,
                })
            }
        }
    }

    pub(super) fn belongs_to(&self, phase: Phase) -> bool {
        match self {
            Self::None | Self::Given(_) => true,
            Self::Making(_) => phase == Phase::Making,
            Self::Refreshing(_) => phase == Phase::Refreshing,
            Self::Sending(_) => phase == Phase::Connecting,
            Self::Unread(_) | Self::Body(_) => phase == Phase::Reading,
        }
    }
}

impl Timer {
    pub(super) fn new(wakeup: Wakeup, clock: &dyn Timekeeper) -> Self {
        let left = wakeup.at.saturating_sub(clock.now());
        Self { wakeup, wait: clock.wait(left, wakeup.is_deadline) }
    }

    pub(super) fn serves(&self, wakeup: Wakeup) -> bool {
        self.wakeup.is_deadline == wakeup.is_deadline && self.wakeup.at <= wakeup.at
    }
}
