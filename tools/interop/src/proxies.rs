//! Proxies other than nginx, as rows of a table, in front of Node's HTTP server.
//!
//! The server ends its streams, fails in the middle of one, and is killed; so is the proxy.

mod table;

use std::path::{Path, PathBuf};

use sse_reqwest::{BodyEnd, SseConfig};
use tokio::{process::Command, try_join};

use crate::{
    client::{Protocol, plain},
    command,
    ended::{Ended, Shown, Watched},
    error::{Result, ScenarioError},
    follow::follow_form,
    packages::Go,
    payload::Seen,
    place::TempDir,
    process::{Process, Ready},
    progress::Progress,
    report::{Report, limited},
    scenarios::{CUTS, HELD, Resumed},
    server::{EVENTS, FEW, Query, Running, Server},
    servers::NODE_HTTP,
};

/// Proxy that listens on one port, for HTTP/1.1 and HTTP/2 without TLS.
pub(crate) struct Proxy {
    name: &'static str,
    source: Source,
    /// Arguments that print the version, and the text in front of the version.
    version: (&'static [&'static str], &'static str),
    /// Writes the configuration into the directory, and returns the arguments.
    configure: fn(&TempDir, u16, u16) -> std::io::Result<Vec<String>>,
    /// Signs of a failure of the upstream server that a client sees, with HTTP/1.1 and HTTP/2.
    failure: [Shown; 2],
    is_short: bool,
}

/// Source of a program.
#[derive(Clone, Copy)]
enum Source {
    /// Program and Debian's package of it.
    Debian(&'static str, &'static str),
    /// Main package of the module in `servers/caddy`, the name of its program, and the module with
    /// its version.
    Go(&'static str, &'static str, &'static str),
}

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    for proxy in table::PROXIES {
        if report.includes(proxy.is_short) {
            let outcome = trials_of(report, proxy).await;
            report.ended(proxy.name, outcome);
        }
    }
    Ok(())
}

async fn trials_of(report: &mut Report, proxy: &Proxy) -> Result<()> {
    let (program, version) = proxy.install().await?;
    let server = &NODE_HTTP;
    let (mut upstream, _) = server.start().await?;
    let upstream_port = upstream.port;
    let (process, [port]) = Process::start(proxy.name, Ready::Ports, |dir, [port]| {
        proxy.command(&program, dir, port, upstream_port)
    })
    .await?;
    let mut running = RunningProxy { proxy, program, process, port };
    let name = format!("{} {version} before {}", proxy.name, server.name);
    for (protocol, shown) in
        [Protocol::Http1, Protocol::Http2PriorKnowledge].into_iter().zip(proxy.failure)
    {
        let client = protocol.client(None)?;
        let all = |query, cuts| {
            let request = server.feed.request(&client, port, None, query);
            async move {
                let (seen, progress) = (Seen::up_to(EVENTS), Progress::with_cuts(cuts));
                follow_form(request, &server.form, seen, &progress).await?.checked()
            }
        };
        let what = |what: &str| format!("{}, {what}", protocol.name());
        let logs = [&running.process, &upstream.process];

        let query = Query { after: Some(("end", EVENTS / 5)), ..Query::default() };
        let ended = async { all(query, &[]).await?.with_connections(5) };
        report.scenario(&name, &what("ended by the server, resumed"), &logs, ended).await;
        let cut = async { all(Query::default(), CUTS).await?.with_connections(3) };
        report.scenario(&name, &what("cut by us, resumed"), &logs, cut).await;
        let failure = failure(server, protocol, [port, upstream_port], shown);
        report.scenario(&name, &what("the server fails"), &logs, failure).await;
        let killed =
            limited(killed(server, protocol, &mut running, &mut upstream, shown.body_end)).await;
        let logs = [&running.process, &upstream.process];
        report.result(&name, &what("proxy, server killed"), &logs, killed);
    }
    Ok(())
}

