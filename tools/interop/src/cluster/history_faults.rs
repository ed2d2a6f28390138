//! A history that is lost, or that no longer has the event after which a browser resumes.

use std::time::Duration;

use tokio::time::sleep;

use super::{
    browsers::Browsers,
    gateways::{Gateways, run_to_end},
    setup::{Cluster, Report, ensure, until},
    upstream::{OPEN, Options},
};
use crate::error::{Result, ScenarioError};

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };
/// Number of the last event where the history has only a part of the stream.
const TOTAL: u64 = 1500;
const BROWSERS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(60);

/// Lets Redis evict everything.
pub(super) async fn evicting() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &["--allow-eviction"]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            cluster.redis.run("CONFIG SET maxmemory-policy allkeys-lru").await?;
            let url = format!("redis://{}/", cluster.redis.address);
            let (code, text) = run_to_end(&["--redis", &url]).await?;
            let is_refused = code == Some(4) && text.contains("maxmemory-policy is allkeys-lru");
            ensure(is_refused, format!("exit code {code:?}: {text}"))?;
            let before = generation(cluster).await;
            cluster.redis.run("CONFIG SET maxmemory 100000").await?;
            sleep(Duration::from_secs(1)).await;
            cluster.redis.run("CONFIG SET maxmemory 0").await?;
            let cluster = &*cluster;
            until(|| async { generation(cluster).await != before }, "nothing was evicted").await?;
            let record = cluster.end(browsers).await?;
            cluster.all_well().await?;
            Report::new(record, "exit code 4 at start; a new history, reported").notified()
        })
        .await
}

/// Kills Redis, which has no persistence, and starts it again.
pub(super) async fn restarted_empty() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &[]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            cluster.redis.restart_empty().await?;
            let record = cluster.end(browsers).await?;
            Report::new(record, "a new history, reported; the upstream resumed").notified()
        })
        .await
}

/// Kills Redis, and starts it again with a snapshot that lacks the newest events, like a replica
/// that takes over too early.
pub(super) async fn restored() -> Result<Report> {
    let cluster = Cluster::start(OPTIONS, &[]).await?;
    cluster
        .watched(async |cluster| {
            let browsers = cluster.browsers(BROWSERS)?;
            browsers.all_have(100).await?;
            let snapshot = cluster.redis.snapshot().await?;
            browsers.all_have(400).await?;
            cluster.redis.restart_with(&snapshot).await?;
            let record = cluster.end(browsers).await?;
            Report::new(record, "a new history, reported; the upstream resumed").notified()
        })
        .await
}

/// Resumes after the first event of a history that has only the last hundreds, after an invented
/// ID, and after one of another history.
pub(super) async fn old_id() -> Result<Report> {
    let options = Options { rate: 1000.0, total: TOTAL, ..OPTIONS };
    let cluster = Cluster::start(options, &["--history", "200", "--keep", "50"]).await?;
    cluster
        .watched(async |cluster| {
            let first =
                Browsers::start_anywhere(1, cluster.balancer.address, &cluster.upstream.last())?;
            first.all_have(TOTAL).await?;
            let newest = newest(&cluster.gateways).await?;
            let (generation, _) = newest.rsplit_once('-').unwrap_or_default();
            let mut sum = Report::new(first.end(PATIENCE).await?, "");
            let ids = [
                format!("{generation}-1"),
                format!("{generation}-999999"),
                "0123456789abcdef-1".to_owned(),
                "Zürich".to_owned(),
            ];
            for id in &ids {
                let (address, last) = (cluster.balancer.address, &cluster.upstream.last());
                let browsers = Browsers::start_after(1, address, last, Some(id))?;
                let record = browsers.end(PATIENCE).await?;
                ensure(record.gaps == 1, format!("{id}: {} notices", record.gaps))?;
                // The browser of the first one has had event 1. For others, the number is null.
                let missed = if *id == ids[0] { TOTAL - record.events - 1 } else { 0 };
                ensure(
                    record.said == missed,
                    format!("{id}: said {} for {} events", record.said, record.events),
                )?;
                sum.record.gaps += record.gaps;
                sum.record.connections += record.connections;
                sum.record.missed += record.said;
                sum.add(&Report::new(record, ""));
            }
            // One that is in the history, though not in the memory of a process.
            let id = format!("{generation}-{}", TOTAL - 150);
            let (address, last) = (cluster.balancer.address, &cluster.upstream.last());
            let browsers = Browsers::start_after(1, address, last, Some(&id))?;
            let record = browsers.end(PATIENCE).await?;
            let is_complete = record.gaps == 0 && record.events == 150;
            ensure(
                is_complete,
                format!("{id}: {} events, {} notices", record.events, record.gaps),
            )?;
            sum.record.connections += record.connections;
            sum.add(&Report::new(record, ""));
            sum.note = "old, invented and foreign IDs are reported, then the history".to_owned();
            sum.checked()
        })
        .await
}

/// Returns the name of the history: empty if there is none, `None` if Redis does not respond.
async fn generation(cluster: &Cluster) -> Option<String> {
    cluster.redis.run("HGET sse:{events}:state generation").await.ok()
}

async fn newest(gateways: &Gateways) -> Result<String> {
    let status = gateways.status(0).await?;
    let newest = status["newest"].as_str().map(str::to_owned);
    newest.ok_or_else(|| ScenarioError::failed("no newest event"))
}
