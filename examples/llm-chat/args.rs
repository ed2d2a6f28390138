//! Reads the command line.

use std::{env, ffi::OsString, io, time::Duration};

use crate::{api::Api, demo_api::Behavior};

pub(crate) const HELP: &str = "\
Asks a language model, and prints its answer as it is received.

Usage: cargo run --example llm-chat [-- OPTIONS [PROMPT]]

Without --url, a demo service in the same process answers. If PROMPT is `-`, or missing although there
is a --url, the prompt is read from standard input.

Options:
    --api NAME           Wire format: openai (default), responses, anthropic or gemini
    --demo BEHAVIOR      Behavior of the demo service: complete (default), cut, unstable, error, busy,
                         limit
    --url URL            Endpoint to ask, e.g. https://api.openai.com/v1/chat/completions
    --model NAME         Model to ask; required with --url, except for gemini, whose URL names it
    --key-env NAME       Environment variable with the key, for --url (default: OPENAI_API_KEY,
                         ANTHROPIC_API_KEY or GEMINI_API_KEY)
    --retries N          Number of times to ask again (default: 4)
    --budget SECONDS     Longest time until the first text, waits included (default: 600)
    --repeat-after-text  Asks again even if a part of the answer was received, and perhaps billed
    -h, --help           Prints this help

Exit codes:
    0  the answer is whole           4  the service reported a failure, or cut the answer short
    1  any other failure             5  the service rejected the request (status other than 200)
    2  invalid command line        130  Ctrl-C
    3  the answer is incomplete
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
    pub(crate) budget: Option<Duration>,
    pub(crate) repeats_after_text: bool,
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
    let (mut api, mut behavior, mut retries) = (Api::OpenAi, Behavior::Complete, 4);
    let (mut budget, mut repeats_after_text) = (None, false);
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
            Long("budget") => budget = Some(Duration::from_secs(parser.value()?.parse()?)),
            Long("repeat-after-text") => repeats_after_text = true,
            Value(value) if prompt.is_none() => prompt = Some(value.string()?),
            other => return Err(other.unexpected()),
        }
    }
    let service = match url {
        None => Service::Demo(behavior),
        Some(url) => {
            let unnamed = api.names_model_in_url().then(String::new);
            let model = model.or(unnamed).ok_or("--url needs --model")?;
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
    Ok(Args::Ask(Question { api, service, prompt, retries, budget, repeats_after_text }))
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
