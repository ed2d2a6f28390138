//! Plays recordings back: exchanges → replies.

use std::time::Duration;

use super::{Exchange, RecordedEnd, RecordedResponse, Recording};
use crate::reply::Reply;

/// Headers that describe a connection or the framing of a body, which are not those of the replay.
const OF_THE_CONNECTION: &[&str] = &[
    "alt-svc",
    "connection",
    "content-length",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Playback.
impl Recording {
    /// Returns the replies of a server that sends what was recorded, without its waits (feature
    /// `recording`).
    ///
    /// Give them to [`ScriptedServer::start`](crate::ScriptedServer::start). Each is as
    /// [`Exchange::reply`] returns it.
    #[must_use]
    pub fn replies(&self) -> Vec<Reply> {
        self.exchanges.iter().map(Exchange::reply).collect()
    }

    /// Returns the replies of a server that sends what was recorded, with its waits (feature
    /// `recording`).
    ///
    /// Each part of a reply is sent when as much time has passed since the request as was recorded:
    /// on the [clock](crate::ScriptedServerBuilder::clock) of the server, or in real time if it has
    /// none. The time between two requests is up to the client. A recording of version 1 has only
    /// the first of these times: later replies begin at once.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sse_test::{Recording, ScriptedServer, TestClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let recording = Recording::parse(concat!(
    /// #     r#"{"sse_recording":2,"started":"2026-11-25T09:00:00Z"}"#, "\n",
    /// #     r#"{"at":0,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#, "\n",
    /// #     r#"{"at":2,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/","headers":[]}}"#, "\n",
    /// #     r#"{"at":60,"text":"data: 1\n\n"}"#, "\n",
    /// #     r#"{"at":60,"end":{}}"#, "\n",
    /// # ))?;
    /// # let client = reqwest::Client::builder().no_proxy().build()?;
    /// // The waits take no time, and the clock shows that a minute has passed.
    /// let clock = TestClock::skipping();
    /// let server = ScriptedServer::builder().clock(&clock).start(recording.timed_replies()).await;
    /// client.get(server.url("/")).send().await?.text().await?;
    /// assert_eq!(clock.now(), Duration::from_secs(60));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A [skipping](crate::TestClock::skipping) clock goes from one part of the reply to the next:
    /// a session that shares it receives that part, and its timeouts do not expire in between. To
    /// test a timeout, move a [manual](crate::TestClock::manual) clock to a time within a recorded
    /// silence.
    #[must_use]
    pub fn timed_replies(&self) -> Vec<Reply> {
        let exchanges = self.exchanges.iter().enumerate();
        exchanges.map(|(index, it)| it.play(Some(it.begun_at(index == 0)))).collect()
    }
}

/// Playback.
impl Exchange {
    /// Returns the reply of a server that sends what was recorded, without its waits (feature
    /// `recording`).
    ///
    /// - Each chunk is sent by itself. If the HTTP client receives two at once, or one in parts,
    ///   its chunks differ from those of the recording.
    /// - The headers are those that were recorded, except for those of the connection and of the
    ///   framing, such as `Connection` and `Transfer-Encoding`. The body has a length, is chunked,
    ///   or ends with the connection, as when it was recorded. `Location` leads to its path on the
    ///   same server, and not to the recorded one.
    /// - An exchange that is [complete](RecordedEnd::Complete) ends regularly. Any other ends with
    ///   a [closed connection](Reply::cut), after all that was recorded: a [reset](Reply::reset)
    ///   could overtake it. To end in another way, call that method of the reply.
    /// - A request that failed without a response gets none: the connection is closed.
    /// - Over HTTP/2, a closed connection ends all of its streams. If the requests of the recording
    ///   overlap, give such replies another end, such as `Reply::reset_stream`.
    ///
    /// The reply does not depend on the request. [`ScriptedServer::answering`] can choose one by
    /// its request, and [`ScriptedServer::requests`] shows what was requested.
    ///
    /// [`ScriptedServer::answering`]: crate::ScriptedServer::answering
    /// [`ScriptedServer::requests`]: crate::ScriptedServer::requests
    #[must_use]
    pub fn reply(&self) -> Reply {
        self.play(None)
    }

    /// Makes the reply, with waits if the time of the request is given.
    fn play(&self, begun: Option<Duration>) -> Reply {
        let pause = |reply: Reply, at: Duration| match begun {
            Some(begun) => reply.pause_until(at.saturating_sub(begun)),
            None => reply,
        };
        let mut reply = match &self.response {
            Some(response) => self.head(response, begun),
            None => Reply::raw(""),
        };
        for chunk in &self.chunks {
            reply = pause(reply, chunk.at).send(&chunk.bytes);
        }
        if let Some(ended) = self.ended_at() {
            reply = pause(reply, ended);
        }
        if self.end() == RecordedEnd::Complete { reply } else { reply.cut() }
    }

    fn head(&self, response: &RecordedResponse, begun: Option<Duration>) -> Reply {
        let connection = response.header("connection").unwrap_or_default().to_ascii_lowercase();
        let named: Vec<_> = connection.split(',').map(str::trim).collect();
        let mut reply = Reply::status(response.status);
        for (name, value) in &response.headers {
            if !OF_THE_CONNECTION.contains(&name.as_str()) && !named.contains(&name.as_str()) {
                let value = if name == "location" { path(value) } else { value };
                reply = reply.header(name, value);
            }
        }
        if let Some(begun) = begun {
            reply = reply.pause_before_head_until(response.at.saturating_sub(begun));
        }
        self.framed(response, reply)
    }

    /// Makes a reply with the framing of the response.
    fn framed(&self, response: &RecordedResponse, reply: Reply) -> Reply {
        let is_complete = self.end() == RecordedEnd::Complete;
        let has_body = !matches!(response.status, 100..=199 | 204 | 304);
        let promised = response.header("content-length").and_then(|it| it.parse::<usize>().ok());
        let sent = self.chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        match promised.filter(|_| has_body) {
            Some(_) if is_complete => return reply.with_length(),
            Some(promised) if promised > sent => {
                return reply.with_length_too_long_by(promised - sent);
            }
            _ => {}
        }
        let is_http1 = response.version.starts_with("HTTP/1");
        let is_chunked = response.header("transfer-encoding").is_some();
        // Such a body always looks complete.
        let ends_with_connection = is_http1 && !is_chunked && promised.is_none() && is_complete;
        if ends_with_connection { reply.until_close() } else { reply }
    }
}

/// Returns what follows the origin in a URL: the server of the playback is in the place of every
/// origin.
fn path(url: &str) -> &str {
    let is_scheme = |it: &&str| it.is_empty() || (it.ends_with(':') && !it.contains(['/', '?']));
    let scheme = url.find("//").map(|at| &url[..at]).filter(is_scheme);
    let Some(scheme) = scheme else { return url };
    let rest = &url[scheme.len() + 2..];
    rest.find(['/', '?']).map_or("/", |at| &rest[at..])
}
