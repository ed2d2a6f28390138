//! nchan, an nginx module that receives events from publishers and sends them to subscribers.
//!
//! Connections are closed by the client, by an nginx in front that is reloaded and killed, and by
//! nchan itself. [`crate::channel`] publishes the events.

use std::time::Duration;

use tokio::{time::sleep, try_join};

use crate::{
    channel::Channel,
    client::{self, Protocol},
    error::{Result, ScenarioError},
    follow::{Tally, follow},
    nginx::{Certificate, Installed, Modules, Nginx, kill, listen},
    payload::Seen,
    progress::{Progress, State},
    report::Report,
};

const EVENTS: usize = 600;

/// Numbers of the events at which the session is disrupted.
const DISRUPTED_AT: [u64; 5] = [100, 200, 300, 400, 500];

/// Number of events that may be published after each of them before the disruption.
const IN_FLIGHT: u64 = 10;

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    let installed = Installed::find().await?;
    let certificate = Certificate::new()?;
    let nchan = Nchan::start(&installed, &certificate).await?;
    let server = nchan.version(&installed).await?;
    let logs = [&nchan.nginx.process];
    for (protocol, port) in Protocol::ALL.into_iter().zip(nchan.ports) {
        let name = format!("{}, cut by us", protocol.name());
        let channel = nchan.channel(protocol, port, "subscribe", &certificate)?;
        report.scenario(&server, &name, &logs, cut_by_us(channel)).await;
    }
    let (front, ports) = nchan.start_front(&installed, &certificate).await?;
    let both = [&nchan.nginx.process, &front.process];
    let behind = format!("{server} behind nginx");
    for (protocol, port) in Protocol::ALL.into_iter().zip(ports) {
        for (what, path) in [("", "subscribe"), (", gzip", "gzip/subscribe")] {
            let name = format!("{}{what}, nginx reloaded and killed", protocol.name());
            let channel = nchan.channel(protocol, port, path, &certificate)?;
            report.scenario(&behind, &name, &both, cut_by_nginx(channel, &front)).await;
        }
    }
    let port = nchan.ports[0];
    let channels = nchan.channel(Protocol::Http1, port, "both", &certificate)?;
    let name = "HTTP/1.1, two channels as one, cut by us";
    report.scenario(&server, name, &logs, two_channels(channels.split())).await;
    let channel = nchan.channel(Protocol::Http1, port, "subscribe", &certificate)?;
    let name = "HTTP/1.1, reloaded and killed itself";
    report.scenario(&server, name, &logs, cut_by_itself(channel, &nchan.nginx)).await;
    Ok(())
}

/// Has the session reconnect.
async fn cut_by_us(channel: Channel) -> Result<Tally> {
    disrupted(channel, async |_, state| reconnect(state)).await
}

fn reconnect(state: State) -> Result<()> {
    state.handle.ok_or_else(|| ScenarioError::failed("no session"))?.reconnect_now();
    Ok(())
}

/// Subscribes to two channels at once. An ID then consists of two, one of them in brackets. The
/// order of events between channels is not defined, so each is published after the one before it
/// was received.
async fn two_channels(channels: Channel) -> Result<Tally> {
    let progress = Progress::default();
    let disruptions = async {
        for number in DISRUPTED_AT {
            let state = progress.number(number).await;
            let connections = state.connections;
            reconnect(state)?;
            progress.connections(connections + 1).await;
        }
        Ok(())
    };
    let (tally, (), ()) = try_join!(
        follow(channels.subscribe(), Seen::up_to(EVENTS), &progress),
        channels.publish_in_step(EVENTS, &progress),
        disruptions,
    )?;
    tally.with_connections(1 + DISRUPTED_AT.len() as u64)
}

/// Alternates between a reload of nginx, and a SIGKILL to the process that serves the session.
async fn cut_by_nginx(channel: Channel, front: &Nginx) -> Result<Tally> {
    disrupted(channel, async |turn, state| match turn % 2 {
        0 => front.reload().await,
        _ => kill(state.worker.as_deref()),
    })
    .await
}

/// Follows a channel while events are published, and causes another connection at each of
/// [`DISRUPTED_AT`].
async fn disrupted(
    channel: Channel,
    disrupt: impl AsyncFn(usize, State) -> Result<()>,
) -> Result<Tally> {
    let progress = Progress::default();
    progress.hold_after(DISRUPTED_AT[0] + IN_FLIGHT);
    let disruptions = async {
        for (turn, number) in DISRUPTED_AT.into_iter().enumerate() {
            let state = progress.number(number).await;
            let connections = state.connections;
            disrupt(turn, state).await?;
            progress.connections(connections + 1).await;
            match DISRUPTED_AT.get(turn + 1) {
                Some(next) => progress.hold_after(next + IN_FLIGHT),
                None => progress.release(),
            }
        }
        Ok(())
    };
    let (tally, (), ()) = try_join!(
        follow(channel.subscribe(), Seen::up_to(EVENTS), &progress),
        channel.publish(EVENTS, &progress),
        disruptions,
    )?;
    tally.with_connections(1 + DISRUPTED_AT.len() as u64)
}

