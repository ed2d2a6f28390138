//! TCP proxy on loopback: load balancer of the gateways, and the network between the gateways and
//! Redis.
//!
//! Takes turns among its targets, and skips those that refuse.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

use crate::error::Result;

/// Treatment of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Forward,
    /// Closes all connections, and each new one at once.
    Refuse,
    /// Forwards what comes from a target after this time.
    Delay(Duration),
}

#[derive(Debug, Clone)]
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    pub(super) async fn start(targets: Vec<SocketAddr>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mode = watch::Sender::new(Mode::Forward);
        let modes = mode.clone();
        let (targets, turn) = (Arc::new(targets), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (targets, turn, modes) = (targets.clone(), turn.clone(), modes.subscribe());
                tokio::spawn(async move {
                    // One of the two sides is gone, or refuses.
                    let _ = serve(stream, &targets, &turn, modes).await;
                });
            }
        });
        Ok(Self { address, mode })
    }

    pub(super) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn serve(
    mut client: TcpStream,
    targets: &[SocketAddr],
    turn: &AtomicUsize,
    mut modes: watch::Receiver<Mode>,
) -> std::io::Result<()> {
    if *modes.borrow_and_update() == Mode::Refuse {
        return Ok(());
    }
    let first = turn.fetch_add(1, Ordering::Relaxed);
    for number in 0..targets.len() {
        let target = targets[(first + number) % targets.len()];
        let Ok(mut server) = TcpStream::connect(target).await else { continue };
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let delays = modes.clone();
        let refused = modes.wait_for(|mode| *mode == Mode::Refuse);
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let replies = async {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let length = from_server.read(&mut buffer).await?;
                if length == 0 {
                    return Ok(());
                }
                let mode = *delays.borrow();
                if let Mode::Delay(delay) = mode {
                    sleep(delay).await;
                }
                to_client.write_all(&buffer[..length]).await?;
            }
        };
        return tokio::select! {
            _ = refused => Ok(()),
            copied = tokio::io::copy(&mut from_client, &mut to_server) => copied.map(|_| ()),
            replied = replies => replied,
        };
    }
    Ok(())
}
