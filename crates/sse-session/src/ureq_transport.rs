//! ureq as the transport of blocking sessions: timeouts of a session as those of ureq, errors of
//! ureq as kinds.

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind, Read},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response};
use ureq::{Agent, AsSendBody, BodyReader, Timeout};

use crate::{
    blocking::BlockingTransport,
    context::SendContext,
    threads::BoxError,
    transport_error::{TransportError, TransportErrorKind, is_untrusted},
};

/// ureq as the transport of [blocking sessions](crate::BlockingSession) (feature `ureq`).
///
/// ```no_run
/// use std::time::Duration;
/// use sse_session::{BlockingClient, IdleTimeout, ReconnectPolicy, SseConfig, UreqTransport};
///
/// # fn main() -> Result<(), sse_session::SseError> {
/// let config = SseConfig::new()
///     .reconnect(ReconnectPolicy::exponential())
///     .head_timeout(Duration::from_secs(30))
///     .idle_timeout(IdleTimeout::auto());
/// let client = BlockingClient::new(UreqTransport::new(ureq::agent()), config);
/// for event in client.sse_session("http://example.org/feed")? {
///     println!("{}", event?.data());
/// }
/// # Ok(())
/// # }
/// ```
///
/// The agent keeps its settings, with these exceptions: the session judges every status and follows
/// the redirects, so ureq does neither; ureq adds no `Accept-Encoding`; and requests may have any
/// method. For `https`, enable one of ureq's TLS features. Leave its features `gzip` and `brotli`
/// off: content codings are [the session's](crate#content-codings), and a decoder of ureq's may
/// withhold events that have been received.
///
/// # Timeouts
///
/// | limit | effect |
/// |---|---|
/// | [`head_timeout`] | limits the resolution of the name, the connection, the request and the head of the response, each of them by itself |
/// | [`first_byte_timeout`], [`idle_timeout`] | set ureq's `timeout_per_read`, unless the agent has one |
/// | 5 s for the body of a rejected response | noticed when a read times out: with neither limit of silence, after the head timeout or, without one, 5 minutes |
/// | total timeouts of the agent (global, per call, body) | lifted, unless [`lift_total_timeout`] is `false`. Without a [`head_timeout`], the shorter of the first two limits each part of the head instead, but does not lengthen a read |
///
/// ureq has one timeout for all reads of a request, those of its head included. It is therefore at
/// least the head timeout or, without one, 30 s. A silence may therefore last that long before the
/// session notices it. Without a head timeout, a head that takes longer than this timeout is a
/// timeout of ureq's own. If the session has no limit, a read ends after 5 minutes, and so does the
/// wait for a head: set [`head_timeout`] for servers that take longer to respond.
///
/// If an agent has a `timeout_per_read`, the session checks its deadlines and its handles after
/// each such time without a byte. The head of a response must then arrive within that time, too.
///
/// # Failures of TLS
///
/// With ureq's rustls, a certificate that is not trusted is an [error](crate::SseError::is_tls)
/// that is not retryable. native-tls reports it like a server that closes during the handshake, so
/// every failure of the handshake is retryable there.
///
/// # Ends of bodies
///
/// ureq takes a reset of the connection for its end. So no error [is a
/// reset](crate::SseError::is_reset) once the head was received: a chunked body, or one with a
/// length, [is truncated](crate::SseError::is_truncated), and a body without either looks whole.
/// ureq also reports an invalid chunk before it returns what precedes the chunk in the same read.
/// The session then resumes before those events.
///
/// # Closing from another thread
///
/// [`SessionHandle::close`] takes effect at the next byte, or when the read timeout expires. To end
/// a read at once, call `Agent::shutdown` on a clone of the agent after it. That ends all
/// connections of the agent and makes it useless, so give the session an agent of its own.
///
/// [`head_timeout`]: crate::SseConfig::head_timeout
/// [`first_byte_timeout`]: crate::SseConfig::first_byte_timeout
/// [`idle_timeout`]: crate::SseConfig::idle_timeout
/// [`lift_total_timeout`]: crate::SseConfig::lift_total_timeout
/// [`SessionHandle::close`]: crate::SessionHandle::close
#[derive(Clone)]
pub struct UreqTransport {
    agent: Agent,
}

impl UreqTransport {
    /// Creates a transport that sends requests with `agent`.
    #[must_use]
    pub fn new(agent: Agent) -> Self {
        Self { agent }
    }

    fn run(
        &self,
        request: Request<impl AsSendBody>,
        context: &SendContext,
    ) -> Result<Response<UreqBody>, ureq::Error> {
        let config = self.agent.config();
        let own = config.timeouts();
        // A total timeout that is lifted still limits the head, unless the session has a limit.
        let lifted = shorter(own.global, own.per_call).filter(|_| context.lift_total_timeout());
        let head = context.head_timeout().or(lifted);
        let mut request = self
            .agent
            .configure_request(request)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .accept_encoding("") // the session's own header is all that is sent
            .timeout_resolve(shorter(own.resolve, head))
            .timeout_connect(shorter(own.connect, head))
            .timeout_send_request(shorter(own.send_request, head))
            .timeout_send_body(shorter(own.send_body, head))
            .timeout_recv_response(shorter(own.recv_response, head))
            .timeout_per_read(config.timeout_per_read().or(Some(read_timeout(context))));
        if context.lift_total_timeout() {
            request = request.timeout_global(None).timeout_per_call(None).timeout_recv_body(None);
        }
        if context.fresh_connection_wanted() {
            request = request.max_idle_age(Duration::ZERO);
        }
        let response = self.agent.run(request.build())?;
        Ok(response.map(|body| UreqBody { reader: body.into_reader() }))
    }
}

