//! Client side of MCP's streamable HTTP: sends requests, and returns their answers.
//!
//! All messages go to one URL. The client sends its messages with POST; a request is answered with
//! JSON or with an event stream, which [`crate::answer`] reads. Messages that the server sends on
//! its own initiative arrive on a stream that the client opens with GET. DELETE ends the session.
//! (Model Context Protocol, revision 2025-11-25, "Transports".)

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sse_reqwest::{ClientBuilderExt, ClientSseSession, ReconnectPolicy, SseClient, SseConfig};

use crate::{args::Options, error::Error, message};

/// Revisions of the protocol that this client supports. It asks for the first.
const REVISIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// Client of one server.
pub(crate) struct Client {
    pub(crate) sse: SseClient,
    pub(crate) options: Options,
    url: String,
    /// Headers of every request after the first one.
    headers: HeaderMap,
    last_number: AtomicU64,
}

/// Answer to the first request: the server's description of itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Server {
    pub(crate) protocol_version: String,
    pub(crate) server_info: Implementation,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Implementation {
    pub(crate) name: String,
    pub(crate) version: String,
}

impl Client {
    /// Starts a session with the server at the URL.
    pub(crate) async fn connect(url: String, options: Options) -> Result<(Self, Server), Error> {
        let config = SseConfig::new()
            .reconnect(ReconnectPolicy::exponential().max_attempts(5))
            .head_timeout(Duration::from_secs(60)) // a tool may compute before it responds
            .idle_timeout(options.idle_timeout);
        let http = reqwest::Client::builder().for_event_streams().build()?;
        let sse = SseClient::new(http, config);
        let (headers, last_number) = (HeaderMap::new(), AtomicU64::new(0));
        let mut client = Self { sse, options, url, headers, last_number };

        let params = json!({
            "protocolVersion": REVISIONS[0],
            "capabilities": { "sampling": {} },
            "clientInfo": { "name": "sse-examples", "version": env!("CARGO_PKG_VERSION") },
        });
        let (response, number) = client.post_request("initialize", &params).await?;
        let session_id = response.headers().get(SESSION_ID).cloned();
        client.headers.extend(session_id.map(|id| (SESSION_ID, id)));
        let server: Server = serde_json::from_value(client.answer(response, number).await?)?;
        if !REVISIONS.contains(&server.protocol_version.as_str()) {
            return Err(Error::Version(server.protocol_version));
        }
        let revision = HeaderValue::from_str(&server.protocol_version);
        client.headers.extend(revision.ok().map(|revision| (REVISION, revision)));
        client.send(&message::notification("notifications/initialized")).await?;
        Ok((client, server))
    }

    pub(crate) fn has_session_id(&self) -> bool {
        self.headers.contains_key(SESSION_ID)
    }

    /// Sends a request and returns its answer, which a disconnect does not lose.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<T, Error> {
        let (response, number) = self.post_request(method, &params).await?;
        Ok(serde_json::from_value(self.answer(response, number).await?)?)
    }

    /// Sends a notification or an answer. The server responds with 202 and no message.
    pub(crate) async fn send(&self, message: &Value) -> Result<(), Error> {
        accepted(self.post().json(message).send().await?).await?;
        Ok(())
    }

    /// Opens the stream of messages that the server sends on its own initiative. Returns `None` if
    /// the server has no such stream.
    pub(crate) async fn listen(&self) -> Result<Option<ClientSseSession>, Error> {
        match self.sse.sse_session(self.get()).await {
            Ok(session) => Ok(Some(session)),
            Err(error) if error.status() == Some(StatusCode::METHOD_NOT_ALLOWED) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends the session. A server that does not allow clients to do so responds 405.
    pub(crate) async fn end(self) -> Result<StatusCode, Error> {
        let request = self.sse.http_client().delete(&self.url).headers(self.headers);
        Ok(request.send().await?.status())
    }

    async fn post_request(&self, method: &str, params: &Value) -> Result<(Response, u64), Error> {
        let number = self.last_number.fetch_add(1, Ordering::Relaxed) + 1;
        let request = self.post().json(&message::request(number, method, params));
        Ok((accepted(request.send().await?).await?, number))
    }

    pub(crate) fn post(&self) -> RequestBuilder {
        let request = self.sse.http_client().post(&self.url).headers(self.headers.clone());
        request.header(ACCEPT, "application/json, text/event-stream")
    }

    /// Makes a request for an event stream. A session adds its own headers, `Last-Event-ID` among
    /// them.
    pub(crate) fn get(&self) -> RequestBuilder {
        self.sse.http_client().get(&self.url).headers(self.headers.clone())
    }
}

/// Returns the response, or an error if the server rejected the request.
async fn accepted(response: Response) -> Result<Response, Error> {
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::NOT_FOUND => Err(Error::SessionEnded),
        status => Err(Error::Status(status, response.text().await?)),
    }
}
