//! Replies that are still to be sent, and their waits.
//!
//! Selects a reply and waits with it. Does not know how it is sent.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use crate::{parts::Wait, record::Log, reply::Reply, seen::SeenRequest};

/// Script that the connections of one server share.
#[derive(Debug)]
pub(crate) struct Script {
    replies: Mutex<Replies>,
    /// One permit for every pause that the test has ended.
    go_on: Semaphore,
    pub(crate) log: Log,
}

/// Function that creates a reply from a request.
pub(crate) struct Replies(pub(crate) Box<Answer>);

type Answer = dyn FnMut(&SeenRequest) -> Option<Reply> + Send;

impl Script {
    pub(crate) fn new(replies: Replies, log: Log) -> Self {
        Self { replies: Mutex::new(replies), go_on: Semaphore::new(0), log }
    }

    /// Returns the reply to a request, and its number.
    pub(crate) fn take(&self, request: SeenRequest) -> (Reply, usize) {
        // The reply is taken before the request becomes visible. A function that has panicked once
        // is called for the next request all the same.
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = (replies.0)(&request).unwrap_or_else(|| Reply::status(410));
        (reply, self.log.requested(request))
    }

    pub(crate) async fn wait(&self, wait: &Wait) {
        match wait {
            Wait::GoOn => {
                // The semaphore is never closed.
                if let Ok(permit) = self.go_on.acquire().await {
                    permit.forget();
                }
            }
            Wait::Gate(gate) => gate.pass().await,
            Wait::Requests(count) => {
                self.log.until(|record| record.requests.len() >= *count).await;
            }
        }
    }

    pub(crate) fn go_on(&self) {
        self.go_on.add_permits(1);
    }
}

impl fmt::Debug for Replies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Replies(..)")
    }
}
