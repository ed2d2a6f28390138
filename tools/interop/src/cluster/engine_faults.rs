//! A Redis that does not take events for a while, or no connections at all.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::time::sleep;

use super::{
    browsers::Browsers,
    gateways::run_to_end,
    proxy::Mode,
    setup::{Cluster, Report, ensure, until},
    upstream::{OPEN, Options},
};
use crate::error::Result;

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };
const BROWSERS: usize = 10;

/// Leaves Redis no memory for 3 s: the leader keeps its events, and the upstream waits.
pub(super) async fn full() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &[]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            cluster.redis.run("CONFIG SET maxmemory 100000").await?;
            let gateways = &cluster.gateways;
            until(|| async { gateways.sum("engine_full").await > 0 }, "Redis is not full").await?;
            sleep(Duration::from_secs(3)).await;
            let appended = cluster.redis.state("count").await?;
            until(|| async { gateways.leaders().await == 1 }, "not exactly one leader").await?;
            let stored = Arc::new(AtomicU64::new(appended));
            let late = Browsers::start(1, cluster.balancer.address, &stored)?;
            let late = late.end(Duration::from_secs(10)).await?;
            ensure(late.events == appended && late.lost == 0, "the history is not served")?;
            cluster.redis.run("CONFIG SET maxmemory 0").await?;
            browsers.newer_than(appended).await?;
            let refused = gateways.sum("engine_full").await;
            let record = cluster.end(browsers).await?;
            cluster.all_well().await?;
            Report::new(record, format!("{refused} attempts refused, repeated until stored; a new browser has the history"))
                .steady()
        })
        .await
}

/// Delays replies of Redis, loses some of them, and then delays them by more than the gateways wait
/// for.
pub(super) async fn slow() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &["--timeout", "1000"]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            cluster.network.set(Mode::Delay(Duration::from_millis(300)));
            sleep(Duration::from_secs(1)).await;
            // Redis has stored a batch, and the leader does not know.
            let (mut repeated, mut attempts) = (0, 0);
            while repeated == 0 || attempts < 3 {
                ensure(attempts < 20, "no batch was sent again")?;
                attempts += 1;
                cluster.network.set(Mode::Delay(Duration::from_millis(200)));
                sleep(Duration::from_millis(500)).await;
                cluster.network.set(Mode::Refuse);
                sleep(Duration::from_millis(20)).await;
                cluster.network.set(Mode::Forward);
                sleep(Duration::from_millis(300)).await;
                repeated = cluster.redis.state("repeated").await?;
            }
            cluster.network.set(Mode::Delay(Duration::from_secs(4)));
            sleep(Duration::from_secs(5)).await;
            let failures = cluster.gateways.sum("engine_failures").await;
            ensure(failures > 0, "no command was too slow")?;
            cluster.network.set(Mode::Forward);
            let record = cluster.end(browsers).await?;
            let note =
                format!("{failures} commands failed; {repeated} batches sent again, stored once");
            Report::new(record, note).steady()
        })
        .await
}

/// Makes Redis a replica for a second, which takes no writes, as after a failover that the gateways
/// do not know of.
pub(super) async fn replica() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &[]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            // Nothing listens at that port, so that it keeps its data.
            cluster.redis.run("REPLICAOF 127.0.0.1 1").await?;
            let gateways = &cluster.gateways;
            until(|| async { !gateways.are_well().await }, "no write was refused").await?;
            sleep(Duration::from_secs(1)).await;
            let appended = cluster.redis.state("count").await?;
            cluster.redis.run("REPLICAOF NO ONE").await?;
            browsers.newer_than(appended).await?;
            cluster.all_well().await?;
            let failures = cluster.gateways.sum("engine_failures").await;
            let record = cluster.end(browsers).await?;
            Report::new(record, format!("{failures} commands refused, repeated")).steady()
        })
        .await
}

/// Starts a gateway without and with a wrong password, the latter also before Redis can be reached,
/// and refuses running ones for 2 s.
pub(super) async fn authentication() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &[]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            cluster.redis.run("CONFIG SET requirepass secret").await?;
            // Connections that exist are still trusted.
            cluster.network.set(Mode::Refuse);
            // One that is started before Redis responds.
            let url = format!("redis://:wrong@{}/", cluster.network.address);
            let early = ["--redis", &url];
            let (early, ()) = tokio::join!(run_to_end(&early), async {
                sleep(Duration::from_millis(500)).await;
                cluster.network.set(Mode::Forward);
            });
            let (code, text) = early?;
            let is_clear = code == Some(3) && text.contains("trying again");
            ensure(is_clear, format!("exit code {code:?}: {text}"))?;
            let address = cluster.redis.address;
            for user in ["", ":wrong@"] {
                let url = format!("redis://{user}{address}/");
                let (code, text) = run_to_end(&["--redis", &url]).await?;
                let is_clear = code == Some(3) && text.contains("refuses the credentials");
                ensure(is_clear, format!("exit code {code:?}: {text}"))?;
            }
            sleep(Duration::from_secs(2)).await;
            let failures = cluster.gateways.sum("engine_failures").await;
            ensure(failures > 0, "no command was refused")?;
            cluster.redis.run("AUTH secret\r\nCONFIG SET requirepass \"\"").await?;
            let record = cluster.end(browsers).await?;
            let note = format!(
                "exit code 3 at start; {failures} commands refused while running, repeated"
            );
            Report::new(record, note).steady()
        })
        .await
}
