//! Requests in, their answers out: the client's side of MCP's streamable HTTP.
//!
//! All goes to one URL. What we have to say is POSTed; a request is answered by JSON or by a stream,
//! which is read in [`crate::answer`]; what the server has to say by itself comes on a stream that
//! is asked for with GET; DELETE ends it all.
//! (Model Context Protocol, revision 2025-11-25, "Transports".)

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{ACCEPT, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sse_reqwest::{ClientSseSession, ReconnectPolicy, SseClient, SseConfig};

use crate::{args::Habits, error::Error, message};

/// The revisions of the protocol that do here as this client expects; the first is asked for.
const REVISIONS: [&str; 2] = ["2025-11-25", "2025-06-18"];

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const REVISION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// Speaks with one server.
pub(crate) struct Client {
    pub(crate) sse: SseClient,
    pub(crate) habits: Habits,
    url: String,
    /// What every request has to carry once the server has answered the first.
    headers: HeaderMap,
    last_number: AtomicU64,
}

/// What a server says of itself.
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
    pub(crate) async fn connect(url: String, habits: Habits) -> Result<(Self, Server), Error> {
        let config = SseConfig::new()
            .reconnect(ReconnectPolicy::exponential().max_attempts(5))
            .idle_timeout(habits.idle_timeout);
        let sse = SseClient::new(reqwest::Client::new(), config);
        let (headers, last_number) = (HeaderMap::new(), AtomicU64::new(0));
        let mut client = Self { sse, habits, url, headers, last_number };

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
        client.tell(&message::notification("notifications/initialized")).await?;
        Ok((client, server))
    }

    pub(crate) fn has_session_id(&self) -> bool {
        self.headers.contains_key(SESSION_ID)
    }

    /// Sends a request and waits for its answer, which is not to be lost with a connection.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: Value,
    ) -> Result<T, Error> {
        let (response, number) = self.post_request(method, &params).await?;
        Ok(serde_json::from_value(self.answer(response, number).await?)?)
    }

    /// Sends a notification or an answer, to which nothing is answered: 202.
    pub(crate) async fn tell(&self, message: &Value) -> Result<(), Error> {
        accepted(self.post().json(message).send().await?).await?;
        Ok(())
    }

    /// Opens the stream of what the server has to say by itself; `None`, if it has none.
    pub(crate) async fn listen(&self) -> Result<Option<ClientSseSession>, Error> {
        match self.sse.sse_session(self.get()).await {
            Ok(session) => Ok(Some(session)),
            Err(error) if error.status() == Some(StatusCode::METHOD_NOT_ALLOWED) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends the session. A server may leave that to itself, and answer 405.
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

    /// Asks for a stream: a session adds what it needs to that, and where to go on.
    pub(crate) fn get(&self) -> RequestBuilder {
        self.sse.http_client().get(&self.url).headers(self.headers.clone())
    }
}

/// The response, if it is not a refusal.
async fn accepted(response: Response) -> Result<Response, Error> {
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::NOT_FOUND => Err(Error::SessionEnded),
        status => Err(Error::Refused(status, response.text().await?)),
    }
}
