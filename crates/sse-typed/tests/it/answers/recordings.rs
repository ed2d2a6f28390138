//! Recorded streams of providers, which are not part of the repository. The format finds each
//! complete, and no longer once its end is missing. `SSE_RECORDINGS` names their directory; without
//! it, nothing is tested here.

use std::{env, fs, path::PathBuf};

use sse_typed::AnswerFormat;

use super::{
    End::{Close, Framed},
    answer, read,
};

/// File, format, and whether its text is empty.
fn recordings() -> [(&'static str, AnswerFormat, bool); 18] {
    let chat = AnswerFormat::openai_chat;
    [
        ("openai-chat.sse", chat(), true), // it calls a tool
        ("openai-chat-long.reframed.sse", chat(), false),
        ("groq-chat.sse", chat(), false),
        ("deepseek-chat.sse", chat(), false),
        ("together-vllm-chat.sse", chat(), false),
        ("openrouter-comments.sse", chat(), false),
        ("mistral-chat.sse", AnswerFormat::mistral(), false),
        ("openai-responses-text.sse", AnswerFormat::openai_responses(), false),
        ("openai-responses-image.sse", AnswerFormat::openai_responses(), false),
        ("openai-responses-mcp.sse", AnswerFormat::openai_responses(), false),
        ("xai-search.reframed.sse", AnswerFormat::openai_responses(), false),
        ("anthropic-basic.sse", AnswerFormat::anthropic(), false),
        ("anthropic-thinking.sse", AnswerFormat::anthropic(), false),
        ("anthropic-websearch.sse", AnswerFormat::anthropic(), false),
        ("gemini-thinking.sse", AnswerFormat::gemini(), false),
        ("gemini-citations.sse", AnswerFormat::gemini(), false),
        ("gemini-long.sse", AnswerFormat::gemini(), false),
        ("vertex-utf8.sse", AnswerFormat::gemini(), false),
    ]
}

#[test]
fn recorded_answers_are_complete_and_none_of_their_halves_is() {
    let Some(directory) = env::var_os("SSE_RECORDINGS").map(PathBuf::from) else {
        return;
    };
    for (file, format, is_empty) in recordings() {
        let Ok(body) = fs::read_to_string(directory.join(file)) else {
            eprintln!("{file}: skipped, as it is not there");
            continue;
        };
        let read = |body: &str, end| read(answer(format.clone().text(), body, end));
        let text = read(&body, Framed).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!(text.is_empty(), is_empty, "{file}");
        let half = body.len() / 2;
        let half = (half..).find(|&at| body.is_char_boundary(at)).unwrap();
        // Vertex AI gives a reason with each part, so that HTTP alone shows the end.
        let end = if file.starts_with("vertex") { Close } else { Framed };
        assert!(read(&body[..half], end).is_err(), "{file}");
    }
}
