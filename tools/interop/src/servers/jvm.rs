//! Table of the servers that have a program in `servers/jvm`.

use sse_reqwest::BodyEnd;

use super::{EVENTS_PATH, TRUNCATED, failure};
use crate::{
    client::Protocol,
    ended::Shown,
    form::Form,
    packages::Jvm,
    scenarios::Scenario::{
        self, ClosedByServer, CutByUs, Events, LeadingSpace, NoMoreEvents, Restarted,
    },
    server::{Program, Server},
};

pub(crate) const JVM: &[Server] = &[
    Server {
        scenarios: &encoder_scenarios(Shown::COMPLETE, SPACE_KEPT, TRUNCATED),
        ..server("Ktor CIO", KTOR_CIO)
    },
    Server {
        scenarios: &encoder_scenarios(Shown::COMPLETE, SPACE_KEPT, TRUNCATED),
        ..server("Ktor Netty", KTOR_NETTY)
    },
    Server {
        scenarios: &encoder_scenarios(Shown::TRUNCATED, SPACE_LOST, LAST_CHUNK_OR_TRUNCATED),
        ..server("Spring MVC", SPRING_MVC)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &encoder_scenarios(Shown::END_STREAM, SPACE_LOST, RESET_OR_TRUNCATED),
        ..server("Spring MVC", SPRING_MVC)
    },
    Server {
        scenarios: &encoder_scenarios(Shown::TRUNCATED, SPACE_LOST, TRUNCATED),
        ..server("Spring WebFlux", SPRING_WEBFLUX)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &encoder_scenarios(Shown::RESET, SPACE_LOST, RESET_OR_TRUNCATED),
        ..server("Spring WebFlux", SPRING_WEBFLUX)
    },
    Server {
        scenarios: &encoder_scenarios(Shown::TRUNCATED, SPACE_LOST, TRUNCATED),
        ..server("Quarkus", QUARKUS)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        scenarios: &encoder_scenarios(Shown::END_STREAM, SPACE_LOST, TRUNCATED),
        ..server("Quarkus", QUARKUS)
    },
    Server {
        // It drops a line break at the end of the data.
        form: Form::JSON,
        scenarios: &encoder_scenarios(Shown::TRUNCATED, SPACE_KEPT, TRUNCATED),
        ..server("Micronaut", MICRONAUT)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        form: Form::JSON,
        scenarios: &encoder_scenarios(Shown::RESET, SPACE_KEPT, TRUNCATED),
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
        scenarios: &encoder_scenarios(Shown::COMPLETE, SPACE_LOST, LAST_CHUNK_OR_TRUNCATED),
        ..server("Helidon", HELIDON)
    },
    Server {
        protocol: Protocol::Http2PriorKnowledge,
        form: Form::JSON,
        scenarios: &encoder_scenarios(Shown::END_STREAM, SPACE_LOST, TRUNCATED),
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

/// Scenarios of a server with an encoder of its own: with what becomes of a space at the beginning
/// of data, too.
const fn encoder_scenarios(
    shown: Shown,
    space: Scenario,
    stopped: &'static [BodyEnd],
) -> [Scenario; 7] {
    let [one, two, three, four, five, six] = scenarios(shown, stopped);
    [one, two, three, four, five, space, six]
}

const SPACE_KEPT: Scenario = LeadingSpace { is_lost: false };

/// The server writes data directly after the colon.
const SPACE_LOST: Scenario = LeadingSpace { is_lost: true };

/// Reactor Netty resets streams before it closes their connection, and so does Tomcat where a
/// request times out in its shutdown: the client may notice either.
const RESET_OR_TRUNCATED: &[BodyEnd] = &[BodyEnd::Reset, BodyEnd::Truncated];

/// Helidon interrupts its handlers, which close their sinks, and then closes the connections. In
/// Tomcat's shutdown, requests time out, which completes their responses, while the connections are
/// closed.
const LAST_CHUNK_OR_TRUNCATED: &[BodyEnd] = &[BodyEnd::LastChunk, BodyEnd::Truncated];

const KTOR_CIO: Program = ktor("cio");
const KTOR_NETTY: Program = ktor("netty");
const SPRING_MVC: Program = program(&java("spring-mvc"), "spring-webmvc");
const SPRING_WEBFLUX: Program = program(&java("spring-webflux"), "spring-webflux");
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
