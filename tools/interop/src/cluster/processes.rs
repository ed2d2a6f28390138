//! Gateways that one process starts and ends, with `--processes`.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use super::{
    browsers::Browsers,
    gateways::{Gateways, leads, run_to_end, status},
    parent::{Parent, exists},
    proxy::Proxy,
    redis::Redis,
    setup::{Report, ensure, until},
    upstream::{OPEN, Options, Upstream},
};
use crate::{error::Result, process::signal};

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };
const COUNT: u16 = 3;
const BROWSERS: usize = 10;
const PATIENCE: Duration = Duration::from_secs(60);
const NOT_AGAIN: &str = "not starting it again";

/// Kills the leader among the children of a process, which starts it again, until its port, which
/// is in use at first, is free. Then starts such a process with wrong credentials, with which no
/// child is started again; and lets a single child meet that, without which the others go on.
pub(super) async fn child_killed() -> Result<Report> {
    let (redis, upstream) = (Redis::start().await?, Upstream::start(OPTIONS).await?);
    let (redis_url, upstream_url) = (format!("redis://{}/", redis.address), upstream.url());
    let args = ["--redis", &redis_url, "--upstream", &upstream_url, "--lease", "1000"];
    let mut parent = Parent::start(COUNT, &args).await?;
    let balancer = Proxy::start(parent.addresses.clone()).await?;
    let browsers = Browsers::start(BROWSERS, balancer.address, &upstream.last())?;
    browsers.all_have(100).await?;
    let leader = parent.leader().await?;
    let killed = child(&parent, leader)?;
    signal("KILL", &killed.to_string());
    // Within the pause before it is started again.
    let taken = std::cell::OnceCell::new();
    let is_taken = || async { TcpListener::bind(leader).is_ok_and(|it| taken.set(it).is_ok()) };
    until(is_taken, "the port stays in use").await?;
    let has_failed = || async { parent.log().to_lowercase().contains("in use") };
    until(has_failed, "the gateway does not fail without its port").await?;
    drop(taken);
    let is_back = || async {
        let new = parent.child(leader).ok().flatten();
        new.is_some_and(|new| new != killed) && status(leader).await.is_ok()
    };
    until(is_back, "the gateway is not started again").await?;
    ensure(parent.log().contains("starting it again"), "the log has nothing about it")?;
    browsers.newer_than(redis.state("count").await?).await?;

    let wrong = format!("redis://nobody:wrong@{}/", redis.address);
    // They end before they listen.
    let listen = parent.addresses[0].to_string();
    let args = ["--redis", &wrong, "--processes", "3", "--listen", &listen];
    let (code, text) = run_to_end(&args).await?;
    let ends = text.matches(NOT_AGAIN).count();
    ensure(code == Some(3) && ends == 3, format!("exit code {code:?}: {text}"))?;

    // Connections that exist are still trusted.
    redis.run("CONFIG SET requirepass secret").await?;
    signal("KILL", &child(&parent, parent.addresses[0])?.to_string());
    until(|| async { parent.log().contains(NOT_AGAIN) }, "the gateway is accepted").await?;
    redis.run("AUTH secret\r\nCONFIG SET requirepass \"\"").await?;
    let others = parent.children()?.len();
    ensure(others == usize::from(COUNT) - 1, format!("{others} gateways"))?;
    browsers.newer_than(redis.state("count").await?).await?;
    upstream.end_soon();
    let record = browsers.end(PATIENCE).await?;
    parent.signal("TERM");
    let code = parent.ended().await?;
    ensure(code == Some(3), format!("exit code {code:?} of the parent"))?;
    Report::new(record, "started again; not after exit code 3, and the others go on").complete()
}

/// Ends a process and its children by SIGTERM, and then kills another one, whose children end by
/// themselves: each time, another gateway leads before the lease can have expired. At last, ends
/// that gateway by SIGINT.
pub(super) async fn parent_ended() -> Result<Report> {
    let (redis, upstream) = (Redis::start().await?, Upstream::start(OPTIONS).await?);
    let (redis_url, upstream_url) = (format!("redis://{}/", redis.address), upstream.url());
    // Longer than any wait of this scenario.
    let mut args = vec!["--redis", &redis_url, "--upstream", &upstream_url, "--lease", "600000"];
    let mut first = Parent::start(2, &args).await?;
    first.leader().await?;
    let second = Parent::start(2, &args).await?;
    let balancer = Proxy::start([&*first.addresses, &*second.addresses].concat()).await?;
    let browsers = Browsers::start(BROWSERS, balancer.address, &upstream.last())?;
    browsers.all_have(100).await?;
    let children = first.children()?;
    ensure(children.len() == 2, format!("{} gateways", children.len()))?;
    let began = Instant::now();
    first.signal("TERM");
    let code = first.ended().await?;
    ensure(code == Some(0), format!("exit code {code:?} after SIGTERM: {}", first.log()))?;
    ensure(!children.iter().any(|&id| exists(id)), "a child has outlived its parent")?;
    let ended = began.elapsed();
    second.leader().await?;
    browsers.newer_than(redis.state("count").await?).await?;

    // At a port that the load balancer knows.
    let (third, listen) = (first.addresses[0], first.addresses[0].to_string());
    args.extend(["--listen", &listen]);
    let mut last = Gateways::start(1, &args).await?;
    let children = second.children()?;
    second.signal("KILL");
    let are_gone = || async { !children.iter().any(|&id| exists(id)) };
    until(are_gone, "a gateway goes on without its parent").await?;
    until(|| leads(third), "the lease was not released").await?;
    browsers.newer_than(redis.state("count").await?).await?;
    upstream.end_soon();
    let record = browsers.end(PATIENCE).await?;
    let code = last.interrupt(0).await?;
    let leases = redis.run("EXISTS sse:{events}:lease").await?;
    let is_released = code == Some(0) && leases == "0";
    ensure(is_released, format!("exit code {code:?} and {leases} leases after SIGINT"))?;
    let ended = ended.as_secs_f64();
    let note =
        format!("exit code 0, all gone after {ended:.2} s; a lease of 600 s released three times");
    Report::new(record, note).complete()
}

fn child(parent: &Parent, address: std::net::SocketAddr) -> Result<u32> {
    let child = parent.child(address)?;
    child.ok_or_else(|| crate::error::ScenarioError::failed(format!("no gateway at {address}")))
}
