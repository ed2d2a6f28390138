//! A server's events in, a ledger that is saved out: one run, which may be cut short at any moment.
//!
//! Saves when no further event is waiting, so that a single event is safe at once and a burst costs
//! one write. What is saved is acknowledged: after a disconnect the session asks for what follows that.

use std::{error::Error, future, path::Path, process, time::Duration};

use futures_util::FutureExt;
use sse_examples::printable;
use sse_reqwest::{
    ClientSseSession, IdleTimeout, ReconnectPolicy, SessionEvent, SseClient, SseConfig,
};

use crate::ledger::Ledger;

/// What is to go wrong, to show what comes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mishap {
    None,
    /// It crashes when so many events are counted, and the last of them is not saved.
    Crash {
        after: u64,
    },
    /// It hangs when so many events are saved.
    Hang {
        after: u64,
    },
}

pub(crate) async fn run(url: &str, path: &Path, mishap: Mishap) -> Result<(), Box<dyn Error>> {
    let saved = Ledger::load(path)?;
    match saved.last_event_id() {
        "" => println!("starts from the beginning"),
        id => println!("goes on after {}", printable(id)),
    }
    let config = SseConfig::new()
        .last_event_id(saved.last_event_id())
        .acknowledge_events(true)
        .reconnect(ReconnectPolicy::exponential())
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(IdleTimeout::auto());
    let client = SseClient::new(reqwest::Client::new(), config);
    let mut session = client.sse_session(url).await?;
    let mut book = Book { path, ledger: saved.clone(), saved, counted: 0 };
    let followed = book.follow(&mut session, mishap).await;
    // Whatever has ended it, what was counted is good.
    book.save(&mut session)?;
    followed?;
    println!("the end: {:?}", session.end_reason());
    Ok(())
}

struct Book<'a> {
    path: &'a Path,
    ledger: Ledger,
    /// What the file has.
    saved: Ledger,
    /// By this run.
    counted: u64,
}

impl Book<'_> {
    async fn follow(
        &mut self,
        session: &mut ClientSseSession,
        mishap: Mishap,
    ) -> Result<(), Box<dyn Error>> {
        loop {
            // Dropping the future loses nothing.
            let waiting = session.lifecycle().next().now_or_never();
            let step = match waiting {
                Some(step) => step,
                None => {
                    self.save(session)?;
                    if matches!(mishap, Mishap::Hang { after } if after <= self.counted) {
                        future::pending::<()>().await;
                    }
                    session.lifecycle().next().await
                }
            };
            match step.transpose()? {
                Some(SessionEvent::Event(event)) => {
                    self.ledger.count(&event);
                    self.counted += 1;
                    if matches!(mishap, Mishap::Crash { after } if after == self.counted) {
                        println!("crashes with {} counted and not saved", event.event_type());
                        process::abort();
                    }
                }
                Some(SessionEvent::Disconnected { .. }) => {
                    // What was not acknowledged comes again.
                    self.ledger = self.saved.clone();
                    println!("the connection is over; asks for what is not saved");
                }
                Some(_) => {}
                None => return Ok(()),
            }
        }
    }

    /// Saves what is not saved yet, and acknowledges it.
    fn save(&mut self, session: &mut ClientSseSession) -> Result<(), Box<dyn Error>> {
        if self.ledger == self.saved {
            return Ok(());
        }
        self.ledger.save(self.path)?;
        session.acknowledge(session.ack_token());
        self.saved = self.ledger.clone();
        match self.saved.last_event_id() {
            "" => println!("saved, but the server gives no IDs to go on from"),
            id => println!("saved up to {}", printable(id)),
        }
        Ok(())
    }
}
