//! Table of the servers that have a program in `servers/`, and what their clients see of failures.

mod jvm;

use sse_reqwest::{BodyEnd, Completeness};

pub(crate) use jvm::JVM;

use crate::{
    client::Protocol,
    ended::{Shown, Sign},
    error::Result,
    form::Form,
    report::Report,
    scenarios::{
        self,
        Scenario::{
            self, ClosedByServer, CutByUs, Events, Failure, NoMoreEvents, Restarted, Stopped,
        },
    },
    server::{Feed, Program, Server},
};

/// Runs the scenarios of these servers.
pub(crate) async fn trials(report: &mut Report, servers: &[Server]) -> Result<()> {
    for server in servers {
        if report.includes(server.is_short) {
            let outcome = scenarios::trials(report, server).await;
            report.ended(server.name, outcome);
        }
    }
    Ok(())
}

const fn failure(shown: Shown) -> Scenario {
    Failure { what: "", path: None, shown }
}

/// The connections of most servers break off when the server is asked to end.
const TRUNCATED: &[BodyEnd] = &[BodyEnd::Truncated];

const EVENTS_PATH: Feed = Feed::Query("events");

/// Node's own HTTP server, which can [fail](crate::proxies) on request.
pub(crate) const NODE_HTTP: Server = Server {
    name: "Node http",
    program: Program::Node { packages: "node", source: "http.mjs", package: None },
    protocol: Protocol::Http1,
    feed: EVENTS_PATH,
    form: Form::PLAIN,
    scenarios: &[
        Events,
        ClosedByServer("end"),
        CutByUs { twice: 0 },
        failure(Shown::TRUNCATED),
        Restarted(TRUNCATED),
    ],
    is_short: true,
};

pub(crate) const PYTHON_AND_NODE: &[Server] = &[
    Server {
        name: "FastAPI",
        program: Program::Python { application: "feeds_app:app", package: "fastapi" },
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        form: Form::PLAIN,
        scenarios: &[
            ClosedByServer("end"),
            failure(Shown::COMPLETE),
            NoMoreEvents,
            Restarted(TRUNCATED),
        ],
        is_short: true,
    },
    Server {
        name: "Hono",
        program: Program::Node { packages: "node", source: "hono.mjs", package: Some("hono") },
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        form: Form::PLAIN,
        scenarios: &[
            ClosedByServer("end"),
            Failure { what: ", without onError", path: None, shown: Shown::COMPLETE },
            Failure {
                what: ", with onError",
                path: Some("reported"),
                shown: Shown::with(Sign::Event("error")),
            },
            NoMoreEvents,
            Restarted(TRUNCATED),
        ],
        is_short: true,
    },
    Server {
        name: "NestJS",
        program: Program::Node {
            packages: "node",
            source: "nest.mjs",
            package: Some("@nestjs/core"),
        },
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        form: Form::PLAIN,
        scenarios: &[
            ClosedByServer("end"),
            failure(Shown::with(Sign::EventWithId("error"))),
            NoMoreEvents,
            Restarted(TRUNCATED),
        ],
        is_short: true,
    },
    Server {
        name: "better-sse",
        program: Program::Node {
            packages: "node",
            source: "better-sse.mjs",
            package: Some("better-sse"),
        },
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        // It does not split data at line breaks: all lines but the first would be lost.
        form: Form::JSON,
        scenarios: &[Events, ClosedByServer("cut"), Restarted(TRUNCATED)],
        is_short: true,
    },
    Server {
        name: "tRPC",
        program: Program::Node {
            packages: "node",
            source: "trpc.mjs",
            package: Some("@trpc/server"),
        },
        protocol: Protocol::Http1,
        feed: Feed::Trpc,
        form: Form::TRPC,
        scenarios: &[
            Events,
            CutByUs { twice: 0 },
            failure(Shown::with(Sign::Event("serialized-error"))),
            Restarted(TRUNCATED),
        ],
        is_short: true,
    },
    Server {
        name: "graphql-sse",
        program: Program::Node {
            packages: "node",
            source: "graphql-sse.mjs",
            package: Some("graphql-sse"),
        },
        protocol: Protocol::Http1,
        feed: Feed::GraphQl,
        form: Form::GRAPHQL,
        scenarios: &[Events, failure(Shown::TRUNCATED), Stopped(Shown::TRUNCATED)],
        is_short: true,
    },
    Server {
        name: "Durable Streams",
        program: Program::Node {
            packages: "durable-streams",
            source: "durable-streams.mjs",
            package: Some("@durable-streams/server"),
        },
        protocol: Protocol::Http1,
        feed: Feed::Durable,
        form: Form::DURABLE,
        // A stored stream arrives as one batch, and the offset follows only at its end: each of the
        // two resumptions starts again.
        scenarios: &[Events, CutByUs { twice: 300 }, Stopped(Shown::TRUNCATED)],
        is_short: false,
    },
    NODE_HTTP,
];

