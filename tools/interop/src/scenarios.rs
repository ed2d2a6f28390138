//! Scenarios of the [servers](crate::server) in the table.

use std::{fmt, time::Duration};

use sse_reqwest::{BodyEnd, SseConfig};
use tokio::try_join;

use crate::{
    client::{Protocol, config},
    ended::{Ended, Shown, Watched},
    error::{Result, ScenarioError},
    follow::{Tally, follow_form},
    payload::{Seen, TICK},
    progress::Progress,
    report::{Report, limited, limited_to},
    server::{EVENTS, FEW, Query, Running, SPACED, Server},
};

/// Scenario of a server, with what distinguishes the server from others.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scenario {
    /// All events over one connection.
    Events,
    /// All events, over connections that the server closes: it `end`s the body, or it `cut`s the
    /// connection.
    ClosedByServer(&'static str),
    /// All events, over three connections. This number of events comes twice.
    CutByUs { twice: u64 },
    /// The application fails after a few events. The text is added to the name; `path` is that of
    /// the events, if it is another one.
    Failure { what: &'static str, path: Option<&'static str>, shown: Shown },
    /// A session with reconnection ends after the last event.
    NoMoreEvents,
    /// The data of an event begins with a space, which the server loses or keeps.
    LeadingSpace { is_lost: bool },
    /// The server receives SIGTERM while a stream is open, in a session without reconnection.
    Stopped(Shown),
    /// The server receives SIGTERM while a stream is open, then another one SIGKILL. The session
    /// resumes at their successors. The first connection has one of these ends.
    Restarted(&'static [BodyEnd]),
}

/// Runs the scenarios of a server.
pub(crate) async fn trials(report: &mut Report, server: &Server) -> Result<()> {
    let (mut running, name) = server.start().await?;
    let client = server.protocol.client(None)?;
    let named = |what: &str| match server.protocol {
        Protocol::Http1 => what.to_owned(),
        protocol => format!("{}, {what}", protocol.name()),
    };
    let all = |query: Query, cuts| {
        let request = server.feed.request(&client, running.port, None, query);
        let form = &server.form;
        async move {
            let (seen, progress) = (Seen::up_to(EVENTS), Progress::with_cuts(cuts));
            follow_form(request, form, seen, &progress).await
        }
    };
    for scenario in server.scenarios {
        let logs = [&running.process];
        match *scenario {
            Scenario::Events => {
                let scenario =
                    async { all(Query::default(), &[]).await?.checked()?.with_one_connection() };
                report.scenario(&name, &named("one connection"), &logs, scenario).await;
            }
            Scenario::ClosedByServer(how) => {
                let query = Query { after: Some((how, EVENTS / 5)), ..Query::default() };
                let scenario = async { all(query, &[]).await?.checked()?.with_connections(5) };
                let past = if how == "cut" { "cut" } else { "ended" };
                let what = format!("{past} by the server, resumed");
                report.scenario(&name, &named(&what), &logs, scenario).await;
            }
            Scenario::CutByUs { twice } => {
                let scenario = async {
                    let tally = all(Query::default(), CUTS).await?;
                    tally.checked_with_twice(twice)?.with_connections(3)
                };
                report.scenario(&name, &named("cut by us, resumed"), &logs, scenario).await;
            }
            Scenario::Failure { what, path, shown } => {
                let scenario = failure(server, running.port, path, shown);
                report.scenario(&name, &named(&format!("a failure{what}")), &logs, scenario).await;
            }
            Scenario::NoMoreEvents => {
                let scenario = no_more_events(server, running.port);
                report.scenario(&name, &named("no more events"), &logs, scenario).await;
            }
            Scenario::LeadingSpace { is_lost } => {
                let scenario = leading_space(server, running.port, is_lost);
                report.scenario(&name, &named("a leading space"), &logs, scenario).await;
            }
            Scenario::Stopped(_) | Scenario::Restarted(_) => {}
        }
    }
    // These end the process.
    for scenario in server.scenarios {
        match *scenario {
            Scenario::Stopped(shown) => {
                let outcome = limited(stopped(server, &mut running, shown)).await;
                report.result(&name, &named("SIGTERM"), &[&running.process], outcome);
            }
            Scenario::Restarted(ends) => {
                let restarted = restarted(server, &mut running, ends);
                let outcome = limited_to(RESTARTS_LIMIT, restarted).await;
                let what = named("SIGTERM, SIGKILL, resumed");
                report.result(&name, &what, &[&running.process], outcome);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Checks what is seen of a failure in the middle of a stream.
async fn failure(server: &Server, port: u16, path: Option<&str>, shown: Shown) -> Result<Ended> {
    let query = Query { after: Some(("fail", FEW)), ..Query::default() };
    let seen = Watched::open(server, server.protocol, port, path, query, SseConfig::new()).await?;
    seen.watch(&Progress::default()).await?.with_events(FEW)?.checked(shown)
}

/// Stops the server once the session has a few events, and checks what is seen of that.
async fn stopped(server: &Server, running: &mut Running, shown: Shown) -> Result<Ended> {
    let query = Query { after: Some(("hold", FEW)), ..Query::default() };
    let progress = Progress::default();
    let session =
        Watched::open(server, server.protocol, running.port, None, query, SseConfig::new()).await?;
    let stop = async {
        progress.number(FEW as u64).await;
        running.process.terminate().await
    };
    let (seen, ()) = try_join!(session.watch(&progress), stop)?;
    seen.with_events(FEW)?.checked(shown)
}

/// Stops the server twice while the session waits for events, and starts another one each time.
async fn restarted(
    server: &Server,
    running: &mut Running,
    expected: &[BodyEnd],
) -> Result<Resumed> {
    let last = 2 * HELD + HELD / 2;
    let query = Query { last, after: Some(("hold", HELD)), ..Query::default() };
    let client = server.protocol.client(None)?;
    let progress = Progress::default();
    let request = server.feed.request(&client, running.port, None, query);
    let stop = async {
        progress.number(HELD as u64).await;
        running.process.terminate().await?;
        let ends = progress.ends(1).await.ends;
        running.restart().await?;
        progress.number(2 * HELD as u64).await;
        running.process.kill().await;
        running.restart().await?;
        Ok(ends)
    };
    let seen = Seen::up_to(last);
    let (tally, ends) = try_join!(follow_form(request, &server.form, seen, &progress), stop)?;
    let resumed = Resumed { tally: tally.checked()?.with_connections(3)?, ends };
    if resumed.ends.len() == 1 && resumed.ends.iter().all(|end| expected.contains(end)) {
        return Ok(resumed);
    }
    Err(ScenarioError::failed(format!("{resumed}: expected one of {expected:?}")))
}

/// Checks that the first event has the data with a space, or the same without the space.
async fn leading_space(server: &Server, port: u16, is_lost: bool) -> Result<&'static str> {
    let query = Query { is_spaced: true, ..Query::default() };
    let client = server.protocol.client(None)?;
    let mut session = server.feed.request(&client, port, None, query).sse_session().await?;
    let event = session.next().await.transpose()?;
    let expected = if is_lost { SPACED.trim_start() } else { SPACED };
    match event {
        Some(event) if event.event_type() == TICK && event.data() == expected => {
            Ok(if is_lost { "lost" } else { "kept" })
        }
        event => {
            let seen = event.map(|it| (it.event_type().to_owned(), it.data().to_owned()));
            let why = format!("the first event is {seen:?}: expected {expected:?}");
            Err(ScenarioError::failed(why))
        }
    }
}

/// Longest time of a scenario that stops a server and starts it twice. On a busy machine, each
/// start of a server for the JVM may take half a minute, and so may a shutdown.
const RESTARTS_LIMIT: Duration = Duration::from_secs(180);

/// Numbers of the events after which the session reconnects.
pub(crate) const CUTS: &[u64] = &[100, 200];

/// Number of events after which a stream stays open, to be interrupted.
pub(crate) const HELD: usize = 60;

/// Session that resumed, with the ends of its connections.
pub(crate) struct Resumed {
    pub(crate) tally: Tally,
    pub(crate) ends: Vec<BodyEnd>,
}

impl fmt::Display for Resumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.tally)?;
        self.ends.iter().try_for_each(|end| write!(f, "  {end:?}"))
    }
}

/// Checks that a session with reconnection ends where the server has no more events.
async fn no_more_events(server: &Server, port: u16) -> Result<Ended> {
    let query = Query { last: FEW, is_open_ended: true, ..Query::default() };
    let config = config().finish_on_empty_reconnection(true);
    let session = Watched::open(server, server.protocol, port, None, query, config).await?;
    let seen = session.watch(&Progress::default()).await?;
    let seen = seen.with_events(FEW)?;
    if seen.connections == 2 && seen.is_regular() {
        return Ok(seen);
    }
    Err(ScenarioError::failed(format!("{seen}: expected the end after an empty response")))
}
