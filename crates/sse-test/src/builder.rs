//! Options in, a server out.
//!
//! Says what can be chosen. Starts the server, and does no more.

use std::time::Instant;

use crate::{
    clock::TestClock,
    connection::Transport,
    record::{Log, TimeSource},
    reply::Reply,
    script::Replies,
    seen::SeenRequest,
    server::ScriptedServer,
};

/// Options for a [`ScriptedServer`].
#[derive(Debug)]
#[must_use]
pub struct ScriptedServerBuilder {
    transport: Transport,
    clock: Option<TestClock>,
}

impl ScriptedServerBuilder {
    pub(crate) fn new() -> Self {
        Self { transport: Transport {}, clock: None }
    }

    /// Takes the times of the requests from this clock. The default is real time since the server
    /// was started.
    pub fn clock(self, clock: &TestClock) -> Self {
        Self { clock: Some(clock.clone()), ..self }
    }

    /// Starts a server that gives these replies.
    ///
    /// # Panics
    ///
    /// If it cannot listen on loopback.
    pub async fn start(self, replies: impl IntoIterator<Item = Reply>) -> ScriptedServer {
        let mut replies = replies.into_iter().collect::<Vec<_>>().into_iter();
        self.listen(Replies(Box::new(move |_| replies.next()))).await
    }

    /// Starts a server that makes its replies of the requests.
    ///
    /// # Panics
    ///
    /// If it cannot listen on loopback.
    pub async fn answering(
        self,
        mut reply: impl FnMut(&SeenRequest) -> Reply + Send + 'static,
    ) -> ScriptedServer {
        self.listen(Replies(Box::new(move |request| Some(reply(request))))).await
    }

    async fn listen(self, replies: Replies) -> ScriptedServer {
        let time = match self.clock {
            Some(clock) => TimeSource::Clock(clock),
            None => TimeSource::Since(Instant::now()),
        };
        ScriptedServer::listen(self.transport, replies, Log::new(time)).await
    }
}
