//! One gateway: its tasks, from the start to the end.

use std::{future::pending, io};

use axum::serve::Listener;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use crate::{
    browser::Browsers,
    engine::Engine,
    hub::{Bounds, Hub},
    leader::{Connect, Leader},
    place::random_name,
    status::Status,
    web::{self, Settings, Web},
};

/// Parts from which a gateway is started.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) engine: Engine,
    pub(crate) connect: Connect,
    pub(crate) upstream: String,
    pub(crate) bounds: Bounds,
    pub(crate) lease: std::time::Duration,
    pub(crate) settings: Settings,
}

/// A running gateway. Dropping it is like killing its process: it does not release its lease.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) hub: Hub,
    pub(crate) status: Status,
    engine: Engine,
    owner: String,
    /// The tasks that follow the upstream and the engine.
    following: JoinSet<()>,
    serving: JoinHandle<io::Result<()>>,
    closed: watch::Sender<bool>,
}

impl Gateway {
    /// Starts a gateway that serves at a listener.
    pub(crate) fn start<L>(parts: &Parts, listener: L) -> Self
    where
        L: Listener,
        L::Addr: std::fmt::Debug,
    {
        let Parts { engine, connect, upstream, bounds, lease, settings } = parts.clone();
        let status = Status::default();
        let hub = Hub::new(bounds, status.clone());
        let owner = random_name();
        let leader = Leader {
            engine: engine.clone(),
            hub: hub.clone(),
            status: status.clone(),
            connect,
            upstream,
            owner: owner.clone(),
            lease,
        };
        let mut following = JoinSet::new();
        following.spawn(hub.clone().follow(engine.clone()));
        following.spawn(leader.run());

        let browsers =
            Browsers::new(engine.clone(), hub.clone(), status.clone(), settings.keep_alive);
        let web = Web { browsers, hub: hub.clone(), status: status.clone(), settings };
        let (closed, mut closing) = watch::channel(false);
        let is_closed = async move {
            if closing.wait_for(|&closed| closed).await.is_err() {
                pending::<()>().await;
            }
        };
        let serving = tokio::spawn(web::serve(listener, web, is_closed));
        Self { hub, status, engine, owner, following, serving, closed }
    }

    /// Releases the lease, so that another process leads at once, and ends all responses.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        self.following.shutdown().await;
        if self.engine.release(&self.owner).await.is_err() {
            eprintln!("leader: the lease, if held, expires by itself");
        }
        self.hub.close();
        self.closed.send_replace(true);
        match timeout(LAST_RESPONSES, &mut self.serving).await {
            Ok(served) => served.unwrap_or_else(|panic| Err(panic.into())),
            Err(_) => {
                eprintln!("server: some responses have not ended, and are cut off");
                Ok(())
            }
        }
    }
}

/// Longest time in which browsers read the ends of their responses.
const LAST_RESPONSES: std::time::Duration = std::time::Duration::from_secs(3);

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
        self.hub.close();
    }
}
