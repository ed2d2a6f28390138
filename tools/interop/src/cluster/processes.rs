//! Gateways that one process starts and ends, with `--processes`.

use super::{
    browsers::Browsers,
    gateways::{Gateways, leads, run_to_end, status},
    parent::{Parent, exists},
    proxy::Proxy,
    redis::Redis,
    setup::{Report, ensure, until},
    upstream::{OPEN, Options, Upstream},
};
use crate::{process::signal, trouble::Result};

const OPTIONS: Options = Options { rate: 250.0, total: OPEN, has_ids: true, bytes: 100, rewind: 0 };
const COUNT: u16 = 3;
const BROWSERS: usize = 10;
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Kills the leader among the children of a process, which starts it again. Then starts such a
/// process with wrong credentials, with which no child is started again.
pub(super) async fn child_killed() -> Result<Report> {
    let (redis, upstream) = (Redis::start().await?, Upstream::start(OPTIONS).await?);
    let (redis_url, upstream_url) = (format!("redis://{}/", redis.address), upstream.url());
    let args = ["--redis", &redis_url, "--upstream", &upstream_url, "--lease", "1000"];
    let parent = Parent::start(COUNT, &args).await?;
    let balancer = Proxy::start(parent.addresses.clone()).await?;
    let browsers = Browsers::start(BROWSERS, balancer.address, &upstream.last())?;
    browsers.all_have(100).await?;
    let leader = parent.leader().await?;
    let killed = child(&parent, leader)?;
    signal("KILL", &killed.to_string());
    let is_back = || async {
        let new = parent.child(leader).ok().flatten();
        new.is_some_and(|new| new != killed) && status(leader).await.is_ok()
    };
    until(is_back, "the gateway is not started again").await?;
    ensure(parent.log().contains("starting it again"), "the log has nothing about it")?;
    browsers.newer_than(redis.state("count").await?).await?;
    let others = parent.children()?.len();
    ensure(others == usize::from(COUNT), format!("{others} gateways"))?;

    let wrong = format!("redis://nobody:wrong@{}/", redis.address);
    // They end before they listen.
    let listen = parent.addresses[0].to_string();
    let args = ["--redis", &wrong, "--processes", "3", "--listen", &listen];
    let (code, text) = run_to_end(&args).await?;
    let ends = text.matches("not starting it again").count();
    ensure(code == Some(3) && ends == 3, format!("exit code {code:?}: {text}"))?;

    upstream.end_soon();
    let record = browsers.end(PATIENCE).await?;
    Report::new(record, "started again; three with a wrong password: exit code 3, not again")
        .complete()
}

/// Ends a process and its children by SIGTERM: another gateway leads before their lease can have
/// expired. Then kills one, whose children end by themselves.
pub(super) async fn parent_ended() -> Result<Report> {
    let (redis, upstream) = (Redis::start().await?, Upstream::start(OPTIONS).await?);
    let (redis_url, upstream_url) = (format!("redis://{}/", redis.address), upstream.url());
    // Longer than any wait of this scenario.
    let args = ["--redis", &redis_url, "--upstream", &upstream_url, "--lease", "600000"];
    let mut parent = Parent::start(COUNT, &args).await?;
    parent.leader().await?;
    let next = Gateways::start(1, &args).await?;
    let mut addresses = parent.addresses.clone();
    addresses.extend(next.addresses());
    let balancer = Proxy::start(addresses).await?;
    let browsers = Browsers::start(BROWSERS, balancer.address, &upstream.last())?;
    browsers.all_have(100).await?;
    let children = parent.children()?;
    ensure(children.len() == usize::from(COUNT), format!("{} gateways", children.len()))?;
    let began = std::time::Instant::now();
    parent.signal("TERM");
    let code = parent.ended().await?;
    ensure(code == Some(0), format!("exit code {code:?} after SIGTERM: {}", parent.log()))?;
    ensure(!children.iter().any(|&id| exists(id)), "a child has outlived its parent")?;
    let ended = began.elapsed();
    let address = next.addresses()[0];
    until(|| leads(address), "the lease was not released").await?;
    browsers.newer_than(redis.state("count").await?).await?;

    let killed = Parent::start(2, &args).await?;
    let children = killed.children()?;
    killed.signal("KILL");
    let are_gone = || async { !children.iter().any(|&id| exists(id)) };
    until(are_gone, "a gateway goes on without its parent").await?;

    upstream.end_soon();
    let record = browsers.end(PATIENCE).await?;
    let ended = ended.as_secs_f64();
    let note =
        format!("exit code 0 and all gone after {ended:.2} s; the lease of 600 s is released");
    Report::new(record, note).complete()
}

fn child(parent: &Parent, address: std::net::SocketAddr) -> Result<u32> {
    let child = parent.child(address)?;
    child.ok_or_else(|| crate::trouble::Trouble::failed(format!("no gateway at {address}")))
}
