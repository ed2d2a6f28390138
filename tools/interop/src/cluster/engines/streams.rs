//! Redis Streams: the script `append.lua`, and `XREAD BLOCK`.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    task::JoinSet,
};

use super::{Measured, READERS, data, measured};
use crate::{
    cluster::{redis::Redis, setup::ensure},
    error::Result,
};

pub(super) async fn run(events: u64, batch: u64) -> Result<Measured> {
    let redis = Redis::start().await?;
    let script = concat!(
        include_str!("../../../../../examples/gateway-cluster/scripts/shared.lua"),
        include_str!("../../../../../examples/gateway-cluster/scripts/append.lua"),
    );
    let mut writer = Connection::open(redis.address).await?;
    let hash = writer.run(&["SCRIPT", "LOAD", script]).await?;
    let state =
        ["HSET", STATE, "generation", "g", "count", "0", "epoch", "1", "seq", "0", "leader", "a"];
    writer.run(&state).await?;
    let work = async {
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            readers.spawn(read(redis.address, events));
        }
        for seq in 1..=events / batch {
            append(&mut writer, &hash, seq, batch).await?;
        }
        while let Some(read) = readers.join_next().await {
            read??;
        }
        Ok(())
    };
    measured(redis.process.id(), work).await
}

async fn append(writer: &mut Connection, hash: &str, seq: u64, batch: u64) -> Result<()> {
    let (seq_text, data) = (seq.to_string(), data());
    let ids: Vec<_> = (1..=batch).map(|number| (seq * batch + number).to_string()).collect();
    let mut words = vec!["EVALSHA", hash, "3", STATE, "{e}:lease", "{e}:ids"];
    words.extend(["1", "g", &seq_text, "0", "10000", "last", "a"]);
    for id in &ids {
        words.extend([id.as_str(), id, "", &data]);
    }
    let reply = writer.run(&words).await?;
    ensure(reply.starts_with("1\n"), format!("redis: batch refused: {reply}"))
}

async fn read(address: SocketAddr, events: u64) -> Result<()> {
    let mut reader = Connection::open(address).await?;
    let mut last = 0;
    while last < events {
        let after = format!("{last}-0");
        let words = ["XREAD", "COUNT", "512", "BLOCK", "1000", "STREAMS", "{e}:state:g", &after];
        let reply = reader.run(&words).await?;
        // IDs are the only strings of this form; the newest is the last one.
        let mut ids = reply.split('\n').filter_map(|it| it.strip_suffix("-0")?.parse().ok());
        last = ids.next_back().unwrap_or(last);
    }
    Ok(())
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(256 * 1024, stream)))
    }

    /// Runs a command. Returns all strings and numbers of its reply, one a line.
    async fn run(&mut self, words: &[&str]) -> Result<String> {
        let mut command = format!("*{}\r\n", words.len());
        for word in words {
            command += &format!("${}\r\n{word}\r\n", word.len());
        }
        self.0.write_all(command.as_bytes()).await?;
        let (mut texts, mut expected) = (String::new(), 1_i64);
        let mut line = String::new();
        while expected > 0 {
            expected -= 1;
            line.clear();
            self.0.read_line(&mut line).await?;
            let length: i64 = line.get(1..).unwrap_or_default().trim().parse().unwrap_or(-1);
            match line.get(..1) {
                Some("*") => expected += length.max(0),
                Some("$") if length >= 0 => {
                    let mut text = vec![0; usize::try_from(length)? + 2];
                    self.0.read_exact(&mut text).await?;
                    texts += String::from_utf8_lossy(&text).trim_end();
                    texts.push('\n');
                }
                Some(":") => {
                    texts += line.trim_start_matches(':').trim_end();
                    texts.push('\n');
                }
                Some("-") => return Err(crate::error::ScenarioError::failed(line)),
                _ => {}
            }
        }
        Ok(texts.trim_end().to_owned())
    }
}

const STATE: &str = "{e}:state";
