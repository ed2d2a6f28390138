//! A session that notices a dead connection soon after its machine has slept.
//!
//! While a machine sleeps, the clocks of tokio and of the standard library stand still on Linux and
//! macOS. A connection that died meanwhile is noticed a whole idle timeout after waking. The clock
//! of this program counts the time of the sleep. An example cannot put your machine to sleep, so it
//! adds an hour to the clock instead.

use std::{
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use sse_reqwest::{BoxFuture, Clock, ReconnectPolicy, SessionEvent, SseClient, SseConfig, reqwest};
use sse_test::{Reply, ScriptedServer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let replies = [Reply::messages(["one"]).hang(), Reply::messages(["two"]), Reply::status(204)];
    let server = ScriptedServer::start(replies).await;
    let config = SseConfig::new()
        .reconnect(ReconnectPolicy::fixed(Duration::from_millis(100)))
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_secs(600))
        .clock(SleepClock { start: machine_time() });
    let client = SseClient::new(reqwest::Client::builder().no_proxy().build()?, config);
    let mut session = client.sse_session(server.url("/events")).await?;
    let mut life = session.lifecycle();
    while let Some(step) = life.next().await {
        match step? {
            SessionEvent::Event(event) => {
                println!("{}", event.data());
                if event.data() == "one" {
                    tokio::spawn(async { HOURS_ASLEEP.fetch_add(1, Ordering::Relaxed) });
                }
            }
            SessionEvent::Disconnected { cause, .. } => {
                println!("disconnected: {:?}", cause.kind())
            }
            _ => {}
        }
    }
    Ok(())
}

/// Clock that counts the time in which the machine sleeps.
#[derive(Debug)]
struct SleepClock {
    start: Duration,
}

impl Clock for SleepClock {
    fn now(&self) -> Duration {
        machine_time().saturating_sub(self.start)
    }

    /// Waits by tokio's timer, which does not count the sleep: therefore for a short time only,
    /// after which the clock is read again.
    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let until = machine_time().saturating_add(duration);
        Box::pin(async move {
            loop {
                let left = until.saturating_sub(machine_time());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(LONGEST_WAIT)).await;
            }
        })
    }
}

/// Time after waking within which a wait that is over ends. Each session that waits is polled as
/// often; in a program of yours, 10 s may do.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Returns the time since a moment that does not change, including sleep.
fn machine_time() -> Duration {
    clock_with_sleep() + Duration::from_secs(3600) * HOURS_ASLEEP.load(Ordering::Relaxed) as u32
}

/// Simulated sleep.
static HOURS_ASLEEP: AtomicU64 = AtomicU64::new(0);

/// `CLOCK_BOOTTIME`. The monotonic clock of Linux stands still while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn clock_with_sleep() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::Boottime).try_into().unwrap_or_default()
}

/// `CLOCK_MONOTONIC`, which counts sleep on macOS, as `mach_continuous_time` does. `Instant` of the
/// standard library is another clock there.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
fn clock_with_sleep() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::Monotonic).try_into().unwrap_or_default()
}

/// `Instant`, which counts sleep on Windows.
#[cfg(not(unix))]
fn clock_with_sleep() -> Duration {
    use std::{sync::LazyLock, time::Instant};
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed()
}
