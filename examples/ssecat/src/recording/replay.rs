//! Replays a recording: returns its responses at their times.
//!
//! Replaces reqwest and the server for a session. Holds the whole recording in memory.

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

use super::{Entry, Head, Heading, Line, RecordedError, RecordedErrorKind, VERSION};
use crate::{args::Speed, failure::Failure};

pub(crate) struct Replay {
    url: Url,
    started: SystemTime,
    connections: usize,
    speed: Speed,
    begun: Instant,
    rest: Mutex<VecDeque<Line>>,
    /// Position in the recording, in microseconds.
    position: AtomicU64,
    ended: Notify,
}

impl Replay {
    pub(crate) fn open(path: &Path, speed: Speed) -> Result<Arc<Self>, Failure> {
        let reading = |error| Failure::reading(&path.display().to_string())(error);
        let text = fs::read_to_string(path).map_err(reading)?;
        let (heading, rest) =
            parse(&text).map_err(|why| reading(io::Error::new(io::ErrorKind::InvalidData, why)))?;
        let connections = rest.iter().filter(|line| line.entry.is_answer()).count();
        Ok(Arc::new(Self {
            url: heading.url,
            started: heading.started,
            connections,
            speed,
            begun: Instant::now(),
            rest: Mutex::new(rest),
            position: AtomicU64::new(0),
            ended: Notify::new(),
        }))
    }

    /// Returns the URL that was requested.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the number of requests.
    pub(crate) fn connections(&self) -> usize {
        self.connections
    }

    /// Returns the time of day at the current position.
    pub(crate) fn time(&self) -> SystemTime {
        self.started + Duration::from_micros(self.position.load(Ordering::Relaxed))
    }

    /// Waits until more is requested than was recorded.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }

    /// Returns the response to the next request.
    pub(crate) async fn response(self: Arc<Self>) -> Result<Response, BoxError> {
        loop {
            match self.take(Entry::is_answer).await {
                // The rest of a body that the session has abandoned.
                None => drop(self.take(|_| true).await),
                Some(Entry::Response(head)) => return self.begin(head),
                Some(Entry::NoResponse(error)) => return Err(error.into_error().into()),
                Some(_) => {}
            }
        }
    }

    fn begin(self: Arc<Self>, head: Head) -> Result<Response, BoxError> {
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

    /// Returns the next chunk of a body, `None` at its end.
    async fn chunk(&self) -> Option<Result<Bytes, io::Error>> {
        match self.take(|entry| !entry.is_answer()).await {
            Some(Entry::Text(text)) => Some(Ok(text.into())),
            Some(Entry::Base64(text)) => {
                let bytes = BASE64_STANDARD.decode(text).map_err(io::Error::other);
                Some(bytes.map(Bytes::from))
            }
            Some(Entry::Disconnected(error)) => Some(Err(error.into_error())),
            Some(_) => None,
            None => {
                let error = "connection closed by the client".to_owned();
                let kind = RecordedErrorKind::Other;
                Some(Err(RecordedError { error, kind }.into_error()))
            }
        }
    }

    /// Waits for the time of the next entry, and returns it if `is_wanted` accepts it, otherwise
    /// `None`. Waits forever at the end of the recording.
    async fn take(&self, is_wanted: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let at = self.rest().front().map(|line| line.at);
        let Some(at) = at else {
            self.ended.notify_one();
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
        if !rest.front().is_some_and(|line| is_wanted(&line.entry)) {
            return None;
        }
        rest.pop_front().map(|line| line.entry)
    }

    fn rest(&self) -> MutexGuard<'_, VecDeque<Line>> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Start {
    started: SystemTime,
    url: Url,
}

/// Parses the lines of a recording. The error names the invalid line.
fn parse(text: &str) -> Result<(Start, VecDeque<Line>), String> {
    let mut lines = (1..).zip(text.split_inclusive('\n'));
    let (_, first) = lines.next().unwrap_or_default();
    let start = parse_heading(first).map_err(|why| format!("line 1: {why}"))?;
    let mut rest = VecDeque::new();
    for (number, line) in lines {
        match parse_line(line) {
            Ok(line) => rest.push_back(line),
            // The recording was interrupted while this line was written.
            Err(_) if !line.ends_with('\n') => break,
            Err(why) => return Err(format!("line {number}: {why}")),
        }
    }
    Ok((start, rest))
}

fn parse_heading(line: &str) -> Result<Start, String> {
    let heading: Heading = serde_json::from_str(line)
        .map_err(|error| format!("not the first line of a recording: {error}"))?;
    if heading.ssecat_recording != VERSION {
        return Err(format!("unsupported version {}", heading.ssecat_recording));
    }
    let started = humantime::parse_rfc3339(&heading.started).map_err(|error| error.to_string())?;
    let url = Url::parse(&heading.url).map_err(|error| error.to_string())?;
    Ok(Start { started, url })
}

fn parse_line(line: &str) -> Result<Line, String> {
    let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match (0.0..=MAX_SECONDS).contains(&line.at) {
        true => Ok(line),
        false => Err(format!("invalid time {}", line.at)),
    }
}

/// Latest time in a recording, about thirty years.
const MAX_SECONDS: f64 = 1e9;

impl Entry {
    /// Returns `true` for the outcome of a request.
    fn is_answer(&self) -> bool {
        matches!(self, Self::Response(_) | Self::NoResponse(_))
    }
}

fn version(name: &str) -> Version {
    [Version::HTTP_10, Version::HTTP_2, Version::HTTP_3]
        .into_iter()
        .find(|version| format!("{version:?}") == name)
        .unwrap_or(Version::HTTP_11)
}
