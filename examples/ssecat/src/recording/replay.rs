//! A recording in, the responses that it has out, when it is their time.
//!
//! Stands in a session's place for reqwest and the server. It holds the whole recording in memory.

use std::{
    collections::VecDeque,
    fs, future, io,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::stream;
use reqwest::{Body, Response, ResponseBuilderExt, Url, Version};
use sse_reqwest::BoxError;
use tokio::{sync::Notify, time::Instant};

use super::{Head, Heading, Line, Trouble, TroubleKind, VERSION, What};
use crate::{args::Speed, failure::Failure};

pub(crate) struct Replay {
    url: Url,
    started: SystemTime,
    connections: usize,
    speed: Speed,
    begun: Instant,
    rest: Mutex<VecDeque<Line>>,
    /// Where in the recording it is, in microseconds.
    position: AtomicU64,
    over: Notify,
}

impl Replay {
    pub(crate) fn open(path: &Path, speed: Speed) -> Result<Arc<Self>, Failure> {
        let reading = |error| Failure::reading(&path.display().to_string())(error);
        let text = fs::read_to_string(path).map_err(reading)?;
        let (heading, rest) =
            parse(&text).map_err(|why| reading(io::Error::new(io::ErrorKind::InvalidData, why)))?;
        let connections = rest.iter().filter(|line| line.what.is_answer()).count();
        Ok(Arc::new(Self {
            url: heading.url,
            started: heading.started,
            connections,
            speed,
            begun: Instant::now(),
            rest: Mutex::new(rest),
            position: AtomicU64::new(0),
            over: Notify::new(),
        }))
    }

    /// What was asked for.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// How often it was asked for.
    pub(crate) fn connections(&self) -> usize {
        self.connections
    }

    /// The time of day at this place of the recording.
    pub(crate) fn time(&self) -> SystemTime {
        self.started + Duration::from_micros(self.position.load(Ordering::Relaxed))
    }

    /// Waits until nothing is left of the recording, and something was asked for all the same.
    pub(crate) async fn over(&self) {
        self.over.notified().await;
    }

    /// The answer to the next request.
    pub(crate) async fn answer(self: Arc<Self>) -> Result<Response, BoxError> {
        loop {
            match self.take(What::is_answer).await {
                // The rest of a body that the client has given up.
                None => drop(self.take(|_| true).await),
                Some(What::Response(head)) => return self.response(head),
                Some(What::NoAnswer(trouble)) => return Err(trouble.into_error().into()),
                Some(_) => {}
            }
        }
    }

    fn response(self: Arc<Self>, head: Head) -> Result<Response, BoxError> {
        let mut response = http::Response::builder()
            .status(head.status)
            .version(version(&head.version))
            .url(Url::parse(&head.url)?);
        for (name, value) in head.headers {
            response = response.header(name, value);
        }
        let chunks =
            stream::unfold(self, async |replay| replay.chunk().await.map(|chunk| (chunk, replay)));
        Ok(response.body(Body::wrap_stream(chunks))?.into())
    }

    /// The next piece of a body; `None` at its end.
    async fn chunk(&self) -> Option<Result<Bytes, io::Error>> {
        match self.take(|what| !what.is_answer()).await {
            Some(What::Text(text)) => Some(Ok(text.into())),
            Some(What::Base64(text)) => {
                let bytes = BASE64_STANDARD.decode(text).map_err(io::Error::other);
                Some(bytes.map(Bytes::from))
            }
            Some(What::Broken(trouble)) => Some(Err(trouble.into_error())),
            Some(_) => None,
            None => {
                let error = "the client gave the connection up".to_owned();
                Some(Err(Trouble { error, kind: TroubleKind::Other }.into_error()))
            }
        }
    }

    /// Takes the next line when it is its time, if it is such a one; `None` if it is not. Waits for
    /// ever if there is none.
    async fn take(&self, is_wanted: impl Fn(&What) -> bool) -> Option<What> {
        let at = self.rest().front().map(|line| line.at);
        let Some(at) = at else {
            self.over.notify_one();
            return future::pending().await;
        };
        if let Speed::Times(factor) = self.speed {
            let wait = Duration::try_from_secs_f64(at / factor).unwrap_or(Duration::MAX);
            if let Some(moment) = self.begun.checked_add(wait) {
                tokio::time::sleep_until(moment).await;
            }
        }
        self.position.store((at * 1e6) as u64, Ordering::Relaxed);
        let mut rest = self.rest();
        if !rest.front().is_some_and(|line| is_wanted(&line.what)) {
            return None;
        }
        rest.pop_front().map(|line| line.what)
    }

    fn rest(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Start {
    started: SystemTime,
    url: Url,
}

/// The lines of a recording, or which of them is wrong.
fn parse(text: &str) -> Result<(Start, VecDeque<Line>), String> {
    let mut lines = (1..).zip(text.split_inclusive('\n'));
    let (_, first) = lines.next().unwrap_or_default();
    let start = parse_heading(first).map_err(|why| format!("line 1: {why}"))?;
    let mut rest = VecDeque::new();
    for (number, line) in lines {
        match parse_line(line) {
            Ok(line) => rest.push_back(line),
            // It was being written when the recording was cut short.
            Err(_) if !line.ends_with('\n') => break,
            Err(why) => return Err(format!("line {number}: {why}")),
        }
    }
    Ok((start, rest))
}

fn parse_heading(line: &str) -> Result<Start, String> {
    let heading: Heading = serde_json::from_str(line)
        .map_err(|error| format!("is no start of a recording: {error}"))?;
    if heading.ssecat_recording != VERSION {
        return Err(format!("is of version {}", heading.ssecat_recording));
    }
    let started = humantime::parse_rfc3339(&heading.started).map_err(|error| error.to_string())?;
    let url = Url::parse(&heading.url).map_err(|error| error.to_string())?;
    Ok(Start { started, url })
}

fn parse_line(line: &str) -> Result<Line, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match (0.0..=LONGEST).contains(&line.at) {
        true => Ok(line),
        false => Err(format!("{} is no time", line.at)),
    }
}

/// About thirty years, in seconds.
const LONGEST: f64 = 1e9;

impl What {
    /// Whether it is what comes of a request.
    fn is_answer(&self) -> bool {
        matches!(self, Self::Response(_) | Self::NoAnswer(_))
    }
}

fn version(name: &str) -> Version {
    [Version::HTTP_10, Version::HTTP_2, Version::HTTP_3]
        .into_iter()
        .find(|version| format!("{version:?}") == name)
        .unwrap_or(Version::HTTP_11)
}
