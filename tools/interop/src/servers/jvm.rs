//! Table of the servers with a program in `servers/jvm`.

use sse_reqwest::BodyEnd;

use super::{EVENTS_PATH, TRUNCATED, failure};
use crate::{
    client::Protocol,
    ended::Shown,
    form::Form,
    packages::Jvm,
    scenarios::Scenario::{self, ClosedByServer, CutByUs, Events, NoMoreEvents, Restarted},
    server::{Program, Server},
};

pub(crate) const JVM: &[Server] = &[
    Server { scenarios: &scenarios(Shown::COMPLETE, TRUNCATED), ..server("Ktor CIO", KTOR_CIO) },
    Server {
        scenarios: &scenarios(Shown::COMPLETE, TRUNCATED),
        ..server("Ktor Netty", KTOR_NETTY)
    },
    Server {
        scenarios: &scenarios(Shown::TRUNCATED, TRUNCATED),
        ..server("Spring MVC", SPRING_MVC)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &scenarios(Shown::END_STREAM, TRUNCATED),
        ..server("Spring MVC", SPRING_MVC)
    },
    Server {
        scenarios: &scenarios(Shown::TRUNCATED, TRUNCATED),
        ..server("Spring WebFlux", SPRING_WEBFLUX)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &scenarios(Shown::RESET, RESET_OR_TRUNCATED),
        ..server("Spring WebFlux", SPRING_WEBFLUX)
    },
    Server { scenarios: &scenarios(Shown::TRUNCATED, TRUNCATED), ..server("Quarkus", QUARKUS) },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &scenarios(Shown::END_STREAM, TRUNCATED),
        ..server("Quarkus", QUARKUS)
    },
    Server {
        // It drops a line break at the end of the data.
        form: Form::JSON,
        scenarios: &scenarios(Shown::TRUNCATED, TRUNCATED),
        ..server("Micronaut", MICRONAUT)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        form: Form::JSON,
        scenarios: &scenarios(Shown::RESET, TRUNCATED),
        ..server("Micronaut", MICRONAUT)
    },
    Server { scenarios: &scenarios(Shown::TRUNCATED, TRUNCATED), ..server("Vert.x", VERTX) },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &scenarios(Shown::RESET, TRUNCATED),
        ..server("Vert.x", VERTX)
    },
    Server {
        // It drops a line break at the end of the data.
        form: Form::JSON,
        scenarios: &scenarios(Shown::COMPLETE, LAST_CHUNK_OR_TRUNCATED),
        ..server("Helidon", HELIDON)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        form: Form::JSON,
        scenarios: &scenarios(Shown::END_STREAM, TRUNCATED),
        ..server("Helidon", HELIDON)
    },
];

/// Row without scenarios.
const fn server(name: &'static str, program: Program) -> Server {
    Server {
        name,
        program,
        protocol: Protocol::Http1,
        feed: EVENTS_PATH,
        form: Form::PLAIN,
        scenarios: &[],
        is_short: false,
    }
}

/// Scenarios of a server, with what is seen of a failure and of a shutdown.
const fn scenarios(shown: Shown, stopped: &'static [BodyEnd]) -> [Scenario; 6] {
    [
        Events,
        ClosedByServer("end"),
        CutByUs { twice: 0 },
        failure(shown),
        NoMoreEvents,
        Restarted(stopped),
    ]
}

/// Reactor Netty resets streams before it closes their connection: the client may notice either.
const RESET_OR_TRUNCATED: &[BodyEnd] = &[BodyEnd::Reset, BodyEnd::Truncated];

/// Helidon interrupts its handlers, which close their sinks, and then closes the connections.
const LAST_CHUNK_OR_TRUNCATED: &[BodyEnd] = &[BodyEnd::LastChunk, BodyEnd::Truncated];

const KTOR_CIO: Program = ktor("cio");
const KTOR_NETTY: Program = ktor("netty");
const SPRING_MVC: Program = program(&java("spring-mvc"), "spring-boot");
const SPRING_WEBFLUX: Program = program(&java("spring-webflux"), "spring-boot");
const QUARKUS: Program = program(&Jvm { has_quarkus: true, ..java("quarkus") }, "quarkus-rest");
const MICRONAUT: Program = program(&java("micronaut"), "micronaut-http-server-netty");
const VERTX: Program = program(&java("vertx"), "vertx-web");
const HELIDON: Program =
    program(&Jvm { oldest_java: 21, ..java("helidon") }, "helidon-webserver-sse");

const fn ktor(engine: &'static str) -> Program {
    Program::Jvm { project: &KTOR, argument: Some(engine), library: "ktor-server-core-jvm" }
}

const KTOR: Jvm = Jvm { main: "Main.kt", class: "numbers.MainKt", ..java("ktor") };

const fn program(project: &'static Jvm, library: &'static str) -> Program {
    Program::Jvm { project, argument: None, library }
}

/// Project in Java.
const fn java(name: &'static str) -> Jvm {
    Jvm { name, main: "Main.java", class: "numbers.Main", oldest_java: 17, has_quarkus: false }
}
