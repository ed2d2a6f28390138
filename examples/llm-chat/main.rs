//! Asks a language model by POST and prints its answer as it comes, in the wire forms of OpenAI and
//! Anthropic; tells an answer that is whole from one that is not.
//!
//! The answer goes to standard output, all else to standard error, and the exit code says how it
//! ended. Without `--url`, a made-up service in the same process answers.

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
    ReconnectPolicy, Resume, SessionObserver, SseClient, SseConfig, SseError, Terminal,
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

#[tokio::main]
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
    // Ctrl-C drops the session, which closes its connection: the service need not go on.
    let asked = tokio::select! {
        asked = ask(question) => asked,
        _ = tokio::signal::ctrl_c() => Err(Unfinished::Interrupted),
    };
    match asked {
        Ok(Finish::Said) => ExitCode::SUCCESS,
        Ok(Finish::LengthLimit) => {
            eprintln!("the answer reached the limit of its length");
            ExitCode::from(6)
        }
        Err(unfinished) => unfinished.tell(),
    }
}

/// Why there is no whole answer.
enum Unfinished {
    Interrupted,
    /// It was cut off, the service refused, or something else went wrong.
    Answer(AnswerError),
    Setup(Box<dyn Error>),
    Output(io::Error),
}

/// Asks, and prints the answer as it comes.
async fn ask(question: Question) -> Result<Finish, Unfinished> {
    let Question { api, service, prompt, retries } = question;
    let (url, model, key) = match service {
        Service::Endpoint { url, model, key } => (url, model, key),
        Service::Demo(behaviour) => {
            let address = demo_api::start(behaviour).await.map_err(Unfinished::setup)?;
            (format!("http://{address}{}", api.path()), "made-up-1".to_owned(), None)
        }
    };
    // No redirects: they would carry the key and the prompt to where nobody meant to send them.
    let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build();
    let client = SseClient::new(http.map_err(Unfinished::setup)?, config(api, retries));
    let request = client.http_client().post(url);
    let request = api.fill(request, key.as_deref(), &model, &prompt).map_err(Unfinished::setup)?;

    let session = client.sse_session(request).await.map_err(Unfinished::session)?;
    let mut answer = api.read(session);
    let mut finish = Finish::Said;
    while let Some(piece) = answer.next().await {
        let piece = piece.map_err(Unfinished::Answer)?;
        show(&piece.text).map_err(Unfinished::Output)?;
        finish = piece.finish.unwrap_or(finish);
    }
    show("\n").map_err(Unfinished::Output)?;
    Ok(finish)
}

/// A POST is not repeated by default, as the model would be asked, and paid for, twice. Here it
/// is, but only while no event has come: if the service is busy, or out of reach.
fn config(api: Api, retries: u32) -> SseConfig {
    SseConfig::new()
        .stop_before(move |event| api.is_last(event))
        .expect_terminal(true)
        .resume(Resume::IfNothingDelivered)
        .reconnect(ReconnectPolicy::exponential().max_attempts(retries).max_outage(PATIENCE))
        .retry_first_connection(true)
        .idle_timeout(LONGEST_SILENCE)
        .observer(Arc::new(Waits))
}

/// For how long a service may be busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A model may think for long before it says the next word.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

/// Tells why it takes so long.
struct Waits;

impl SessionObserver for Waits {
    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        eprintln!("{cause}: trying again in {delay:.1?}");
    }
}

/// Text appears when it is there, not when its line is full.
fn show(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    write!(out, "{}", printable(text))?;
    out.flush()
}

impl Unfinished {
    fn setup(error: impl Into<Box<dyn Error>>) -> Self {
        Self::Setup(error.into())
    }

    fn session(error: SseError) -> Self {
        Self::Answer(TypedError::Session(error))
    }

    /// Says what went wrong, and gives its exit code.
    fn tell(self) -> ExitCode {
        let (text, code) = match self {
            Self::Interrupted => ("\nstopped".to_owned(), 130),
            // Whoever reads our output has seen enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                return ExitCode::SUCCESS;
            }
            Self::Output(error) => (format!("error: {error}"), 1),
            Self::Setup(error) => (format!("error: {error}"), 1),
            Self::Answer(TypedError::Reported(error)) => {
                (format!("\nerror: the service says: {error}"), 4)
            }
            Self::Answer(TypedError::Session(error)) if error.is_status() => {
                let wait = error.retry_after().map(|wait| format!("\n  try again in {wait:?}"));
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
