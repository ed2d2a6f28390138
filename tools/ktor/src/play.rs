//! Plays a row: lets each client read from a server of its own, all at the same time.

use std::time::{Duration, Instant};

use sse_test::{Reply, ScriptedServer, Side};
use tokio::{time::timeout, try_join};

use crate::{
    client::{CLIENTS, Client},
    error::{Result, RunError},
    full::FullServer,
    outcome::Outcome,
    row::{Row, Shows, Step},
    wanted::Order,
};

/// Returns the outcomes of each client, one for each run.
pub(crate) async fn play(
    row: &Row,
    clients: &mut [Client; CLIENTS],
) -> Result<[Vec<Outcome>; CLIENTS]> {
    let [one, two, three, four] = clients;
    let outcomes = try_join!(runs(row, one), runs(row, two), runs(row, three), runs(row, four));
    let (one, two, three, four) = outcomes?;
    Ok([one, two, three, four])
}

async fn runs(row: &Row, client: &mut Client) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::new();
    for _ in 0..row.runs {
        outcomes.push(one_of(row, client).await?);
    }
    Ok(outcomes)
}

/// Lets each client read a few streams, so that the time in which a JVM loads its classes is not
/// taken for a silence of Ktor's.
pub(crate) async fn warm_up(clients: &mut [Client; CLIENTS]) -> Result<()> {
    for client in clients {
        for _ in 0..WARM_UPS {
            let row = Row::new("warm-up", [Reply::events("id: 1\ndata: 1\n\n")]);
            let mut play = Play::new(&row, client).await;
            let mut wanted = row.wanted.clone();
            wanted.url = play.server()?.url("/");
            play.client.order(&Order::Open(wanted)).await?;
            play.read_until(WARM_UP_LIMIT, |_| false).await?;
            if play.outcome.event_count() != 1 {
                return Err(RunError::failed(format!("warm-up: {:?}", play.outcome.seen)));
            }
            client.close().await?;
        }
    }
    Ok(())
}

async fn one_of(row: &Row, client: &mut Client) -> Result<Outcome> {
    let outcome = match row.shows {
        Shows::Connecting => connecting(row, client).await,
        _ => Play::new(row, client).await.run().await,
    };
    let outcome = outcome.map_err(|error| match error {
        RunError::Failed(why) => RunError::Failed(format!("{}, {}: {why}", row.name, client.name)),
        lacking => lacking,
    })?;
    client.close().await?;
    Ok(outcome)
}

struct Play<'a> {
    row: &'a Row,
    client: &'a mut Client,
    /// Present until a step stops it.
    server: Option<ScriptedServer>,
    outcome: Outcome,
}

impl<'a> Play<'a> {
    async fn new(row: &'a Row, client: &'a mut Client) -> Self {
        let mut replies = row.replies.clone().into_iter();
        let next = move |_: &_| replies.next().unwrap_or_else(|| Reply::status(204));
        let server = Some(ScriptedServer::answering(next).await);
        Self { row, client, server, outcome: Outcome::default() }
    }

    async fn run(mut self) -> Result<Outcome> {
        let mut wanted = self.row.wanted.clone();
        wanted.url = self.server()?.url("/");
        self.client.order(&Order::Open(wanted)).await?;
        for step in &self.row.steps {
            self.take(*step).await?;
        }
        match self.row.shows {
            Shows::Closes(connection) => self.closes(connection).await?,
            Shows::NoRequest => self.no_request().await?,
            Shows::Flood(_) => {}
            _ => self.read_until(END_LIMIT, |_| false).await?,
        }
        if let Some(server) = &self.server {
            self.outcome.requests = server.requests();
        }
        Ok(self.outcome)
    }

    fn server(&self) -> Result<&ScriptedServer> {
        self.server.as_ref().ok_or_else(|| RunError::failed("the server has been stopped"))
    }

    async fn take(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Events(count) => {
                let has_them = move |outcome: &Outcome| outcome.event_count() >= count;
                // The head first: only then the time of an event counts.
                self.read_until(END_LIMIT, |outcome| !outcome.seen.is_empty()).await?;
                self.read_until(EVENT_LIMIT, has_them).await?;
            }
            Step::Requests(count) => {
                let server = self.server()?;
                let Ok(()) = timeout(END_LIMIT, server.requested(count)).await else {
                    return Err(RunError::failed(format!("fewer than {count} requests")));
                };
            }
            Step::GoOn => {
                let count = self.outcome.event_count();
                self.outcome.events_before.get_or_insert(count);
                self.server()?.go_on();
            }
            Step::Wait(time) => tokio::time::sleep(time).await,
            Step::Stop => {
                if let Some(server) = self.server.take() {
                    self.outcome.requests = server.requests();
                }
            }
            Step::Cancel => self.client.order(&Order::CANCEL).await?,
        }
        Ok(())
    }

    /// Reads reports until the session is over, the condition is met, or time is up.
    async fn read_until(
        &mut self,
        limit: Duration,
        is_enough: impl Fn(&Outcome) -> bool,
    ) -> Result<()> {
        let start = Instant::now();
        loop {
            let is_over = self.outcome.seen.last().is_some_and(|seen| seen.is_last());
            if is_over || is_enough(&self.outcome) {
                return Ok(());
            }
            let left = limit.saturating_sub(start.elapsed());
            let Some(seen) = self.client.next(left).await? else { return Ok(()) };
            self.outcome.seen.push(seen);
        }
    }

    async fn closes(&mut self, connection: usize) -> Result<()> {
        let closed = timeout(CLOSE_LIMIT, self.server()?.closed(connection)).await;
        self.outcome.afterwards = Some(match closed {
            Ok(Side::Client) => "the connection is closed",
            Ok(Side::Server) => "the server ended it first",
            Err(_) => "the connection stays open",
        });
        Ok(())
    }

    async fn no_request(&mut self) -> Result<()> {
        let before = self.server()?.requests().len();
        tokio::time::sleep(CLOSE_LIMIT).await;
        let after = self.server()?.requests().len();
        let is_quiet = before == after;
        let words = if is_quiet { "no further request" } else { "the request is made" };
        self.outcome.afterwards = Some(words);
        Ok(())
    }
}

/// Cancels a client while it connects, and then accepts its connection, if there is still one.
async fn connecting(row: &Row, client: &mut Client) -> Result<Outcome> {
    let server = FullServer::start().await?;
    let mut wanted = row.wanted.clone();
    wanted.url = server.url();
    client.order(&Order::Open(wanted)).await?;
    tokio::time::sleep(CONNECT_TIME).await;
    client.order(&Order::CANCEL).await?;
    tokio::time::sleep(CONNECT_TIME).await;
    let words = match server.first_request(CLOSE_LIMIT).await? {
        true => "the connection is made, and the request sent",
        false => "no connection",
    };
    Ok(Outcome { afterwards: Some(words), ..Outcome::default() })
}

const WARM_UPS: usize = 5;
const WARM_UP_LIMIT: Duration = Duration::from_secs(120);
/// Longest time that a session takes, unless it hangs.
const END_LIMIT: Duration = Duration::from_secs(20);
/// Longest time from a chunk to the event that it completes.
const EVENT_LIMIT: Duration = Duration::from_millis(1500);
/// Time after which a connection that is still open stays open, or no request follows.
const CLOSE_LIMIT: Duration = Duration::from_secs(4);
/// Time that a client has to begin to connect, and to cancel that.
const CONNECT_TIME: Duration = Duration::from_millis(1500);
