//! Clients: one that shows raw bytes, and one that is not ours.

use std::{future::poll_fn, io, pin::pin, task::Poll, time::Duration};

use sse_test::ScriptedServer;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Runs a test to its end, on one thread; a test that hangs fails.
pub(crate) fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Long enough for any machine: only a test that fails waits this long.
    let guard = Duration::from_secs(30);
    runtime.block_on(async { tokio::time::timeout(guard, test).await.expect("the test hangs") })
}

/// The simplest request.
pub(crate) const GET: &str = "GET / HTTP/1.1\r\n\r\n";

/// Connection that shows the bytes of the server.
pub(crate) struct RawClient {
    pub(crate) stream: TcpStream,
}

impl RawClient {
    /// Connects and sends these bytes.
    pub(crate) async fn send(server: &ScriptedServer, request: &str) -> Self {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        Self { stream }
    }

    /// Reads until this text has arrived.
    pub(crate) async fn read_until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            text.push(self.stream.read_u8().await.unwrap());
        }
        String::from_utf8(text).unwrap()
    }

    /// Reads to the end of the connection.
    pub(crate) async fn rest(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.stream.read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    /// Returns `true` if there is nothing to read now.
    pub(crate) fn is_silent(&self) -> bool {
        let read = self.stream.try_read(&mut [0]);
        matches!(read, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

/// Returns a client for loopback that ignores the proxies of the environment.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Returns `true` if a future is pending.
pub(crate) async fn is_pending(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}
