//! Processes that die or stop, and connections that are cut.

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::time::sleep;

use super::{
    browsers::Browsers,
    gateways::Gateways,
    proxy::Mode,
    setup::{Cluster, GATEWAYS, Report, ensure, until},
    upstream::{OPEN, Options},
};
use crate::error::Result;

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };

/// Kills the leader and another process, twice each, and cuts all connections to Redis for 5 s.
pub(super) async fn processes_killed() -> Result<Report> {
    let options = Options { rewind: 20, ..OPTIONS };
    let cluster = Cluster::start(options, &["--history", "20000"]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(50)?;
            browsers.all_have(100).await?;
            let mut pauses = Vec::new();
            for _ in 0..2 {
                let leader = cluster.gateways.leader().await?;
                let died = cluster.gateways.kill(leader).await;
                // Events that the leader has appended before are still sent, also a batch on its
                // way to Redis.
                sleep(Duration::from_millis(100)).await;
                let appended = cluster.redis.state("count").await?;
                let next = browsers.newer_than(appended).await?;
                pauses.push(next.saturating_duration_since(died));
                cluster.gateways.restart(leader).await?;
                browsers.all_have(appended + 200).await?;

                let leader = cluster.gateways.leader().await?;
                let follower = (leader + 1) % GATEWAYS;
                cluster.gateways.kill(follower).await;
                sleep(Duration::from_secs(1)).await;
                cluster.gateways.restart(follower).await?;
                sleep(Duration::from_secs(1)).await;
            }
            cluster.network.set(Mode::Refuse);
            sleep(Duration::from_secs(5)).await;
            ensure(!cluster.gateways.are_well().await, "/status is 200 without Redis")?;
            cluster.network.set(Mode::Forward);
            let total = cluster.upstream.end_soon();
            let record = browsers.end(Duration::from_secs(60)).await?;
            ensure(record.events == total * 50, "a browser does not have all events")?;
            let most = cluster.upstream.most_open();
            // Two for a moment: a leader may be slow to notice that its lease has expired.
            ensure(most <= 2, format!("{most} connections to the upstream at once"))?;
            let appended = cluster.redis.state("count").await?;
            ensure(appended == total, format!("{appended} events appended"))?;
            let duplicates = cluster.gateways.sum("duplicates").await;
            ensure(duplicates > 0, "the upstream has sent no event again")?;
            let upstream = &cluster.upstream;
            until(|| async { upstream.no_content() > 0 }, "the upstream is not asked for more")
                .await?;
            let leader = cluster.gateways.leader().await?;
            let is_noticed = || async {
                cluster.gateways.log(leader).contains("the upstream has no more events")
            };
            until(is_noticed, "the leader does not notice the end of the upstream").await?;
            stays_connected(cluster, total).await?;
            cluster.all_well().await?;
            let pauses: Vec<_> =
                pauses.iter().map(|it| format!("{:.2} s", it.as_secs_f64())).collect();
            let pauses = pauses.join(", ");
            let note = format!(
                "leader's death to the next event: {pauses}; {duplicates} events sent again, stored once"
            );
            Report::new(record, note).complete()
        })
        .await
}

/// Fails unless browsers stay connected after the last event, and receive nothing more.
async fn stays_connected(cluster: &Cluster, total: u64) -> Result<()> {
    let beyond = Arc::new(AtomicU64::new(total + 1));
    let browsers = Browsers::start(3, cluster.balancer.address, &beyond)?;
    browsers.all_have(total).await?;
    sleep(Duration::from_secs(1)).await;
    let connected = cluster.gateways.sum("browsers").await;
    let newest = browsers.newest();
    ensure(connected == 3 && newest == total, format!("{connected} of 3 browsers, at {newest}"))
}

/// Stops the leader until its lease has expired, and lets it go on; then takes the lease away from
/// a leader that runs. For a moment, two processes take themselves for the leader. At last,
/// replaces the name of the newest acquisition while no events come: its leader must not renew the
/// lease.
pub(super) async fn two_leaders() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &["--lease", "2000"]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(10)?;
            browsers.all_have(100).await?;
            let old = cluster.gateways.leader().await?;
            cluster.gateways.pause(old, true);
            let another = until_another_leads(&cluster.gateways, old).await;
            cluster.gateways.pause(old, false);
            another?;
            // A leader whose lease is gone, and who has not noticed yet.
            let (mut refused, mut attempts) = (0, 0);
            while refused == 0 {
                ensure(attempts < 60, "no batch of an old leader was refused")?;
                attempts += 1;
                cluster.redis.run("DEL sse:{events}:lease").await?;
                sleep(Duration::from_millis(700)).await;
                refused = cluster.redis.state("refused").await?;
            }
            let total = cluster.upstream.end_soon();
            let record = browsers.end(Duration::from_secs(60)).await?;
            let appended = cluster.redis.state("count").await?;
            ensure(appended == total, format!("{appended} events appended"))?;
            let gateways = &cluster.gateways;
            until(|| async { gateways.leaders().await == 1 }, "not exactly one leader").await?;
            let redis = &cluster.redis;
            let epoch = redis.state("epoch").await?;
            redis.run("HSET sse:{events}:state leader another").await?;
            let is_acquired = || async { redis.state("epoch").await.is_ok_and(|it| it > epoch) };
            until(is_acquired, "the lease of an earlier acquisition is renewed").await?;
            let note =
                format!("batches of an old leader refused: {refused}; its lease is not renewed");
            Report::new(record, note).complete()
        })
        .await
}

/// Kills the leader of an upstream whose events have no IDs: what it sends meanwhile is lost, which
/// everybody is notified of, in its place among the events.
pub(super) async fn upstream_without_ids() -> Result<Report> {
    let options = Options { has_ids: false, ..OPTIONS };
    let cluster = Cluster::start(options, &["--lease", "1000"]).await?;
    cluster
        .watched(async |cluster| {
            let (address, last) = (cluster.balancer.address, cluster.upstream.last());
            let browsers = Browsers::start_anywhere(10, address, &last)?;
            browsers.all_have(1).await?;
            sleep(Duration::from_millis(500)).await;
            let leader = cluster.gateways.leader().await?;
            cluster.gateways.kill(leader).await;
            // A newer event is one of the next leader.
            browsers.newer_than(cluster.upstream.newest()).await?;
            let record = cluster.end(browsers).await?;
            Report::new(record, "each browser is notified once").notified()
        })
        .await
}

async fn until_another_leads(gateways: &Gateways, old: usize) -> Result<()> {
    let others: Vec<_> = (0..GATEWAYS).filter(|&index| index != old).collect();
    until(
        || async {
            for &index in &others {
                if gateways.status(index).await.is_ok_and(|it| it["is_leader"] == true) {
                    return true;
                }
            }
            false
        },
        "nobody takes over",
    )
    .await
}
