//! nginx as a proxy: with and without buffering, with compression, with a read timeout, and without
//! a server to forward to.
//!
//! The server is nchan, or sse-starlette where it is replaced by another. In scenarios without
//! buffering, each event is sent after the one before it was received: a proxy that buffers would
//! wait forever.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING};
use tokio::{task::spawn_blocking, try_join};

use crate::{
    channel::Channel,
    client::Protocol,
    error::{Result, ScenarioError},
    follow::{Tally, follow},
    nchan::Nchan,
    nginx::{Certificate, Installed, Modules, Nginx, listen},
    payload::Seen,
    progress::Progress,
    report::Report,
    server::Running,
    starlette,
};

const EVENTS: usize = 200;

/// Port without a server.
const CLOSED_PORT: u16 = 1;

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    let installed = Installed::find().await?;
    let certificate = Certificate::new()?;
    let nchan = Nchan::start(&installed, &certificate).await?;
    let http = |ports| before_nchan(ports, nchan.ports[0]);
    let (nginx, ports) = Nginx::start(&installed, Modules::Own, &certificate, http).await?;
    let server = format!("{} before nchan", installed.version);
    let logs = [&nchan.nginx.process, &nginx.process];
    for (protocol, port) in Protocol::ALL.into_iter().zip(ports) {
        let proxy = Proxy { nchan: &nchan, nginx: &nginx, ports, protocol, port };
        let name = |what: &str| format!("{}, {what}", protocol.name());

        let off = in_step(proxy.channel("off", &certificate)?);
        report.scenario(&server, &name("proxy_buffering off"), &logs, off).await;
        let asked = in_step(proxy.channel("asked", &certificate)?);
        report.scenario(&server, &name("X-Accel-Buffering: no"), &logs, asked).await;
        let compressed = proxy.compressed(&certificate);
        report.scenario(&server, &name("gzip"), &logs, compressed).await;
        let read_timeout = read_timeout(proxy.channel("read-timeout", &certificate)?);
        report.scenario(&server, &name("proxy_read_timeout"), &logs, read_timeout).await;
        let unavailable = proxy.unavailable(proxy.channel("off", &certificate)?);
        report.scenario(&server, &name("502 and 503"), &logs, unavailable).await;
    }
    before_others(report, &installed, &certificate).await
}

/// Returns a configuration with a location for each scenario.
fn before_nchan(ports: [u16; 3], upstream: u16) -> String {
    let listen = listen(ports);
    let subscribe = format!("proxy_pass http://127.0.0.1:{upstream}/subscribe");
    format!(
        "proxy_http_version 1.1;
        proxy_set_header Connection '';
        server {{
            {listen}
            location /off {{ {subscribe}; proxy_buffering off; }}
            location /asked {{ proxy_pass http://127.0.0.1:{upstream}/unbuffered; }}
            location /read-timeout {{ {subscribe}; proxy_buffering off; proxy_read_timeout 200ms; }}
            location /gzip {{
                {subscribe};
                proxy_buffering off;
                gzip on;
                gzip_types text/event-stream;
                gzip_proxied any;
            }}
        }}"
    )
}

async fn in_step(channel: Channel) -> Result<Tally> {
    let progress = Progress::default();
    let (tally, ()) = try_join!(
        follow(channel.subscribe(), Seen::up_to(EVENTS), &progress),
        channel.publish_in_step(EVENTS, &progress),
    )?;
    Ok(tally)
}

/// Publishes the next events only after nginx has closed the connection.
async fn read_timeout(channel: Channel) -> Result<Tally> {
    let progress = Progress::default();
    let publish = async {
        let mut published = 0;
        for number in [EVENTS as u64 / 3, EVENTS as u64 / 2] {
            channel.publish_numbers(published + 1..=number, &progress).await?;
            published = number;
            let state = progress.number(number).await;
            progress.connections(state.connections + 1).await;
        }
        channel.publish_numbers(published + 1..=EVENTS as u64, &progress).await?;
        channel.publish_end().await
    };
    let (tally, ()) =
        try_join!(follow(channel.subscribe(), Seen::up_to(EVENTS), &progress), publish)?;
    tally.with_connections(3)
}

/// nginx in front of nchan, with one protocol.
struct Proxy<'a> {
    nchan: &'a Nchan,
    nginx: &'a Nginx,
    ports: [u16; 3],
    protocol: Protocol,
    /// Port of the protocol.
    port: u16,
}

impl Proxy<'_> {
    /// Creates a channel with its subscription at one of the locations.
    fn channel(&self, location: &str, certificate: &Certificate) -> Result<Channel> {
        let url = format!("{}://127.0.0.1:{}/{location}", self.protocol.scheme(), self.port);
        let subscriber = self.protocol.client(Some(certificate))?;
        Channel::new(&self.nchan.publish_url(), subscriber, &url)
    }

    /// Checks that the stream is compressed, with a client that does not decompress, then follows
    /// it.
    async fn compressed(&self, certificate: &Certificate) -> Result<Tally> {
        let channel = self.channel("gzip", certificate)?;
        let http = self.protocol.http(Some(certificate))?.no_gzip().build()?;
        let request = http.get(channel.subscribe_url()).header(ACCEPT, "text/event-stream");
        let response = request.header(ACCEPT_ENCODING, "gzip").send().await?.error_for_status()?;
        let coding = response.headers().get(CONTENT_ENCODING);
        if coding.is_none_or(|coding| coding != "gzip") {
            return Err(ScenarioError::failed(format!("Content-Encoding is {coding:?}")));
        }
        in_step(channel).await
    }

    /// Has nginx respond 502, then 503 with `Retry-After`, while events are published.
    async fn unavailable(&self, channel: Channel) -> Result<Tally> {
        let progress = Progress::default();
        let listen = listen(self.ports);
        let bad_gateway = before_nchan(self.ports, CLOSED_PORT);
        let closed = format!(
            "server {{
                {listen}
                location / {{ add_header Retry-After 1 always; return 503; }}
            }}"
        );
        let disrupt = async {
            for (number, configuration, status) in [(60, bad_gateway, 502), (120, closed, 503)] {
                progress.hold_after(number + 10);
                progress.number(number).await;
                self.nginx.reconfigure(&configuration).await?;
                progress.rejection(status).await;
                self.nginx.reconfigure(&before_nchan(self.ports, self.nchan.ports[0])).await?;
            }
            progress.release();
            Ok(())
        };
        let (tally, (), ()) = try_join!(
            follow(channel.subscribe(), Seen::up_to(EVENTS), &progress),
            channel.publish(EVENTS, &progress),
            disrupt,
        )?;
        tally.with_connections(3)
    }
}

