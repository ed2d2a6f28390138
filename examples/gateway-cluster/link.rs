//! One connection to Redis, which is established again when it is needed.
//!
//! A command is never repeated here. The caller knows whether it may be.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, ScriptInvocation,
    ServerErrorKind, TlsCertificates, aio::MultiplexedConnection,
};

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
    ) -> Result<Self> {
        let client = match roots {
            None => Client::open(url),
            Some(roots) => {
                let root_cert = Some(roots.to_owned());
                Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert })
            }
        };
        let client = client.map_err(|error| failure(&error))?;
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
                *self.connected() = None;
            }
        })
    }

    fn connected(&self) -> MutexGuard<'_, Option<MultiplexedConnection>> {
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
    match (error.kind(), error.code()) {
        (_, Some("OOM")) => EngineError::Full(text),
        // An error within a script has the code of the script's.
        _ if text.contains("OOM ") => EngineError::Full(text),
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
        _ => EngineError::Failed(text),
    }
}
