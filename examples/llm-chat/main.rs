//! Asks a language model by POST and prints its answer word by word, in the wire formats of OpenAI
//! and Anthropic. Distinguishes a complete answer from an incomplete one.
//!
//! The answer goes to standard output and everything else to standard error; the exit code says how
//! the answer ended. Without `--url`, a demo service in the same process answers.

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use futures_util::StreamExt;
use reqwest::redirect;
use sse_examples::{printable, report};
use sse_reqwest::{
    ClientBuilderExt, ReconnectPolicy, Resume, SessionObserver, SseClient, SseConfig, SseError,
};
use sse_typed::TypedError;

use crate::{
    api::{AnswerError, Api, Finish},
    args::{Args, Question, Service},
};

mod args;
mod api;
mod openai;
mod anthropic;
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
    // Ctrl-C drops the session, which closes its connection: the service can stop computing.
    let result = tokio::select! {
        result = ask(question) => result,
        _ = tokio::signal::ctrl_c() => Err(Failure::Interrupted),
    };
    match result {
        Ok(Finish::Complete) => ExitCode::SUCCESS,
        Ok(Finish::LengthLimit) => {
            eprintln!("the answer reached the limit of its length");
            ExitCode::from(6)
        }
        Err(failure) => failure.report(),
    }
}

/// Reason for an incomplete or missing answer.
enum Failure {
    Interrupted,
    /// The answer is incomplete, the service rejected the request, or the network failed.
    Answer(AnswerError),
    Setup(Box<dyn Error>),
    Output(io::Error),
}

/// Asks, and prints the answer as it is received.
async fn ask(question: Question) -> Result<Finish, Failure> {
    let Question { api, service, prompt, retries } = question;
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
    let client = SseClient::new(http.map_err(Failure::setup)?, config(api, retries));
    let request = client.http_client().post(url);
    let request = api.fill(request, key.as_deref(), &model, &prompt).map_err(Failure::setup)?;

    let session = client.sse_session(request).await.map_err(Failure::session)?;
    let mut answer = api.read(session);
    let mut finish = Finish::Complete;
    while let Some(piece) = answer.next().await {
        let piece = piece.map_err(Failure::Answer)?;
        show(&piece.text).map_err(Failure::Output)?;
        finish = piece.finish.unwrap_or(finish);
    }
    show("\n").map_err(Failure::Output)?;
    Ok(finish)
}

/// Returns the options of the session.
///
/// By default a POST is never repeated, as the answer would be computed, and billed, twice. Here it
/// is repeated if no event has been received: if the service is busy or unreachable.
fn config(api: Api, retries: u32) -> SseConfig {
    SseConfig::new()
        .stop_before(move |event| api.is_last(event))
        .expect_terminal(true)
        .resume(Resume::IfNothingDelivered)
        .reconnect(ReconnectPolicy::exponential().max_attempts(retries).max_outage(MAX_OUTAGE))
        .retry_first_connection(true)
        .head_timeout(IDLE_TIMEOUT)
        .idle_timeout(IDLE_TIMEOUT)
        .observer(Arc::new(Waits))
}

/// Longest time for which the service may be busy or unreachable.
const MAX_OUTAGE: Duration = Duration::from_secs(120);

/// Longest wait for the response, and for its next byte. A model may think for a while before the
/// next word.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

/// Observer that reports why the answer takes time.
struct Waits;

impl SessionObserver for Waits {
    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        eprintln!("{cause}; next attempt in {delay:.1?}");
    }
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

    fn session(error: SseError) -> Self {
        Self::Answer(TypedError::Session(error))
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
            Self::Answer(TypedError::Reported(error)) => {
                (format!("\nerror: reported by the service: {error}"), 4)
            }
            Self::Answer(TypedError::Session(error)) if error.is_status() => {
                let wait = error.retry_after().map(|wait| format!("\n  retry after: {wait:?}"));
                (report(&error) + &wait.unwrap_or_default(), 5)
            }
            Self::Answer(TypedError::Session(error)) => {
                let code = if error.is_incomplete() { 3 } else { 1 };
                (format!("\n{}", report(&error)), code)
            }
            Self::Answer(error) => (format!("\nerror: {error}"), 1),
        };
        eprintln!("{text}");
        ExitCode::from(code)
    }
}