impl BlockingTransport for UreqTransport {
    type Body = UreqBody;
    type Error = TransportError;

    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<UreqBody>, TransportError> {
        // ureq frames an empty body too, which requests such as GET must not have.
        let has_body = !request.body().is_empty()
            || matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH);
        let (head, body) = request.into_parts();
        let sent = if has_body {
            self.run(Request::from_parts(head, &*body), &context)
        } else {
            self.run(Request::from_parts(head, ()), &context)
        };
        sent.map_err(|error| {
            let kind = match kind(&error) {
                // A redirect led to where no request can go.
                TransportErrorKind::InvalidRequest if context.is_redirected => {
                    TransportErrorKind::Redirect
                }
                kind => kind,
            };
            // These show the whole URI, user, password and query included.
            let source: BoxError = match error {
                ureq::Error::RequireHttpsOnly(_) => "agent is configured for https only".into(),
                ureq::Error::BadUri(_) => "bad URI".into(),
                error => error.into(),
            };
            TransportError::new(kind, source)
        })
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        let io = error.downcast_ref::<io::Error>();
        match io.and_then(ureq_error) {
            // It is called for bodies only, where this is their framing.
            Some(ureq::Error::Protocol(_)) => TransportErrorKind::Malformed,
            Some(error) => kind(error),
            None => io.map_or_else(|| TransportErrorKind::of_sources(error), io_kind),
        }
    }
}

impl fmt::Debug for UreqTransport {
    /// Omits the agent, whose proxy may show a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqTransport").finish_non_exhaustive()
    }
}

/// Body of a response of a [`UreqTransport`] (feature `ureq`).
pub struct UreqBody {
    reader: BodyReader<'static>,
}

impl Read for UreqBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).map_err(|error| match ureq_error(&error) {
            // The next read continues where this one ended.
            Some(ureq::Error::Timeout(Timeout::PerRead)) => ErrorKind::WouldBlock.into(),
            _ => error,
        })
    }
}

impl fmt::Debug for UreqBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UreqBody").finish_non_exhaustive()
    }
}

/// Wait for a head if the session limits silence, but not the head.
const LEAST_HEAD_WAIT: Duration = Duration::from_secs(30);

/// Time of a read if the session limits neither silence nor the head. It ends the wait for the body
/// of a rejection that never ends, and a session that its handle has closed.
const UNLIMITED_READ: Duration = Duration::from_secs(5 * 60);

fn read_timeout(context: &SendContext) -> Duration {
    match (context.read_timeout(), context.head_timeout()) {
        (Some(silence), head) => silence.max(head.unwrap_or(LEAST_HEAD_WAIT)),
        (None, head) => head.unwrap_or(UNLIMITED_READ),
    }
}

fn shorter(own: Option<Duration>, limit: Option<Duration>) -> Option<Duration> {
    own.into_iter().chain(limit).min()
}

/// Returns the error of ureq's that an error of a body contains.
fn ureq_error(error: &io::Error) -> Option<&ureq::Error> {
    error.get_ref()?.downcast_ref()
}

fn kind(error: &ureq::Error) -> TransportErrorKind {
    use ureq::Error as E;
    match error {
        E::Timeout(Timeout::Resolve | Timeout::Connect) => TransportErrorKind::ConnectTimeout,
        E::Timeout(_) => TransportErrorKind::Timeout,
        E::ConnectProxyFailed(reason) if is_proxy_unauthorized(reason) => {
            TransportErrorKind::ProxyUnauthorized
        }
        E::HostNotFound | E::ConnectionFailed | E::ConnectProxyFailed(_) => {
            TransportErrorKind::Connect
        }
        E::Tls(_) => TransportErrorKind::Tls,
        E::LargeResponseHeader(..) => TransportErrorKind::HeadLimit,
        E::Http(_) | E::BadUri(_) | E::RequireHttpsOnly(_) | E::TlsRequired => {
            TransportErrorKind::InvalidRequest
        }
        E::RedirectFailed | E::TooManyRedirects => TransportErrorKind::Redirect,
        E::Io(error) => io_kind(error),
        E::Other(source) => TransportErrorKind::of_sources(&**source),
        other => kind_by_name(&format!("{other:?}")),
    }
}

