//! Runs three gateways in this process over one engine, stops two of them, and compares what
//! browsers received with what the upstream sent.
//!
//! `cargo xtask cluster` does the same with processes and Redis; this needs neither.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener as _;
use sse_core::ServerSentEvent;
use sse_direct::{ClientSseSession, DirectTransport, ReconnectPolicy, SseClient, SseConfig};
use tokio::time::{sleep, timeout};

use crate::{
    engine::Engine,
    gateway::{Gateway, Parts},
    harbor::Harbor,
    hub::{Bounds, GAP},
    memory::MemoryEngine,
    web::Settings,
    write_timeout,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const HARBOR: Harbor =
    Harbor { events: 300, pace: Duration::from_millis(3), cut_after: 220, padding: 0 };
const LEASE: Duration = Duration::from_millis(300);

pub(crate) async fn check() -> Outcome<()> {
    timeout(LIMIT, gateways()).await.map_err(|_| format!("not finished within {LIMIT:?}"))?
}

async fn gateways() -> Outcome<()> {
    let parts = Parts {
        engine: Engine::Memory(MemoryEngine::new(1000, LEASE)),
        connect: Arc::new(|config| SseClient::new(DirectTransport::tcp(), config)),
        upstream: format!("http://{}/events", HARBOR.open().await?),
        // Less than the browsers need, so that they read from the engine too.
        bounds: Bounds { events: 20, ..Bounds::default() },
        lease: LEASE,
        settings: Settings::default(),
    };
    let mut gateways = Vec::new();
    for _ in 0..3 {
        let listener = write_timeout::listen(([127, 0, 0, 1], 0).into())?;
        let address = listener.local_addr()?;
        gateways.push((Gateway::start(&parts, listener), address));
    }

    let mut browser = Browser::default();
    let leader = leader(&gateways).await;
    browser.read(gateways[leader].1, 100).await?;
    // Like a process that is killed: it does not release its lease.
    drop(gateways.remove(leader));
    println!("the leader is killed after {} events", browser.events.len());

    let leader = self::leader(&gateways).await;
    browser.read(gateways[leader].1, 200).await?;
    gateways.remove(leader).0.close().await?;
    println!("the next leader ends after {} events", browser.events.len());

    let last = gateways[0].1;
    let (again, new) = tokio::join!(browser.read(last, usize::MAX), async {
        let mut browser = Browser::default();
        browser.read(last, usize::MAX).await.map(|()| browser)
    });
    again?;
    println!("browser of three gateways: {}", browser.compare()?);
    println!("browser that came late: {}", new?.compare()?);
    Ok(())
}

/// Waits until a gateway leads. Returns which.
async fn leader(gateways: &[(Gateway, SocketAddr)]) -> usize {
    loop {
        let leads = |(gateway, _): &(Gateway, _)| gateway.status.report().is_leader;
        if let Some(leader) = gateways.iter().position(leads) {
            return leader;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Browser that is sent to another gateway each time, as by a load balancer.
#[derive(Debug, Default)]
struct Browser {
    events: Vec<ServerSentEvent>,
}

impl Browser {
    /// Reads at a gateway until it has this many events, or all.
    async fn read(&mut self, gateway: SocketAddr, count: usize) -> Outcome<()> {
        let count = count.min(usize::try_from(HARBOR.events)?);
        let mut session = self.open(gateway).await?;
        while self.events.len() < count {
            let event = session.next().await.ok_or("the response has ended")??;
            if event.event_type() == GAP {
                return Err(format!("missed events: {}", event.data()).into());
            }
            self.events.push(event);
        }
        Ok(())
    }

    async fn open(&self, gateway: SocketAddr) -> Outcome<ClientSseSession> {
        let mut config = SseConfig::new().reconnect(ReconnectPolicy::fixed(LEASE));
        if let Some(id) = self.events.last().and_then(ServerSentEvent::id) {
            config = config.last_event_id(id);
        }
        let client = SseClient::new(DirectTransport::tcp(), config);
        Ok(client.sse_session(format!("http://{gateway}/events")).await?)
    }

    /// Compares the events with those of the upstream.
    fn compare(&self) -> Outcome<String> {
        for (number, event) in (1..).zip(&self.events) {
            let expected = HARBOR.event(number)?;
            let is_same =
                event.event_type() == expected.event_type() && event.data() == expected.data();
            if !is_same {
                return Err(format!("event {number} is {:?} {:?}", event.id(), event.data()).into());
            }
        }
        Ok(format!("the same {} events, once and in order", self.events.len()))
    }
}

const LIMIT: Duration = Duration::from_secs(30);
