//! Asks a language model by POST and prints its answer word by word, in the wire formats of OpenAI
//! (two), Anthropic and Gemini. An answer is whole, or an error.
//!
//! The answer goes to standard output and everything else to standard error; the exit code says how
//! the answer ended. Without `--url`, a demo service in the same process answers.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use reqwest::redirect;
use sse_examples::{printable, report};
use sse_reqwest::{
    Answer, AnswerPart, ClientBuilderExt, ReconnectPolicy, SseClient, SseConfig, SseError,
    SseErrorKind,
};

use crate::args::{Args, Question, Service};

mod args;
mod api;
mod demo_api;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let question = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Ask(question)) => question,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    // Ctrl-C drops the answer, which closes its connection: the service can stop computing.
    let result = tokio::select! {
        result = ask(question) => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
    };
    result.map_or_else(Failure::report, |()| ExitCode::SUCCESS)
}

/// Reason for a missing or incomplete answer.
enum Failure {
    Interrupted,
    Answer(SseError),
    Setup(Box<dyn Error>),
    Output(io::Error),
}

/// Asks, and prints the answer as it is received.
async fn ask(question: Question) -> Result<(), Failure> {
    let Question { api, service, prompt, retries, budget, repeats_after_text } = question;
    let (url, model, key) = match service {
        Service::Endpoint { url, model, key } => (url, model, key),
        Service::Demo(behavior) => {
            let address = demo_api::start(behavior).await.map_err(Failure::setup)?;
            (format!("http://{address}{}", api.path()), "demo-1".to_owned(), None)
        }
    };
    // No redirects: they would send the prompt, and a key in a header that reqwest does not know as
    // sensitive, to another server.
    let http = reqwest::Client::builder().for_event_streams();
    let http = http.redirect(redirect::Policy::none()).build();
    let client = SseClient::new(http.map_err(Failure::setup)?, SseConfig::new());
    let request = client.http_client().post(url);
    let request = api.fill(request, key.as_deref(), &model, &prompt).map_err(Failure::setup)?;

    let answer = client.request(request).answer(api.format().text());
    let answer = answer.reconnect(ReconnectPolicy::exponential().max_attempts(retries));
    let mut answer = answer.repeat_after_delta(repeats_after_text);
    if let Some(budget) = budget {
        answer = answer.budget(budget);
    }
    let result = read(&mut answer).await;
    let timings = answer.timings();
    if let Some(time) = timings.to_first_delta() {
        let end_of_line = if result.is_err() { "\n" } else { "" };
        eprint!("{end_of_line}first token after {:.2} s", time.as_secs_f64());
        let intervals = timings.delta_intervals();
        if let Some(mean) = intervals.mean() {
            let [mean, longest] = [mean, intervals.longest()].map(|time| time.as_secs_f64());
            eprint!(", the others {mean:.2} s apart on average, and {longest:.2} s at most");
        }
        eprintln!();
    }
    result
}

/// Prints the parts of an answer.
async fn read(answer: &mut Answer<String>) -> Result<(), Failure> {
    let mut has_text = false;
    while let Some(part) = answer.next().await {
        match part.map_err(Failure::Answer)? {
            AnswerPart::Delta(text) => {
                has_text = true;
                show(&text).map_err(Failure::Output)?;
            }
            AnswerPart::Restarted { cause, delay, .. } => {
                if std::mem::take(&mut has_text) {
                    show("\n").map_err(Failure::Output)?;
                    eprintln!("the text above is void, and starts again");
                }
                match cause.kind() {
                    SseErrorKind::BegunAgain => eprintln!("{cause}"),
                    _ => eprintln!("{cause}; asking again in {delay:.1?}"),
                }
            }
            _ => {}
        }
    }
    show("\n").map_err(Failure::Output)
}

/// Prints text at once, without waiting for the end of its line.
fn show(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{}", printable(text))?;
    out.flush()
}

impl Failure {
    fn setup(error: impl Into<Box<dyn Error>>) -> Self {
        Self::Setup(error.into())
    }

    /// Prints what went wrong, and returns its exit code.
    fn report(self) -> ExitCode {
        let (text, code) = match self {
            Self::Interrupted => ("\ninterrupted".to_owned(), 130),
            // The reader of a pipe has read enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return ExitCode::SUCCESS;
            }
            Self::Output(error) => (format!("error: {error}"), 1),
            Self::Setup(error) => (format!("error: {error}"), 1),
            Self::Answer(error) if error.is_incomplete() => (report(&error), 3),
            Self::Answer(error) if error.reported().is_some() => (report(&error), 4),
            Self::Answer(error) if error.is_status() => {
                let wait = error.retry_after().map(|wait| format!("\n  retry after: {wait:?}"));
                (report(&error) + &wait.unwrap_or_default(), 5)
            }
            Self::Answer(error) => (report(&error), 1),
        };
        eprintln!("{text}");
        ExitCode::from(code)
    }
}
