//! nchan, a module of nginx that takes events from publishers and sends them to subscribers.
//!
//! It is cut off by us, by an nginx before it that is reloaded and killed, and by its own. What is
//! sent on which channel stands in [`crate::channel`].

use std::time::Duration;

use tokio::{time::sleep, try_join};

use crate::{
    channel::Channel,
    client::{self, Protocol},
    follow::{Tally, follow},
    nginx::{Certificate, Installed, Modules, Nginx, kill, listen},
    payload::Seen,
    progress::{Progress, State},
    report::Report,
    trouble::{Result, Trouble},
};

const EVENTS: usize = 600;

/// The session is disturbed when it has come to each of these.
const DISTURBED_AT: [u64; 5] = [100, 200, 300, 400, 500];

/// How many events may still come after that.
const ON_THE_WAY: u64 = 10;

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

/// The session makes another connection whenever we tell it to.
async fn cut_by_us(channel: Channel) -> Result<Tally> {
    disturbed(channel, async |_, state| reconnect(state)).await
}

fn reconnect(state: State) -> Result<()> {
    state.handle.ok_or_else(|| Trouble::failed("no session"))?.reconnect_now();
    Ok(())
}

/// The IDs of two channels as one are two, one of them in brackets. The channels keep no order
/// between them, so each event is published when the one before it has come.
async fn two_channels(channels: Channel) -> Result<Tally> {
    let progress = Progress::default();
    let disturbances = async {
        for number in DISTURBED_AT {
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
        disturbances,
    )?;
    tally.with_connections(1 + DISTURBED_AT.len() as u64)
}

/// By turns, new processes of nginx replace the old ones, and the one that serves us is killed.
async fn cut_by_nginx(channel: Channel, front: &Nginx) -> Result<Tally> {
    disturbed(channel, async |turn, state| match turn % 2 {
        0 => front.reload().await,
        _ => kill(state.worker.as_deref()),
    })
    .await
}

/// Follows a channel while it is published to, and brings about another connection at each of
/// [`DISTURBED_AT`]. The next events are published meanwhile.
async fn disturbed(
    channel: Channel,
    disturb: impl AsyncFn(usize, State) -> Result<()>,
) -> Result<Tally> {
    let progress = Progress::default();
    progress.hold_after(DISTURBED_AT[0] + ON_THE_WAY);
    let disturbances = async {
        for (turn, number) in DISTURBED_AT.into_iter().enumerate() {
            let state = progress.number(number).await;
            let connections = state.connections;
            disturb(turn, state).await?;
            progress.connections(connections + 1).await;
            match DISTURBED_AT.get(turn + 1) {
                Some(next) => progress.hold_after(next + ON_THE_WAY),
                None => progress.let_go(),
            }
        }
        Ok(())
    };
    let (tally, (), ()) = try_join!(
        follow(channel.subscribe(), Seen::up_to(EVENTS), &progress),
        channel.publish(EVENTS, &progress),
        disturbances,
    )?;
    tally.with_connections(1 + DISTURBED_AT.len() as u64)
}

/// What nchan holds goes with its processes. So what was published has to have come before they go,
/// and the next event may come only in another second: its IDs are a second and a count, and it
/// would give one out again.
async fn cut_by_itself(channel: Channel, nchan: &Nginx) -> Result<Tally> {
    let progress = Progress::default();
    let publish = async {
        let mut published = 0;
        for (turn, number) in DISTURBED_AT.into_iter().enumerate() {
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
    tally.with_connections(1 + DISTURBED_AT.len() as u64)
}

/// An nginx with nchan.
#[derive(Debug)]
pub(crate) struct Nchan {
    pub(crate) nginx: Nginx,
    /// One for each protocol.
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

    /// What this nchan says of its version.
    pub(crate) async fn version(&self, installed: &Installed) -> Result<String> {
        let url = format!("http://127.0.0.1:{}/status", self.ports[0]);
        let status = client::plain()?.get(url).send().await?.text().await?;
        let version = status.lines().find_map(|line| line.strip_prefix("nchan version: "));
        let version = version.unwrap_or("of no version");
        Ok(format!("nchan {version}, {}", installed.version))
    }

    /// A channel that is subscribed to at this port and path: nchan's own, or those of an nginx before
    /// it.
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

    /// An nginx that passes on what this one sends, at once.
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
