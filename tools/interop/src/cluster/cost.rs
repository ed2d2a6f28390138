//! Measures what a cluster costs, and prints tables in Markdown.
//!
//! CPU time is that of the processes of the gateways, by the account of Linux. The clients and the
//! upstream, which are in this process, do not count.

use std::{
    fs,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::time::{sleep, timeout};

use super::{
    browsers::Browsers,
    gateways::Gateways,
    redis::Redis,
    setup::{Report, ensure},
    upstream::{Options, Upstream},
};
use crate::error::{Result, ScenarioError};

/// Gateways that are compared.
const SETUPS: [(&str, usize, bool); 3] = [
    ("1 process, history in memory", 1, false),
    ("1 process over Redis", 1, true),
    ("3 processes over Redis", 3, true),
];

/// Rates of the upstream in events per second, and numbers of events.
const LOADS: [(f64, u64); 2] = [(100.0, 1000), (2000.0, 20_000)];

const BROWSERS: usize = 150;
const RUNS: usize = 3;
/// Number of browsers whose memory is measured.
const IDLE: usize = 1000;
/// Longest time in which they read the history.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measurement of one run.
#[derive(Debug, Clone, Copy)]
struct Cost {
    deliveries: u64,
    /// CPU seconds of the gateways.
    gateways: f64,
    /// CPU seconds of Redis.
    redis: f64,
}

pub(super) async fn measure() -> Result<()> {
    println!(
        "| gateways | events per second | delivered per CPU second | with Redis' CPU | CPU of Redis |"
    );
    println!("|---|---|---|---|---|");
    for (rate, total) in LOADS {
        for (name, processes, has_redis) in SETUPS {
            let mut runs = Vec::new();
            for _ in 0..RUNS {
                runs.push(run(rate, total, processes, has_redis).await?);
            }
            runs.sort_by(|a, b| a.gateways.total_cmp(&b.gateways));
            let Cost { deliveries, gateways, redis } = runs[RUNS / 2];
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            let per_second = |seconds: f64| deliveries as f64 / seconds;
            println!(
                "| {name} | {rate} | {:.0} | {:.0} | {redis:.2} s |",
                per_second(gateways),
                per_second(gateways + redis),
            );
        }
    }
    println!();
    memory().await
}

async fn run(rate: f64, total: u64, processes: usize, has_redis: bool) -> Result<Cost> {
    let redis = Redis::start().await?;
    let redis_url = format!("redis://{}/", redis.address);
    let upstream =
        Upstream::start(Options { rate, total, has_ids: true, bytes: 200, rewind: 0 }).await?;
    let upstream_url = upstream.url();
    let mut args = vec!["--upstream", &upstream_url, "--history", "50000"];
    if has_redis {
        args.extend(["--redis", &redis_url]);
    }
    let gateways = Gateways::start(processes, &args).await?;
    let mut running = Vec::new();
    // Without the load balancer, whose work would slow everything down.
    for (index, address) in gateways.addresses().into_iter().enumerate() {
        let share = BROWSERS / processes + usize::from(index < BROWSERS % processes);
        running.push(Browsers::start(share, address, &upstream.last())?);
    }
    let mut report = Report::default();
    for browsers in running {
        report.add(&Report::new(browsers.end(Duration::from_secs(100)).await?, ""));
    }
    let report = report.checked()?;
    ensure(report.record.events == total * BROWSERS as u64, "events are missing")?;
    let mut cost = Cost { deliveries: report.record.events, gateways: 0.0, redis: 0.0 };
    for id in gateways.ids() {
        cost.gateways += cpu_seconds(id)?;
    }
    if has_redis {
        cost.redis = redis.process.id().map_or(Ok(0.0), cpu_seconds)?;
    }
    Ok(cost)
}

/// Prints the memory of an event in Redis and of a browser in a gateway: one that is idle after a
/// few events, and one that has read a long history at once.
pub(super) async fn memory() -> Result<()> {
    let few = each_browser(10).await?;
    let many = each_browser(2000).await?;
    println!("Redis: {} bytes for each of 2000 events of 200 bytes", many.event_bytes);
    println!("gateway: {} KiB without browsers", few.alone);
    for (browser, events) in [(few.browser, 10), (many.browser, 2000)] {
        println!(
            "gateway: {browser:.1} KiB for each of {IDLE} idle browsers that have read {events} events at once"
        );
    }
    Ok(())
}

/// Memory of a gateway and of Redis.
#[derive(Debug, Clone, Copy)]
struct Memory {
    /// Bytes in Redis for each event.
    event_bytes: u64,
    /// KiB of a gateway without browsers.
    alone: u64,
    /// KiB of a gateway for each browser.
    browser: f64,
}

/// Measures idle browsers that have read a history of this length.
async fn each_browser(total: u64) -> Result<Memory> {
    let redis = Redis::start().await?;
    let empty = redis.used_memory().await?;
    let options = Options { rate: 2000.0, total, has_ids: true, bytes: 200, rewind: 0 };
    let upstream = Upstream::start(options).await?;
    let (redis_url, upstream_url) = (format!("redis://{}/", redis.address), upstream.url());
    let args = ["--redis", &redis_url, "--upstream", &upstream_url, "--history", "50000"];
    let gateways = Gateways::start(1, &args).await?;
    let address = gateways.addresses()[0];
    Browsers::start(1, address, &upstream.last())?.end(Duration::from_secs(60)).await?;
    let used = redis.used_memory().await?.saturating_sub(empty);
    let id = gateways.ids().first().copied().ok_or_else(|| ScenarioError::failed("no gateway"))?;
    let alone = resident_kib(id)?;
    // They read the whole history, and stay.
    let browsers = Browsers::start(IDLE, address, &Arc::new(AtomicU64::new(total + 1)))?;
    let all = timeout(PATIENCE, browsers.all_have(total)).await;
    all.map_err(ScenarioError::during("browsers that read the history"))??;
    sleep(Duration::from_secs(1)).await;
    let more = resident_kib(id)?.saturating_sub(alone);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let browser = more as f64 / IDLE as f64;
    Ok(Memory { event_bytes: used / total, alone, browser })
}

/// Returns the CPU time of a process so far, in user and in system mode.
pub(super) fn cpu_seconds(id: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in brackets may have spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|it| it.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / TICKS_PER_SECOND)
}

fn resident_kib(id: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| ScenarioError::failed("no VmRSS"))
}

/// Unit of `/proc/PID/stat` on all systems that are in use.
const TICKS_PER_SECOND: f64 = 100.0;