pub(crate) const GO: &[Server] = &[
    Server {
        name: "Go net/http",
        program: Program::Go { main: "light", argument: Some("net-http"), module: None },
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        form: Form::PLAIN,
        scenarios: &[
            Events,
            ClosedByServer("end"),
            CutByUs { twice: 0 },
            failure(Shown::TRUNCATED),
            Restarted(TRUNCATED),
        ],
        is_short: false,
    },
    Server {
        name: "go-sse",
        program: Program::Go {
            main: "light",
            argument: Some("go-sse"),
            module: Some("github.com/tmaxmax/go-sse"),
        },
        protocol: Protocol::Http1,
        feed: Feed::History { all: "all", three: "three", after: ["all", "three"] },
        // It drops a line break at the end of the data.
        form: Form::JSON,
        scenarios: &[Events, CutByUs { twice: 0 }, Stopped(Shown::with(Sign::Line))],
        is_short: false,
    },
    Server {
        name: "r3labs/sse",
        program: Program::Go {
            main: "light",
            argument: Some("r3labs"),
            module: Some("github.com/r3labs/sse/v2"),
        },
        protocol: Protocol::Http1,
        feed: Feed::History { all: "?stream=all", three: "?stream=three", after: ["", ""] },
        form: Form::PLAIN,
        // It sends the event with the last event ID again.
        scenarios: &[Events, CutByUs { twice: 2 }, Stopped(Shown::COMPLETE)],
        is_short: false,
    },
    Server {
        name: "gin",
        program: Program::Go {
            main: "gin",
            argument: None,
            module: Some("github.com/gin-gonic/gin"),
        },
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        form: Form::PLAIN,
        scenarios: &[
            Events,
            ClosedByServer("end"),
            CutByUs { twice: 0 },
            failure(Shown::COMPLETE),
            Restarted(TRUNCATED),
        ],
        is_short: false,
    },
    Server {
        name: "gqlgen",
        program: Program::Go {
            main: "gqlgen",
            argument: None,
            module: Some("github.com/99designs/gqlgen"),
        },
        protocol: Protocol::Http1,
        feed: Feed::GraphQl,
        form: Form::GRAPHQL,
        scenarios: &[
            Events,
            // The error follows as a line of JSON, without a field name and a line end.
            failure(Shown { completeness: Completeness::Cut, ..Shown::with(Sign::Line) }),
            Stopped(Shown::TRUNCATED),
        ],
        is_short: false,
    },
    Server {
        name: "Mercure",
        program: Program::Go {
            main: "mercure",
            argument: None,
            module: Some("github.com/dunglas/mercure"),
        },
        protocol: Protocol::Http1,
        feed: Feed::History {
            all: ".well-known/mercure?topic=all",
            three: ".well-known/mercure?topic=three",
            after: ["earliest", "earliest"],
        },
        form: Form::PLAIN,
        scenarios: &[Events, CutByUs { twice: 0 }, Stopped(Shown::COMPLETE)],
        is_short: false,
    },
];
