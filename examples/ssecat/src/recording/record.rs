//! Records the responses of a server while they are received.
//!
//! Sits between the session and reqwest, and writes each line at once, so that an interrupted
//! recording is valid up to its end.

use std::{
    fs::File,
    io::{self, Write},
    mem,
    path::Path,
    sync::Arc,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{StreamExt, future, stream};
use reqwest::{Body, Client, Request, Response, ResponseBuilderExt, Url, header::SET_COOKIE};
use sse_reqwest::BoxError;

use super::{Entry, Head, Heading, Line, RecordedError, VERSION};
use crate::failure::Failure;

pub(crate) struct Recorder {
    begun: Instant,
    sink: Mutex<Sink>,
}

enum Sink {
    Open(File),
    Failed(io::Error),
    /// The failure has been reported.
    Closed,
}

impl Recorder {
    /// Creates the file. Replaces one that exists only if `replace` is set: a recording cannot be made
    /// again.
    pub(crate) fn create(path: &Path, replace: bool, url: &Url) -> Result<Self, Failure> {
        let file = if replace { File::create(path) } else { File::create_new(path) };
        let mut file = file.map_err(|error| Failure::recording(path, error))?;
        let heading = Heading {
            ssecat_recording: VERSION,
            started: humantime::format_rfc3339_micros(SystemTime::now()).to_string(),
            url: without_secrets(url),
        };
        write_line(&mut file, &heading).map_err(Failure::Recording)?;
        Ok(Self { begun: Instant::now(), sink: Mutex::new(Sink::Open(file)) })
    }

    /// Reports a failure to write, once.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let mut sink = self.sink();
        match mem::replace(&mut *sink, Sink::Closed) {
            Sink::Failed(error) => Err(Failure::Recording(error)),
            other => {
                *sink = other;
                Ok(())
            }
        }
    }

    /// Sends a request, and records its response or failure.
    pub(crate) async fn send(
        self: Arc<Self>,
        client: Client,
        request: Request,
    ) -> Result<Response, BoxError> {
        let response = match client.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                self.write(Entry::NoResponse(RecordedError::of(&error)));
                return Err(error.into());
            }
        };
        self.write(Entry::Response(head(&response)));
        let mut copy = http::Response::builder()
            .status(response.status())
            .version(response.version())
            .url(response.url().clone());
        if let Some(headers) = copy.headers_mut() {
            headers.clone_from(response.headers());
        }
        let chunks = response.bytes_stream().map(Some).chain(stream::iter([None]));
        let recorded = chunks.filter_map(move |chunk| {
            self.write(match &chunk {
                Some(Ok(bytes)) => Entry::chunk(bytes),
                Some(Err(error)) => Entry::Disconnected(RecordedError::of(error)),
                None => Entry::End {},
            });
            future::ready(chunk)
        });
        Ok(copy.body(Body::wrap_stream(recorded))?.into())
    }

    fn write(&self, entry: Entry) {
        let mut sink = self.sink();
        if let Sink::Open(file) = &mut *sink {
            let line = Line { at: seconds(self.begun), entry };
            if let Err(error) = write_line(file, &line) {
                *sink = Sink::Failed(error);
            }
        }
    }

    fn sink(&self) -> MutexGuard<'_, Sink> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn chunk(bytes: &Bytes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Base64(BASE64_STANDARD.encode(bytes)),
        }
    }
}

fn head(response: &Response) -> Head {
    let headers = response.headers().iter().filter(|(name, _)| *name != SET_COOKIE);
    let headers = headers.map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Head {
        status: response.status().as_u16(),
        version: format!("{:?}", response.version()),
        url: without_secrets(response.url()),
        headers: headers.collect(),
    }
}

fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only for a URL that cannot have them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// Returns the time since the start, to the microsecond.
fn seconds(since: Instant) -> f64 {
    since.elapsed().as_micros() as f64 / 1e6
}

fn write_line(file: &mut File, line: &impl serde::Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)
}
