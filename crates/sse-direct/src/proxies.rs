//! Proxies that the environment names and a transport does not use.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use tracing::warn;

/// Proxies that are not used, of which the first one that applies to a request is reported.
pub(crate) struct IgnoredProxies {
    matcher: Matcher,
    is_reported: AtomicBool,
}

impl IgnoredProxies {
    pub(crate) fn new(matcher: Matcher) -> Self {
        Self { matcher, is_reported: AtomicBool::new(false) }
    }

    /// Warns if a proxy applies to this URI, once. The proxy itself is not shown: its URI may have
    /// a password.
    pub(crate) fn report(&self, uri: &Uri) {
        if self.matcher.intercept(uri).is_none() || self.is_reported.swap(true, Ordering::Relaxed) {
            return;
        }
        let variable = match uri.scheme_str() {
            Some("https") => "HTTPS_PROXY or ALL_PROXY",
            _ => "HTTP_PROXY or ALL_PROXY",
        };
        warn!(variable, "proxy of the environment is not used: connecting directly");
    }
}

impl fmt::Debug for IgnoredProxies {
    /// Omits the proxies, which may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IgnoredProxies").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::{self, Write as _},
        sync::{Arc, Mutex},
    };

    use hyper_util::client::proxy::matcher::Matcher;
    use sse_session::{SseClient, SseConfig};
    use sse_test::{Reply, ScriptedServer};
    use tracing::{
        Event, Metadata, Subscriber,
        field::{Field, Visit},
        span::{Attributes, Id, Record},
    };

    use super::IgnoredProxies;
    use crate::transport::DirectTransport;

    /// Subscriber that keeps the fields of this crate's events, a line for each.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl Subscriber for Lines {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            if event.metadata().target().starts_with("sse_direct") {
                let mut line = Line(event.metadata().level().to_string());
                event.record(&mut line);
                self.0.lock().unwrap().push(line.0);
            }
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    const SECRET: &str = "http://user:hunter2@proxy.internal:3128";

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            write!(self.0, " {field}={value:?}").unwrap();
        }
    }

    fn lines(act: impl FnOnce()) -> Vec<String> {
        let lines = Lines::default();
        tracing::subscriber::with_default(lines.clone(), act);
        lines.0.lock().unwrap().clone()
    }

    #[test]
    fn proxy_variable_that_applies_is_reported_once_and_without_its_value() {
        let http = "HTTP_PROXY or ALL_PROXY";
        let https = "HTTPS_PROXY or ALL_PROXY";
        let matchers: [(fn() -> Matcher, _, _); 4] = [
            (|| Matcher::builder().http(SECRET).build(), Some(http), None),
            (|| Matcher::builder().https(SECRET).build(), None, Some(https)),
            (|| Matcher::builder().all(SECRET).no("*").build(), None, None),
            (
                || Matcher::builder().all("socks5h://user:hunter2@a").build(),
                Some(http),
                Some(https),
            ),
        ];
        for (matcher, of_http, of_https) in matchers {
            for (uri, expected) in [("http://a/b", of_http), ("https://a/b", of_https)] {
                let proxies = IgnoredProxies::new(matcher());
                let uri = uri.parse().unwrap();
                let lines = lines(|| (0..3).for_each(|_| proxies.report(&uri)));
                assert_eq!(lines.len(), usize::from(expected.is_some()), "{lines:?}");
                if let Some(variable) = expected {
                    assert!(lines[0].starts_with("WARN ") && lines[0].contains(variable));
                    assert!(!lines[0].contains("hunter2") && !lines[0].contains("internal"));
                }
            }
        }
    }

    #[test]
    fn proxy_variable_is_reported_once_for_all_sessions_of_a_transport() {
        let lines = lines(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let replies = [Reply::status(204), Reply::status(204)];
                let server = ScriptedServer::start(replies).await;
                let matcher = Matcher::builder().all("http://user:hunter2@127.0.0.1:1").build();
                let transport = DirectTransport::tcp().reports(IgnoredProxies::new(matcher));
                let client = SseClient::new(transport, SseConfig::new());
                for _ in 0..2 {
                    client.sse_session(server.url("/")).await.unwrap();
                }
                assert_eq!(server.requests().len(), 2);
            });
        });
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
}