fn io_kind(error: &io::Error) -> TransportErrorKind {
    match error.kind() {
        // ureq has no invalid data of its own: rustls reports its errors so.
        ErrorKind::InvalidData if is_untrusted(error) => TransportErrorKind::Tls,
        ErrorKind::InvalidData => TransportErrorKind::Connect,
        ErrorKind::AddrNotAvailable | ErrorKind::NetworkDown | ErrorKind::NotConnected => {
            TransportErrorKind::Connect
        }
        _ => TransportErrorKind::of_sources(error),
    }
}

/// Returns `true` if the proxy responded 407 to CONNECT, which ureq reports in words only:
/// `proxy server responded 407/407`.
fn is_proxy_unauthorized(reason: &str) -> bool {
    reason.contains(" 407/")
}

/// Returns the kind of a variant whose type is not in reach, by its `Debug` form. Some variants
/// exist only with a feature of ureq's, which may be enabled without this crate's knowledge.
fn kind_by_name(name: &str) -> TransportErrorKind {
    // The type within is ureq-proto's.
    if name == "Protocol(HttpParseTooManyHeaders)" {
        return TransportErrorKind::HeadLimit;
    }
    match name.split('(').next() {
        Some("Rustls") if name.contains("AlertReceived") => TransportErrorKind::Connect,
        // A server that closes during the handshake is reported like one that is not trusted.
        Some("NativeTls") => TransportErrorKind::Connect,
        Some("Rustls" | "Pem" | "Der") => TransportErrorKind::Tls,
        Some("Decompress") => TransportErrorKind::Decode,
        _ => TransportErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use ureq::{Error, Timeout};

    use super::{UreqTransport, kind, kind_by_name, read_timeout};
    use crate::{
        blocking::BlockingTransport as _, context::SendContext,
        transport_error::TransportErrorKind as Kind,
    };

    #[test]
    fn each_error_of_ureq_has_a_kind() {
        let io = |kind: io::ErrorKind| Error::Io(kind.into());
        let too_long = Error::LargeResponseHeader(70_000, 65_536);
        let alert =
            io::Error::new(io::ErrorKind::InvalidData, "received fatal alert: InternalError");
        let proxy = |reason: &str| Error::ConnectProxyFailed(reason.into());
        let cases: [(Error, Kind); 17] = [
            (too_long, Kind::HeadLimit),
            (Error::Io(alert), Kind::Connect),
            (Error::Timeout(Timeout::Connect), Kind::ConnectTimeout),
            (Error::Timeout(Timeout::RecvResponse), Kind::Timeout),
            (Error::HostNotFound, Kind::Connect),
            (Error::Tls("no certificate"), Kind::Tls),
            (Error::RequireHttpsOnly("http://localhost/".into()), Kind::InvalidRequest),
            (io(io::ErrorKind::ConnectionRefused), Kind::Connect),
            (io(io::ErrorKind::NotConnected), Kind::Connect),
            (io(io::ErrorKind::UnexpectedEof), Kind::Truncated),
            (io(io::ErrorKind::ConnectionReset), Kind::Reset),
            (io(io::ErrorKind::InvalidData), Kind::Tls),
            (Error::Other(Box::new(io::Error::from(io::ErrorKind::TimedOut))), Kind::Timeout),
            (Error::InvalidProxyUrl, Kind::Other),
            (proxy("proxy server responded 407/407"), Kind::ProxyUnauthorized),
            (proxy("proxy server responded 502/502"), Kind::Connect),
            (proxy("timeout at 127.0.0.1:407"), Kind::Connect),
        ];
        let transport = UreqTransport::new(ureq::agent());
        for (error, expected) in cases {
            assert_eq!(kind(&error), expected, "{error:?}");
            // Bodies report it within an error of `std::io`, or as it is.
            assert_eq!(transport.error_kind(&error.into_io()), expected);
        }
    }

    /// These exist with features of ureq's only.
    #[test]
    fn native_tls_is_connect_as_it_does_not_distinguish_a_rejected_peer_from_one_that_closed() {
        for (name, expected) in [
            ("NativeTls(Error(Ssl(Error { code: ErrorCode(5), cause: None })))", Kind::Connect),
            ("Rustls(InvalidCertificate(UnknownIssuer))", Kind::Tls),
            ("Rustls(AlertReceived(InternalError))", Kind::Connect),
            ("Pem(MissingSectionEnd)", Kind::Tls),
            ("Der(Error)", Kind::Tls),
            ("Decompress(\"gzip\")", Kind::Decode),
        ] {
            assert_eq!(kind_by_name(name), expected, "{name}");
        }
    }

    #[test]
    fn read_timeout_is_the_silence_that_is_limited_but_leaves_time_for_the_head() {
        let secs = |secs: Option<u64>| secs.map(Duration::from_secs);
        for (read, head, expected) in [
            (None, None, 300),
            (None, Some(5), 5),
            (Some(45), None, 45),
            (Some(10), None, 30),
            (Some(10), Some(5), 10),
            (Some(10), Some(60), 60),
        ] {
            let context = SendContext {
                read_timeout: secs(read),
                head_timeout: secs(head),
                ..SendContext::default()
            };
            assert_eq!(read_timeout(&context), Duration::from_secs(expected));
        }
    }
}
