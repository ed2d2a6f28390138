//! Reads the command line.

use std::{env, ffi::OsString, io};

use crate::{api::Api, demo_api::Behavior};

pub(crate) const HELP: &str = "\
Asks a language model, and prints its answer as it is received.

Usage: cargo run --example llm-chat [-- OPTIONS [PROMPT]]

Without --url, a demo service in the same process answers. If PROMPT is `-`, or missing although there
is a --url, the prompt is read from standard input.

Options:
    --api openai|anthropic    Wire format (default: openai)
    --demo BEHAVIOR           Behavior of the demo service: complete (default), cut, error, busy, limit
    --url URL                 Endpoint to ask, e.g. https://api.openai.com/v1/chat/completions
    --model NAME              Model to ask; required with --url
    --key-env NAME            Environment variable with the key, for --url
                              (default: OPENAI_API_KEY or ANTHROPIC_API_KEY)
    --retries N               Attempts to repeat the request before any text is received (default: 2)
    -h, --help                Prints this help

Exit codes:
    0  the answer is complete          4  the service reported an error in its answer
    1  any other failure               5  the service rejected the request (status other than 200)
    2  invalid command line            6  the answer reached the limit of its length
    3  the answer is incomplete      130  Ctrl-C
";

/// Command line of the program.
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

/// Service to ask.
pub(crate) enum Service {
    Demo(Behavior),
    Endpoint { url: String, model: String, key: Option<String> },
}

/// Parses the command line, and reads the prompt from standard input if the command line says so.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let (mut api, mut behavior, mut retries) = (Api::OpenAi, Behavior::Complete, 2);
    let (mut url, mut model, mut key_env, mut prompt) = (None, None, None, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("api") => api = parser.value()?.parse()?,
            Long("demo") => behavior = parser.value()?.parse()?,
            Long("url") => url = Some(parser.value()?.string()?),
            Long("model") => model = Some(parser.value()?.string()?),
            Long("key-env") => key_env = Some(parser.value()?.string()?),
            Long("retries") => retries = parser.value()?.parse()?,
            Value(value) if prompt.is_none() => prompt = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let service = match url {
        None => Service::Demo(behavior),
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

/// Reads the key from the named environment variable, which must exist, or from the usual one,
/// which need not.
fn key(api: Api, named: Option<String>) -> Result<Option<String>, lexopt::Error> {
    match named {
        Some(name) => match env::var(&name) {
            Ok(key) => Ok(Some(key)),
            Err(error) => Err(format!("--key-env {name}: {error}").into()),
        },
        None => Ok(env::var(api.usual_key_env()).ok()),
    }
}
