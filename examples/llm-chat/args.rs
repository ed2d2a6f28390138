//! The command line in, what to ask of whom out.

use std::{env, ffi::OsString, io};

use crate::{api::Api, demo_api::Behaviour};

pub(crate) const HELP: &str = "\
Asks a language model, and prints the answer as it comes.

Usage: cargo run --example llm-chat [-- OPTIONS [PROMPT]]

Without --url, a made-up service in the same process answers. A PROMPT of `-` is read from standard
input, and so is one that is missing where there is a --url.

Options:
    --api openai|anthropic    The wire form (default: openai)
    --demo BEHAVIOUR          What the made-up service does: whole (default), cut, error, busy, limit
    --url URL                 Asks this endpoint, e.g. https://api.openai.com/v1/chat/completions
    --model NAME              Which model to ask; needed with --url
    --key-env NAME            The environment variable that has the key, for --url
                              (default: OPENAI_API_KEY or ANTHROPIC_API_KEY)
    --retries N               How often to try again while no text has come (default: 2)
    -h, --help                Print this help

Exit codes:
    0  the answer is whole             4  the service reported an error in its answer
    1  anything else that went wrong   5  the service refused (a status other than 200)
    2  a wrong command line            6  the answer reached the limit of its length
    3  the answer was cut off        130  Ctrl-C
";

/// What the command line asks for.
pub(crate) enum Args {
    Help,
    Ask(Question),
}

pub(crate) struct Question {
    pub(crate) api: Api,
    pub(crate) service: Service,
    pub(crate) prompt: String,
    pub(crate) retries: u32,
}

/// Who is asked.
pub(crate) enum Service {
    Demo(Behaviour),
    Endpoint { url: String, model: String, key: Option<String> },
}

/// Reads the command line, and the prompt from standard input if it is to come from there.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut api, mut behaviour, mut retries) = (Api::OpenAi, Behaviour::Whole, 2);
    let (mut url, mut model, mut key_env, mut prompt) = (None, None, None, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("api") => api = parser.value()?.parse()?,
            Long("demo") => behaviour = parser.value()?.parse()?,
            Long("url") => url = Some(parser.value()?.string()?),
            Long("model") => model = Some(parser.value()?.string()?),
            Long("key-env") => key_env = Some(parser.value()?.string()?),
            Long("retries") => retries = parser.value()?.parse()?,
            Value(value) if prompt.is_none() => prompt = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let service = match url {
        None => Service::Demo(behaviour),
        Some(url) => {
            let model = model.ok_or("--url needs --model")?;
            Service::Endpoint { url, model, key: key(api, key_env)? }
        }
    };
    let prompt = match (prompt, &service) {
        (Some(prompt), _) if prompt != "-" => prompt,
        (None, Service::Demo(_)) => "What is an event stream?".to_owned(),
        _ => io::read_to_string(io::stdin()).map_err(|error| format!("no prompt: {error}"))?,
    };
    let prompt = prompt.trim().to_owned();
    if prompt.is_empty() {
        return Err("the prompt is empty".into());
    }
    Ok(Args::Ask(Question { api, service, prompt, retries }))
}

/// The key from the variable that is named, which then has to be there, or from the usual one.
fn key(api: Api, named: Option<String>) -> Result<Option<String>, lexopt::Error> {
    match named {
        Some(name) => match env::var(&name) {
            Ok(key) => Ok(Some(key)),
            Err(error) => Err(format!("--key-env {name}: {error}").into()),
        },
        None => Ok(env::var(api.usual_key_env()).ok()),
    }
}
