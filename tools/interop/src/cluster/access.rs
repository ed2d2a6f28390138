//! A Redis that trusts its users only with what they need, and one that is reached over TLS.

use std::{
    fs,
    time::{Duration, Instant},
};

use tokio::time::sleep;

use super::{
    gateways::run_to_end,
    proxy::Mode,
    redis::Redis,
    setup::{Cluster, Report, ensure, until},
    upstream::{OPEN, Options},
};
use crate::{
    error::{Result, ScenarioError},
    nginx::Certificate,
};

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };
const BROWSERS: usize = 10;
/// Rights to change keys.
const WRITING: &[&str] = &[
    "xadd",
    "zadd",
    "hset",
    "zremrangebyrank",
    "pexpire",
    "set",
    "del",
    "unlink",
    "hsetnx",
    "hincrby",
];
/// Rights that a leader needs while it leads.
const NEEDED_ALWAYS: &[&str] = &["xadd", "zadd", "hset", "zremrangebyrank", "pexpire"];

/// Gives the gateways the rights of the guide and no others; starts gateways that lack one of them
/// each; takes rights away from running ones.
pub(super) async fn rights() -> Result<Report> {
    let redis = Redis::start().await?;
    let rights = rights_of_the_guide()?;
    user(&redis, "gateway", &rights).await?;
    let address = redis.address;
    let cluster = Cluster::over(redis, address, "redis://gateway:secret@", OPTIONS, &[]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            for lacking in &rights {
                let others: Vec<_> = rights.iter().filter(|it| *it != lacking).cloned().collect();
                user(&cluster.redis, "other", &others).await?;
                let url = format!("redis://other:secret@{address}/");
                let (code, text) = run_to_end(&["--redis", &url]).await?;
                let is_clear = text.contains("refuses a command")
                    && match lacking.strip_prefix('+') {
                        Some(name) => refused(&text) == Some(name),
                        // Redis does not say which key.
                        None => text.contains("keys"),
                    };
                ensure(
                    code == Some(3) && is_clear,
                    format!("without {lacking}: exit code {code:?}: {text}"),
                )?;
            }
            let generation = generation(&cluster.redis).await?;
            append_refused(cluster).await?;
            for right in WRITING {
                taken_away(cluster, right, NEEDED_ALWAYS.contains(right)).await?;
            }
            taken_away(cluster, "xread", true).await?;
            browsers.newer_than(cluster.redis.state("count").await?).await?;
            let now = self::generation(&cluster.redis).await?;
            ensure(now == generation, "a new generation, though nothing is lost")?;
            let failures = cluster.gateways.sum("engine_failures").await;
            let record = cluster.end(browsers).await?;
            let note = format!(
                "each of {} rights is needed: exit code 3 at start; {failures} commands refused while running, repeated",
                rights.len(),
            );
            Report::new(record, note).steady()
        })
        .await
}

/// Takes the right to append away from the running leader, which still renews its lease: its state
/// is 503 for all the time, and its log names the reason once.
async fn append_refused(cluster: &Cluster) -> Result<()> {
    let gateways = &cluster.gateways;
    let leader = gateways.leader().await?;
    let lines = || gateways.log(leader).matches("refuses a command").count();
    let before = lines();
    cluster.redis.run("ACL SETUSER gateway -xadd").await?;
    until(|| async { !gateways.is_well(leader).await }, "no event was refused").await?;
    let began = Instant::now();
    // Longer than two periods of renewal.
    while began.elapsed() < Duration::from_millis(2200) {
        ensure(!gateways.is_well(leader).await, "/status is 200 while no event is taken")?;
        sleep(Duration::from_millis(10)).await;
    }
    ensure(gateways.leader().await? == leader, "another leader")?;
    let logged = lines() - before;
    ensure(logged == 1, format!("{logged} lines in the log instead of one"))?;
    cluster.redis.run("ACL SETUSER gateway +xadd").await?;
    cluster.all_well().await
}

/// Takes a right away from running gateways for a moment, and until that has been noticed if it is
/// needed at all times.
async fn taken_away(cluster: &Cluster, right: &str, is_needed: bool) -> Result<()> {
    let gateways = &cluster.gateways;
    cluster.redis.run(&format!("ACL SETUSER gateway -{right}")).await?;
    if is_needed {
        let otherwise = format!("nobody has noticed that {right} is refused");
        until(|| async { !gateways.are_well().await }, &otherwise).await?;
    } else {
        sleep(Duration::from_millis(100)).await;
    }
    let appended = cluster.redis.state("count").await?;
    cluster.redis.run(&format!("ACL SETUSER gateway +{right}")).await?;
    let redis = &cluster.redis;
    let is_appended = || async { redis.state("count").await.is_ok_and(|count| count > appended) };
    until(is_appended, &format!("no event is appended after {right} was refused")).await?;
    cluster.all_well().await
}

async fn generation(redis: &Redis) -> Result<String> {
    redis.run("HGET sse:{events}:state generation").await
}

/// Returns the name of the command that Redis refuses, by an error message.
fn refused(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("permissions to run ")?;
    let name = rest.lines().next()?;
    // In quotes if the client has sent the command, rather than a script.
    let quoted = name.strip_prefix("the '").and_then(|name| name.strip_suffix("' command"));
    Some(quoted.unwrap_or(name))
}

/// Connects the gateways over TLS, and cuts the connections once.
pub(super) async fn tls() -> Result<Report> {
    let certificate = Certificate::new()?;
    let (redis, address) = Redis::start_with_tls(&certificate).await?;
    let roots = redis.process.dir.path().join("cert.pem");
    let roots =
        roots.to_str().ok_or_else(|| ScenarioError::failed("path is not UTF-8"))?.to_owned();
    let args = ["--redis-ca", roots.as_str()];
    let cluster = Cluster::over(redis, address, "rediss://", OPTIONS, &args).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            let url = format!("rediss://{address}/");
            let (code, text) = run_to_end(&["--redis", &url]).await?;
            let is_clear = code == Some(3) && text.contains("is not trusted");
            ensure(is_clear, format!("exit code {code:?}: {text}"))?;
            cluster.network.set(Mode::Refuse);
            sleep(Duration::from_millis(500)).await;
            cluster.network.set(Mode::Forward);
            browsers.newer_than(cluster.redis.state("count").await?).await?;
            let record = cluster.end(browsers).await?;
            cluster.all_well().await?;
            Report::new(record, "exit code 3 with a certificate that is not trusted").steady()
        })
        .await
}

/// Creates a user with these rights and the password `secret`.
async fn user(redis: &Redis, name: &str, rights: &[String]) -> Result<()> {
    let rights = rights.join(" ");
    redis.run(&format!("ACL SETUSER {name} reset on >secret {rights}")).await.map(|_| ())
}

/// Returns the rights that the guide lists, which are the ones to test.
fn rights_of_the_guide() -> Result<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/cluster.md");
    let guide = fs::read_to_string(path)?;
    let command =
        guide.split_once("ACL SETUSER gateway").and_then(|(_, rest)| rest.split_once("```"));
    let (command, _) = command.ok_or_else(|| ScenarioError::failed(format!("no ACL in {path}")))?;
    let words = command.replace("{TOPIC}", "{events}");
    let rights = words.split_whitespace().filter(|word| word.starts_with(['+', '~']));
    Ok(rights.map(str::to_owned).collect())
}
