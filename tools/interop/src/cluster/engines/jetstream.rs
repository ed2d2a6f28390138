//! NATS JetStream: publishing with `Nats-Msg-Id`, and a push consumer for each reader.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::Command,
    task::JoinSet,
};

use super::{Measured, READERS, data, measured};
use crate::{
    command,
    error::{Result, ScenarioError},
    process::Process,
};

pub(super) async fn run(events: u64, batch: u64) -> Result<Measured> {
    if command::run(PROGRAM, &["--version"]).await.is_err() {
        return Err(ScenarioError::Missing("no nats-server (Debian: nats-server)".to_owned()));
    }
    let (server, [port]) = Process::start("nats", "Server is ready", |dir, [port]| {
        let mut command = Command::new(PROGRAM);
        command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--jetstream"]);
        command.arg("--store_dir").arg(dir.path());
        Ok(command)
    })
    .await?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut writer = Connection::open(address, "acks").await?;
    let stream = r#"{"name":"EV","subjects":["ev"],"storage":"memory","max_msgs":10000,"discard":"old","num_replicas":1,"retention":"limits"}"#;
    writer.request("$JS.API.STREAM.CREATE.EV", stream).await?;
    let work = async {
        let mut readers = JoinSet::new();
        for number in 0..READERS {
            let subject = format!("tail{number}");
            let mut reader = Connection::open(address, &subject).await?;
            let consumer = format!(
                r#"{{"stream_name":"EV","config":{{"deliver_subject":"{subject}","ack_policy":"none","deliver_policy":"all"}}}}"#
            );
            writer.request("$JS.API.CONSUMER.CREATE.EV", &consumer).await?;
            readers.spawn(async move {
                for _ in 0..events {
                    reader.message().await?;
                }
                Ok::<_, ScenarioError>(())
            });
        }
        let data = data();
        for seq in 0..events / batch {
            let mut text = String::new();
            for number in 0..batch {
                let id = seq * batch + number + 1;
                let head = format!("NATS/1.0\r\nNats-Msg-Id: {id}\r\n\r\n");
                let (head_bytes, bytes) = (head.len(), head.len() + data.len());
                text += &format!("HPUB ev acks {head_bytes} {bytes}\r\n{head}{data}\r\n");
            }
            writer.0.write_all(text.as_bytes()).await?;
            for _ in 0..batch {
                writer.message().await?;
            }
        }
        while let Some(read) = readers.join_next().await {
            read??;
        }
        Ok(())
    };
    measured(server.id(), work).await
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects and subscribes to a subject.
    async fn open(address: SocketAddr, subject: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut connection = Self(BufReader::with_capacity(256 * 1024, stream));
        let hello = "CONNECT {\"verbose\":false,\"headers\":true}\r\n";
        let hello = format!("{hello}SUB {subject} 1\r\nPING\r\n");
        connection.0.write_all(hello.as_bytes()).await?;
        let mut line = String::new();
        while line != "PONG\r\n" {
            line.clear();
            if connection.0.read_line(&mut line).await? == 0 {
                return Err(ScenarioError::failed("nats: connection closed"));
            }
        }
        Ok(connection)
    }

    /// Returns the text of the next message.
    async fn message(&mut self) -> Result<String> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(ScenarioError::failed("nats: connection closed"));
            }
            if line.starts_with("PING") {
                self.0.write_all(b"PONG\r\n").await?;
            } else if line.starts_with("MSG") || line.starts_with("HMSG") {
                let length = line.split_whitespace().last().and_then(|it| it.parse().ok());
                let mut text = vec![0; length.unwrap_or(0_usize) + 2];
                self.0.read_exact(&mut text).await?;
                return Ok(String::from_utf8_lossy(&text).into_owned());
            } else if line.starts_with("-ERR") {
                return Err(ScenarioError::failed(format!("nats: {line}")));
            }
        }
    }

    /// Calls the interface of JetStream.
    async fn request(&mut self, subject: &str, body: &str) -> Result<()> {
        let text = format!("PUB {subject} acks {}\r\n{body}\r\n", body.len());
        self.0.write_all(text.as_bytes()).await?;
        let reply = self.message().await?;
        if reply.contains("\"error\"") { Err(ScenarioError::failed(reply)) } else { Ok(()) }
    }
}

const PROGRAM: &str = "nats-server";