/// Runs scenarios in which the server behind nginx ends its streams, and is replaced.
async fn before_others(
    report: &mut Report,
    installed: &Installed,
    certificate: &Certificate,
) -> Result<()> {
    let (server, name) = starlette::start().await?;
    let names = format!("{} before {name}", installed.version);
    let http = |[port]: [u16; 1]| before_starlette(port, server.port);
    let (front, [port]) = Nginx::start(installed, Modules::Own, certificate, http).await?;
    let logs = [&front.process];
    report.scenario(&names, "proxy_buffering on, in bursts", &logs, buffered(port)).await;
    report.scenario(&names, "deployments", &logs, replaced(server, &front, port)).await;
    Ok(())
}

fn before_starlette(port: u16, upstream: u16) -> String {
    format!(
        "server {{
            listen 127.0.0.1:{port};
            location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
            location /buffered/ {{
                proxy_pass http://127.0.0.1:{upstream}/;
                proxy_ignore_headers X-Accel-Buffering;
            }}
        }}"
    )
}

/// Follows a stream that nginx buffers, head included, until a buffer is full or the stream ends.
/// The stream has to end: when its read timeout expires, nginx discards its buffer.
async fn buffered(port: u16) -> Result<Tally> {
    let url = format!("http://127.0.0.1:{port}/buffered/events?last={EVENTS}&pause=0.01");
    let request = Protocol::Http1.client(None)?.request(url);
    follow(request, Seen::up_to(EVENTS), &Progress::default()).await
}

/// Replaces sse-starlette twice: first with an interval without a server, then without.
///
/// Both replacements run before the first is stopped, and the stream is slow: it must not end while
/// they start.
async fn replaced(first: Running, front: &Nginx, port: u16) -> Result<Tally> {
    let url = format!("http://127.0.0.1:{port}/events?last={EVENTS}&pause=0.02");
    let ((second, _), (third, _)) = try_join!(starlette::start(), starlette::start())?;
    let progress = Progress::default();
    let deploy = async {
        progress.number(20).await;
        spawn_blocking(|| drop(first)).await?;
        progress.rejection(502).await;
        front.reconfigure(&before_starlette(port, second.port)).await?;

        let state = progress.connections(2).await;
        progress.number(state.number + 10).await;
        front.reconfigure(&before_starlette(port, third.port)).await?;
        progress.connections(3).await;
        spawn_blocking(|| drop(second)).await?;
        Ok(third)
    };
    let request = Protocol::Http1.client(None)?.request(url);
    let (tally, _third) = try_join!(follow(request, Seen::up_to(EVENTS), &progress), deploy)?;
    tally.with_connections(3)
}
