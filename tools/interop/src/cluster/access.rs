//! A Redis that trusts its users only with what they need, and one that is reached over TLS.

use std::{fs, time::Duration};

use tokio::time::sleep;

use super::{
    gateways::run_to_end,
    proxy::Mode,
    redis::Redis,
    setup::{Cluster, Report, ensure, until},
    upstream::{OPEN, Options},
};
use crate::{
    nginx::Certificate,
    trouble::{Result, Trouble},
};

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };
const BROWSERS: usize = 10;

/// Gives the gateways the rights of the guide and no others; starts gateways that lack one of them
/// each; takes two of them away from running ones, for a second.
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
                // Redis does not say which key.
                let name = lacking.strip_prefix('+').unwrap_or("keys");
                let is_clear = text.contains("refuses a command") && text.contains(name);
                ensure(
                    code == Some(3) && is_clear,
                    format!("without {lacking}: exit code {code:?}: {text}"),
                )?;
            }
            cluster.redis.run("ACL SETUSER gateway -xadd -xread").await?;
            let gateways = &cluster.gateways;
            until(|| async { !gateways.are_well().await }, "/status of all gateways is 200").await?;
            sleep(Duration::from_secs(1)).await;
            cluster.redis.run("ACL SETUSER gateway +xadd +xread").await?;
            cluster.all_well().await?;
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

/// Connects the gateways over TLS, and cuts the connections once.
pub(super) async fn tls() -> Result<Report> {
    let certificate = Certificate::new()?;
    let (redis, address) = Redis::start_with_tls(&certificate).await?;
    let roots = redis.process.dir.path().join("cert.pem");
    let roots = roots.to_str().ok_or_else(|| Trouble::failed("path is not UTF-8"))?.to_owned();
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
    let (command, _) = command.ok_or_else(|| Trouble::failed(format!("no ACL in {path}")))?;
    let words = command.replace("{TOPIC}", "{events}");
    let rights = words.split_whitespace().filter(|word| word.starts_with(['+', '~']));
    Ok(rights.map(str::to_owned).collect())
}
