//! Services: how each is asked, and which format its answers have.

use std::str::FromStr;

use reqwest::{
    RequestBuilder,
    header::{HeaderValue, InvalidHeaderValue},
};
use serde_json::{Value, json};
use sse_typed::AnswerFormat;

/// Wire format of a service.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Api {
    OpenAi,
    Responses,
    Anthropic,
    Gemini,
}

impl Api {
    pub(crate) const ALL: [Self; 4] =
        [Self::OpenAi, Self::Responses, Self::Anthropic, Self::Gemini];

    /// Returns the name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Responses => "responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }

    /// Returns the path of the demo service.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/chat/completions",
            Self::Responses => "/v1/responses",
            Self::Anthropic => "/v1/messages",
            Self::Gemini => "/v1beta/models/demo-1:streamGenerateContent",
        }
    }

    pub(crate) fn usual_key_env(self) -> &'static str {
        match self {
            Self::OpenAi | Self::Responses => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
            Self::Gemini => "GEMINI_API_KEY",
        }
    }

    /// Returns the rule that says when an answer is whole.
    pub(crate) fn format(self) -> AnswerFormat {
        match self {
            Self::OpenAi => AnswerFormat::openai_chat(),
            Self::Responses => AnswerFormat::openai_responses(),
            Self::Anthropic => AnswerFormat::anthropic(),
            Self::Gemini => AnswerFormat::gemini(),
        }
    }

    /// Returns `true` if the URL names the model, and the body does not.
    pub(crate) fn names_model_in_url(self) -> bool {
        self == Self::Gemini
    }

    /// Adds the headers, the key, and the JSON body to a request.
    pub(crate) fn fill(
        self,
        request: RequestBuilder,
        key: Option<&str>,
        model: &str,
        prompt: &str,
    ) -> Result<RequestBuilder, InvalidHeaderValue> {
        let request = request.json(&self.body(model, prompt));
        let request = match self {
            Self::Anthropic => request.header("anthropic-version", "2023-06-01"),
            _ => request,
        };
        let Some(key) = key else { return Ok(request) };
        Ok(match self {
            Self::OpenAi | Self::Responses => request.bearer_auth(key),
            Self::Anthropic => request.header("x-api-key", secret(key)?),
            Self::Gemini => request.header("x-goog-api-key", secret(key)?),
        })
    }

    fn body(self, model: &str, prompt: &str) -> Value {
        let messages = json!([{"role": "user", "content": prompt}]);
        match self {
            Self::OpenAi => json!({"model": model, "stream": true, "messages": messages}),
            Self::Responses => json!({"model": model, "stream": true, "input": prompt}),
            Self::Anthropic => {
                json!({"model": model, "max_tokens": 4096, "stream": true, "messages": messages})
            }
            Self::Gemini => json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]}),
        }
    }
}

impl FromStr for Api {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|api| api.name() == name);
        found.ok_or_else(|| "none of `openai`, `responses`, `anthropic`, `gemini`".to_owned())
    }
}

/// Makes a header value that logs do not show.
fn secret(value: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}
