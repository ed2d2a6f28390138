//! Answers of language models from a server that fails in every way: complete or an error, never
//! truncated and never duplicated. The table of the guide is [`table`].

mod faults; // what a server does instead of sending a complete answer
mod services; // streams in the format that each provider documents

use std::time::Duration;

use sse_reqwest::{Answer, AnswerPart, SseClient, SseConfig, SseError, SseErrorKind};

use self::{
    faults::{FAULTS, Fault, Then},
    services::{SERVICES, Service},
};
use crate::support::{Reply, ScriptedServer, TestClock, http, run, sse};

const SECOND: Duration = Duration::from_secs(1);

/// Outcome of an answer, and its number of requests.
struct Outcome {
    result: Result<String, SseError>,
    /// Text as its reader saw it, discarded parts included, with a bar where it started again.
    seen: String,
    requests: usize,
}

/// Requests an answer from a service whose first response has this fault; every later one has it
/// too if `always`.
async fn ask(
    http: &reqwest::Client,
    fault: &Fault,
    service: &Service,
    always: bool,
    change: fn(Answer<String>) -> Answer<String>,
) -> Outcome {
    let (name, faulty, whole) = (fault.name, fault.reply(service), service.whole());
    let mut count = 0;
    let server = ScriptedServer::answering(move |_| {
        count += 1;
        if count == 1 || always { faulty.clone() } else { whole.clone() }
    })
    .await;
    let clock = TestClock::skipping();
    let config = SseConfig::new().clock(clock.clone()).randomness(|| 0.0);
    let client = SseClient::new(http.clone(), config);
    let request = http.post(server.url("/")).body("{}");
    let mut answer = change(client.request(request).answer((service.format)().text()));
    let (mut text, mut seen, mut parts) = (String::new(), String::new(), 0);
    let result = loop {
        let part = {
            let mut next = std::pin::pin!(answer.next());
            loop {
                // Polls everything that is ready before the clock moves.
                let moved = async {
                    match fault.then {
                        Then::Nothing => std::future::pending().await,
                        Then::Wait(time) => {
                            server.requested(parts + 1).await;
                            clock.asked_for(fault.timers * (parts + 1)).await;
                            settle().await;
                            clock.advance(time);
                            parts += 1;
                        }
                        Then::WaitAndGoOn(time) if parts < 1 => {
                            server.requested(1).await;
                            settle().await;
                            clock.advance(time);
                            server.go_on();
                            parts += 1;
                        }
                        Then::WaitAndGoOn(_) => std::future::pending().await,
                    }
                };
                tokio::select! {
                    biased;
                    part = &mut next => break part,
                    () = moved => {}
                }
            }
        };
        match part {
            None => break Ok(text),
            Some(Ok(AnswerPart::Delta(delta))) => {
                text += &delta;
                seen += &delta;
            }
            Some(Ok(AnswerPart::Restarted { .. })) => {
                text.clear();
                seen.push('|');
            }
            Some(Ok(part)) => panic!("{name}: unexpected {part:?}"),
            Some(Err(error)) => break Err(error),
        }
    };
    Outcome { result, seen, requests: server.count_requests().await }
}

/// Runs everything that is ready, the sockets of loopback included.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

impl Outcome {
    /// Returns the outcome as the guide shows it.
    fn shown(&self) -> String {
        match (&self.result, self.requests) {
            (Ok(_), 1) => "whole".to_owned(),
            (Ok(_), requests) => format!("whole, {requests} requests"),
            (Err(error), 1) => format!("error: {}", shown(error)),
            (Err(error), requests) => format!("error: {}, {requests} requests", shown(error)),
        }
    }
}

fn shown(error: &SseError) -> String {
    let kind = match error.kind() {
        SseErrorKind::Status => {
            error.status().map_or_else(String::new, |it| it.as_u16().to_string())
        }
        SseErrorKind::Deadline => "stalled".to_owned(),
        SseErrorKind::NoResponse => "no response".to_owned(),
        SseErrorKind::StreamEnded => "ended".to_owned(),
        SseErrorKind::Disconnected => "disconnected".to_owned(),
        SseErrorKind::Malformed => "malformed".to_owned(),
        SseErrorKind::Reported => "reported".to_owned(),
        other => format!("{other:?}"),
    };
    if error.is_incomplete() { format!("incomplete ({kind})") } else { kind }
}

/// Returns the table of faults, services and outcomes.
async fn table(http: &reqwest::Client) -> String {
    let names: Vec<_> = SERVICES.iter().map(|service| service.name).collect();
    let mut table = format!("| fault | {} | every time |\n", names.join(" | "));
    table += &format!("|---|{}---|\n", "---|".repeat(SERVICES.len()));
    for fault in FAULTS {
        let mut cells = Vec::new();
        for service in SERVICES {
            cells.push(ask(http, fault, service, false, |it| it).await.shown());
        }
        cells.push(ask(http, fault, &SERVICES[0], true, |it| it).await.shown());
        table += &format!("| {} | {} |\n", fault.name, cells.join(" | "));
    }
    table
}

#[test]
fn guide_has_the_table_of_faults_services_and_outcomes() {
    let table = run(async { table(&http()).await });
    let guide = include_str!("../../../../docs/guide/answers.md").replace("\r\n", "\n");
    assert!(guide.contains(&table), "docs/guide/answers.md lacks this table:\n\n{table}");
}

#[test]
fn answers_are_never_truncated_and_never_duplicated() {
    let changes: [fn(Answer<String>) -> Answer<String>; 2] =
        [|answer| answer, |answer| answer.repeat_after_delta(true).repeat_after_malformed(true)];
    let pairs = FAULTS.iter().flat_map(|it| SERVICES.iter().map(move |service| (it, service)));
    let pairs = pairs.flat_map(|it| [(it, false), (it, true)]);
    run(async {
        let http = http();
        for ((fault, service), always) in pairs {
            for change in changes {
                let outcome = ask(&http, fault, service, always, change).await;
                let name = format!("{} of {}, {always}", fault.name, service.name);
                if let Ok(text) = &outcome.result {
                    assert_eq!(text, "Hello", "{name}");
                }
                // Discarded text is before a bar.
                let last = outcome.seen.rsplit('|').next().unwrap_or_default();
                assert!("Hello".starts_with(last), "{name}: {}", outcome.seen);
            }
        }
    });
}

#[test]
fn repeat_after_delta_makes_answers_whole_that_failed_after_a_delta() {
    run(async {
        let http = http();
        for fault in FAULTS.iter().filter(|fault| fault.has_delta && fault.is_transient) {
            for service in SERVICES {
                let change: fn(Answer<String>) -> _ =
                    |it| it.repeat_after_delta(true).repeat_after_malformed(true);
                let outcome = ask(&http, fault, service, false, change).await;
                assert_eq!(outcome.result.unwrap(), "Hello", "{} of {}", fault.name, service.name);
                assert_eq!(outcome.requests, 2, "{}", fault.name);
            }
        }
    });
}

#[test]
fn answer_waits_as_long_as_retry_after_says() {
    run(async {
        let busy = Reply::status(429).retry_after(30 * SECOND);
        let server = ScriptedServer::start([busy, SERVICES[0].whole()]).await;
        let clock = TestClock::skipping();
        let client = sse(SseConfig::new().clock(clock.clone()).randomness(|| 0.0));
        let request = client.http_client().post(server.url("/")).body("{}");
        let mut answer = client.request(request).answer((SERVICES[0].format)().text());
        assert_eq!(answer.concat().await.unwrap(), "Hello");
        assert!(clock.now() >= 30 * SECOND);
    });
}
