//! Code that several examples share, and the documents whose code blocks are compiled and run as
//! doctests.

pub mod printable;
pub mod report;

pub use printable::printable;
pub use report::report;
pub use sse_demo_server as demo_server;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/KTOR.md")]
struct FromKtor;

#[cfg(doctest)]
#[doc = include_str!("../../docs/RELIABILITY.md")]
struct Reliability;

#[cfg(doctest)]
#[doc = include_str!("../../docs/MIGRATING.md")]
struct Migrating;

/// Chapters of the guide.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guide/getting-started.md")]
    struct GettingStarted;

    #[doc = include_str!("../../docs/guide/sessions.md")]
    struct Sessions;

    #[doc = include_str!("../../docs/guide/reconnection.md")]
    struct Reconnection;

    #[doc = include_str!("../../docs/guide/timeouts.md")]
    struct Timeouts;

    #[doc = include_str!("../../docs/guide/errors.md")]
    struct Errors;

    #[doc = include_str!("../../docs/guide/typed-events.md")]
    struct TypedEvents;

    #[doc = include_str!("../../docs/guide/answers.md")]
    struct Answers;

    #[doc = include_str!("../../docs/guide/language-models.md")]
    struct LanguageModels;

    #[doc = include_str!("../../docs/guide/testing.md")]
    struct Testing;

    #[doc = include_str!("../../docs/guide/any-http-client.md")]
    struct AnyHttpClient;

    #[doc = include_str!("../../docs/guide/transports.md")]
    struct Transports;

    #[doc = include_str!("../../docs/guide/blocking.md")]
    struct Blocking;

    #[doc = include_str!("../../docs/guide/parser-only.md")]
    struct ParserOnly;

    #[doc = include_str!("../../docs/guide/servers.md")]
    struct Servers;

    #[doc = include_str!("../../docs/guide/real-servers.md")]
    struct RealServers;

    #[doc = include_str!("../../docs/guide/runtimes.md")]
    struct Runtimes;

    #[doc = include_str!("../../docs/guide/security.md")]
    struct Security;
}
