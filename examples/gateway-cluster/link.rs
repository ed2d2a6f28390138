//! One connection to Redis, which is established again when it is needed.
//!
//! A command is never repeated here. The caller knows whether it may be.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, RedisError,
    ScriptInvocation, ServerErrorKind, TlsCertificates, aio::MultiplexedConnection,
};

use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use tokio::time::timeout;

use crate::engine::{EngineError, Result};

/// Connection to Redis. Concurrent commands are pipelined.
pub(crate) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    connected: Mutex<Option<MultiplexedConnection>>,
}

impl Link {
    /// Creates a link whose commands may wait in Redis for as long as `wait`.
    pub(crate) fn new(
        url: &str,
        roots: Option<&[u8]>,
        timeout: Duration,
        wait: Duration,
    ) -> std::result::Result<Self, InvalidOption> {
        // The errors do not have the URL, which may have a password.
        let mut client =
            Client::open(url).map_err(|error| InvalidOption::Url(error.to_string()))?;
        if let Some(roots) = roots {
            client = with_roots(url, &client, roots).map_err(InvalidOption::Roots)?;
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(timeout))
            .set_response_timeout(Some(wait + timeout));
        Ok(Self { client, config, connected: Mutex::new(None) })
    }

    pub(crate) async fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut connection = self.connection().await?;
        let reply = command.query_async(&mut connection).await;
        self.reply(reply)
    }

    pub(crate) async fn invoke<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Result<T> {
        let mut connection = self.connection().await?;
        let reply = call.invoke_async(&mut connection).await;
        self.reply(reply)
    }

    /// Like [`invoke`](Self::invoke), for at most this time.
    pub(crate) async fn invoke_within<T: FromRedisValue>(
        &self,
        limit: Duration,
        call: &ScriptInvocation<'_>,
    ) -> Result<T> {
        match timeout(limit, self.invoke(call)).await {
            Ok(reply) => reply,
            Err(_) => {
                self.abandon();
                Err(EngineError::Unreachable(format!("no reply within {limit:?}")))
            }
        }
    }

    /// Abandons the connection: the next command establishes another.
    pub(crate) fn abandon(&self) {
        *self.connected() = None;
    }

    async fn connection(&self) -> Result<MultiplexedConnection> {
        let known = self.connected().clone();
        if let Some(connection) = known {
            return Ok(connection);
        }
        let connecting = self.client.get_multiplexed_async_connection_with_config(&self.config);
        let connection = connecting.await.map_err(|error| failure(&error))?;
        *self.connected() = Some(connection.clone());
        Ok(connection)
    }

    /// Abandons the connection unless Redis has replied: a late reply is of no use, and the next
    /// command would wait for it.
    fn reply<T>(&self, reply: std::result::Result<T, RedisError>) -> Result<T> {
        reply.map_err(|error| failure(&error)).inspect_err(|error| {
            if matches!(error, EngineError::Unreachable(_) | EngineError::Denied(_)) {
                self.abandon();
            }
        })
    }

    fn connected(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Invalid option of the command line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidOption {
    #[error("--redis: {0}; only redis://, rediss:// and redis+unix:// work")]
    Url(String),
    #[error("--redis-ca: {0}")]
    Roots(String),
}

/// Returns a client that trusts these authorities, in PEM.
fn with_roots(url: &str, client: &Client, roots: &[u8]) -> std::result::Result<Client, String> {
    if !matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { .. }) {
        return Err("needs --redis with a URL that starts with rediss://".to_owned());
    }
    // The client would take none for valid, and then trust nobody.
    if CertificateDer::pem_slice_iter(roots).next().is_none() {
        return Err("has no certificate (PEM)".to_owned());
    }
    let root_cert = Some(roots.to_owned());
    Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert })
        .map_err(|error| error.to_string())
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL in the client may have a password.
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

/// Classifies an error.
fn failure(error: &RedisError) -> EngineError {
    let text = error.to_string();
    // Redis before 7 gives an error within a script the code ERR, with the original code in its
    // text.
    let has_code = |code: &str| text.contains(&format!("{code} "));
    match (error.kind(), error.code()) {
        (_, Some("OOM")) => EngineError::Full(text),
        _ if has_code("OOM") => EngineError::Full(text),
        (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS")) => {
            EngineError::Denied(text)
        }
        // The login was accepted.
        (ErrorKind::Server(ServerErrorKind::NoPerm), _) | (_, Some("NOPERM")) => {
            EngineError::Forbidden(text)
        }
        // Redis before 7.2 has no code for a right that a script lacks.
        _ if text.contains("user executing the script") => EngineError::Forbidden(text),
        // From rustls, in an error of I/O.
        _ if text.contains("invalid peer certificate") => EngineError::Untrusted(text),
        (ErrorKind::Io, _) => EngineError::Unreachable(text),
        // It loads its data, or is a replica at the moment.
        (ErrorKind::Server(ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown), _) => {
            EngineError::Unreachable(text)
        }
        (ErrorKind::Server(ServerErrorKind::ReadOnly), _) => EngineError::Unreachable(text),
        _ if ["READONLY", "LOADING", "MASTERDOWN"].into_iter().any(has_code) => {
            EngineError::Unreachable(text)
        }
        _ => EngineError::Failed(text),
    }
}

#[cfg(test)]
mod tests {
    use redis::{ErrorKind, RedisError, ServerErrorKind};

    use super::failure;
    use crate::engine::EngineError;

    #[test]
    fn error_of_redis_6_within_a_script_is_classified_by_its_text() {
        let classified = |text: &str| {
            let text = format!("Error running script (call to f_0): @user_script:1: {text}");
            let kind = ErrorKind::Server(ServerErrorKind::ResponseError);
            failure(&RedisError::from((kind, "An error was signalled by the server", text)))
        };
        for text in ["-READONLY You can't write", "-LOADING Redis is", "-MASTERDOWN Link with"] {
            let error = classified(text);
            assert!(matches!(error, EngineError::Unreachable(_)), "{error:?}");
        }
        let error = classified("-OOM command not allowed");
        assert!(matches!(error, EngineError::Full(_)), "{error:?}");
        let error = classified("WRONGTYPE Operation against a key");
        assert!(matches!(error, EngineError::Failed(_)), "{error:?}");
    }
}