impl Proxy {
    /// Returns its program and version.
    async fn install(&self) -> Result<(PathBuf, String)> {
        let (arguments, before) = self.version;
        match self.source {
            Source::Debian(program, package) => {
                let lacking = format!("{} is not installed (Debian: {package})", self.name);
                // Not in the `PATH` of most users.
                let sbin = format!("/usr/sbin/{program}");
                for program in [program, &sbin] {
                    match command::run(program, arguments).await {
                        Err(ScenarioError::Missing(_)) => {}
                        Err(failed) => return Err(failed),
                        Ok(about) => {
                            let rest = about.split_once(before).map_or("", |(_, rest)| rest);
                            let end = |it: char| it.is_whitespace() || it == '-';
                            let version = rest.split(end).next().unwrap_or_default();
                            return Ok((program.into(), version.to_owned()));
                        }
                    }
                }
                Err(ScenarioError::Missing(lacking))
            }
            Source::Go(main, name, module) => {
                let go = Go::find("caddy").await?;
                Ok((go.build(main, name).await?, go.version(Some(module)).await?))
            }
        }
    }

    fn command(
        &self,
        program: &Path,
        dir: &TempDir,
        port: u16,
        upstream: u16,
    ) -> std::io::Result<Command> {
        let mut command = Command::new(program);
        command.args((self.configure)(dir, port, upstream)?).current_dir(dir.path());
        // Caddy keeps files there.
        command.env("HOME", dir.path()).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
        Ok(command)
    }
}

/// Running proxy.
struct RunningProxy<'a> {
    proxy: &'a Proxy,
    program: PathBuf,
    process: Process,
    port: u16,
}

impl RunningProxy<'_> {
    async fn restart(&mut self, upstream: u16) -> Result<()> {
        let (proxy, program, port) = (self.proxy, &self.program, self.port);
        let command = |dir: &TempDir| proxy.command(program, dir, port, upstream);
        self.process.restart(Ready::Ports, &[port], command).await
    }
}

/// Checks what is seen of a server that fails once the session has a few events. Varnish discards
/// what it has not passed on before a failure.
async fn failure(
    server: &Server,
    protocol: Protocol,
    [proxy, upstream]: [u16; 2],
    shown: Shown,
) -> Result<Ended> {
    let query = Query { after: Some(("hold", FEW)), ..Query::default() };
    let session = Watched::open(server, protocol, proxy, None, query, SseConfig::new()).await?;
    let progress = Progress::default();
    let fail = async {
        progress.number(FEW as u64).await;
        let url = format!("http://127.0.0.1:{upstream}/fail");
        plain()?.get(url).send().await?.error_for_status()?;
        Ok(())
    };
    let (ended, ()) = try_join!(session.watch(&progress), fail)?;
    ended.with_events(FEW)?.checked(shown)
}

/// Kills the proxy, then the server, while the session waits for events. The server starts again
/// once the proxy has rejected a request. A connection whose proxy is killed is truncated, and one
/// whose server is killed ends as it does when the server fails.
async fn killed(
    server: &Server,
    protocol: Protocol,
    proxy: &mut RunningProxy<'_>,
    upstream: &mut Running,
    end: BodyEnd,
) -> Result<Resumed> {
    let last = 2 * HELD + HELD / 2;
    let query = Query { last, after: Some(("hold", HELD)), ..Query::default() };
    let progress = Progress::default();
    let request = server.feed.request(&protocol.client(None)?, proxy.port, None, query);
    let kill = async {
        progress.number(HELD as u64).await;
        proxy.process.kill().await;
        proxy.restart(upstream.port).await?;
        progress.number(2 * HELD as u64).await;
        upstream.process.kill().await;
        progress.any_rejection().await;
        let ends = progress.ends(2).await.ends;
        upstream.restart().await?;
        Ok(ends)
    };
    let seen = Seen::up_to(last);
    let (tally, ends) = try_join!(follow_form(request, &server.form, seen, &progress), kill)?;
    let resumed = Resumed { tally: tally.checked()?.with_connections(3)?, ends };
    if resumed.ends == [BodyEnd::Truncated, end] {
        return Ok(resumed);
    }
    Err(ScenarioError::failed(format!("{resumed}: expected Truncated and {end:?}")))
}