/// Reloads and kills nchan itself, which loses its stored events. They have to be received before
/// that, and the next event has to be published in a later second: IDs consist of a second and a
/// counter, and would be repeated.
async fn cut_by_itself(channel: Channel, nchan: &Nginx) -> Result<Tally> {
    let progress = Progress::default();
    let publish = async {
        let mut published = 0;
        for (turn, number) in DISRUPTED_AT.into_iter().enumerate() {
            channel.publish_numbers(published + 1..=number, &progress).await?;
            published = number;
            let state = progress.number(number).await;
            sleep(Duration::from_secs(1)).await;
            if turn % 2 == 0 {
                nchan.reload().await?;
            } else {
                kill(state.worker.as_deref())?;
            }
            progress.connections(state.connections + 1).await;
        }
        channel.publish_numbers(published + 1..=EVENTS as u64, &progress).await?;
        channel.publish_end().await
    };
    let (tally, ()) =
        try_join!(follow(channel.subscribe(), Seen::up_to(EVENTS), &progress), publish)?;
    tally.with_connections(1 + DISRUPTED_AT.len() as u64)
}

/// Running nginx with nchan.
#[derive(Debug)]
pub(crate) struct Nchan {
    pub(crate) nginx: Nginx,
    /// Ports, one for each protocol.
    pub(crate) ports: [u16; 3],
}

impl Nchan {
    pub(crate) async fn start(installed: &Installed, certificate: &Certificate) -> Result<Self> {
        let http = |ports| {
            let listen = listen(ports);
            format!(
                "server {{
                    {listen}
                    location ~ ^/publish/(.+)$ {{
                        nchan_publisher;
                        nchan_channel_id $1;
                        nchan_message_buffer_length 100000;
                        nchan_message_timeout 1h;
                    }}
                    nchan_subscriber_first_message oldest;
                    nchan_eventsource_ping_interval 1;
                    location ~ ^/subscribe/(.+)$ {{
                        add_header X-Worker $pid;
                        nchan_subscriber eventsource;
                        nchan_channel_id $1;
                    }}
                    location ~ ^/both/(.+)$ {{
                        nchan_subscriber eventsource;
                        nchan_channel_id $1-0 $1-1;
                    }}
                    location ~ ^/unbuffered/(.+)$ {{
                        add_header X-Accel-Buffering no;
                        nchan_subscriber eventsource;
                        nchan_channel_id $1;
                    }}
                    location = /status {{ nchan_stub_status; }}
                }}"
            )
        };
        let (nginx, ports) = Nginx::start(installed, Modules::Nchan, certificate, http).await?;
        Ok(Self { nginx, ports })
    }

    /// Asks nchan for its version.
    pub(crate) async fn version(&self, installed: &Installed) -> Result<String> {
        let url = format!("http://127.0.0.1:{}/status", self.ports[0]);
        let status = client::plain()?.get(url).send().await?.text().await?;
        let version = status.lines().find_map(|line| line.strip_prefix("nchan version: "));
        let version = version.unwrap_or("of unknown version");
        Ok(format!("nchan {version}, {}", installed.version))
    }

    /// Creates a channel with its subscription at this port and path, of nchan or of an nginx in
    /// front.
    fn channel(
        &self,
        protocol: Protocol,
        port: u16,
        path: &str,
        certificate: &Certificate,
    ) -> Result<Channel> {
        let subscribe_to = format!("{}://127.0.0.1:{port}/{path}", protocol.scheme());
        Channel::new(&self.publish_url(), protocol.client(Some(certificate))?, &subscribe_to)
    }

    pub(crate) fn publish_url(&self) -> String {
        format!("http://127.0.0.1:{}/publish", self.ports[0])
    }

    /// Starts an nginx that forwards the streams of this one without buffering.
    async fn start_front(
        &self,
        installed: &Installed,
        certificate: &Certificate,
    ) -> Result<(Nginx, [u16; 3])> {
        let upstream = self.ports[0];
        let http = |ports| {
            let listen = listen(ports);
            format!(
                "add_header X-Worker $pid;
                proxy_hide_header X-Worker;
                proxy_http_version 1.1;
                proxy_set_header Connection '';
                proxy_buffering off;
                gzip_types text/event-stream;
                server {{
                    {listen}
                    location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
                    location /gzip/ {{ proxy_pass http://127.0.0.1:{upstream}/; gzip on; }}
                }}"
            )
        };
        Nginx::start(installed, Modules::Own, certificate, http).await
    }
}
