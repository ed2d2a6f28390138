//! Look-alikes of recorded streams: the sizes, line shapes and line ends of what servers send.
//!
//! The bytes are generated. The recorded streams themselves are read with `--corpus`.

use crate::{
    rng::Rng,
    streams::{Block, Workload, Writer, generate},
};

/// Names of these workloads, in the order of their table.
pub const NAMES: [&str; 7] = ["responses", "messages", "groq", "xai", "crlf", "cr", "full"];

/// Creates the workload of this name, of about `len` bytes; `None` if there is none.
pub fn workload(name: &str, len: usize) -> Option<Workload> {
    let (shape, end, block): (&str, &str, Block) = match name {
        "responses" => ("OpenAI: event and data, 265 B, few of 5 KB", "\n", responses),
        "messages" => ("Anthropic: event and data, 143 B, pings, few of 20 KB", "\n", messages),
        "groq" => ("groq: one line, 282 B", "\n", groq),
        "xai" => ("xai: one line, 185 B, few of 10 KB", "\n", xai),
        "crlf" => ("sse-starlette: id, event, one to five lines of data, CRLF", "\r\n", starlette),
        "cr" => ("sse-starlette: id, event, one to five lines of data, CR", "\r", starlette),
        "full" => ("comment, retry, id, event, three lines of data", "\n", full),
        _ => return None,
    };
    Some(generate(name, shape, end, block, len))
}

fn responses(out: &mut Writer<'_>, rng: &mut Rng) {
    let (number, len) = (rng.range(10, 999), rng.range(1, 12));
    let (delta, obfuscation) = (rng.ascii(len), rng.token(16 - len));
    let kind = match () {
        () if rng.one_in(96) => "response.completed",
        () => "response.output_text.delta",
    };
    out.line("event", kind);
    if kind == "response.completed" {
        let text = rng.ascii(4_800);
        out.data(&format!(
            "{{\"type\":\"{kind}\",\"sequence_number\":{number},\"response\":{{\"id\":\
             \"resp_68c42d1d0878819d8266007cd3d1402c08fbf9b1584184ff\",\"output_text\":\"{text}\"}}}}"
        ));
    } else {
        out.data(&format!(
            "{{\"type\":\"{kind}\",\"sequence_number\":{number},\"item_id\":\
             \"msg_68c42d1d0878819d8266007cd3d1402c08fbf9b1584184ff\",\"output_index\":0,\
             \"content_index\":0,\"delta\":\"{delta}\",\"logprobs\":[],\
             \"obfuscation\":\"{obfuscation}\"}}"
        ));
    }
    out.end_block();
}

fn messages(out: &mut Writer<'_>, rng: &mut Rng) {
    let (kind, delta) = match () {
        () if rng.one_in(64) => {
            out.line("event", "ping");
            out.data("{\"type\": \"ping\"}");
            return out.end_block();
        }
        () if rng.one_in(128) => ("content_block_start", rng.token(20_000)),
        () => {
            let len = rng.range(8, 40);
            ("content_block_delta", rng.ascii(len))
        }
    };
    out.line("event", kind);
    out.data(&format!(
        "{{\"type\":\"{kind}\",\"index\":1,\"delta\":{{\"type\":\"text_delta\",\"text\":\"{delta}\"}}}}"
    ));
    out.end_block();
}

fn groq(out: &mut Writer<'_>, rng: &mut Rng) {
    let len = rng.range(1, 9);
    let content = rng.ascii(len);
    out.data(&format!(
        "{{\"id\":\"chatcmpl-dd0af56b-f71d-4101-be2f-89efcf3f05ac\",\"object\":\
         \"chat.completion.chunk\",\"created\":1758144601,\"model\":\"deepseek-r1-distill-llama-70b\",\
         \"system_fingerprint\":\"fp_448a0d11e0\",\"choices\":[{{\"index\":0,\"delta\":\
         {{\"reasoning\":\"{content}\"}},\"logprobs\":null,\"finish_reason\":null}}]}}"
    ));
    out.end_block();
}

fn xai(out: &mut Writer<'_>, rng: &mut Rng) {
    let len = if rng.one_in(384) { 10_000 } else { rng.range(2, 8) };
    let (number, delta) = (rng.range(10, 999), rng.ascii(len));
    out.data(&format!(
        "{{\"sequence_number\":{number},\"type\":\"response.output_text.delta\",\"item_id\":\
         \"msg_b7b464ea-cc85-d44a-0f2f-1f7320e703c3\",\"output_index\":0,\"content_index\":0,\
         \"delta\":\"{delta}\"}}"
    ));
    out.end_block();
}

fn starlette(out: &mut Writer<'_>, rng: &mut Rng) {
    let number = rng.range(0, 999);
    if rng.one_in(16) {
        out.line("", "ping - 2026-01-14 09:26:53.123456+00:00");
        return out.end_block();
    }
    out.line("id", &number.to_string());
    match number % 3 {
        0 => {
            out.line("event", "tick");
            for line in [&format!("a{number}"), "b", "c", "d", ""] {
                out.data(line);
            }
        }
        1 => {
            out.line("event", "tock");
            out.data(&format!("{{\"i\": {number}, \"s\": \"héllo 世界\\nline2\"}}"));
        }
        _ => out.data(&format!("{{\"i\": {number}, \"s\": \"hello world\\nline2\"}}")),
    }
    out.end_block();
}

fn full(out: &mut Writer<'_>, rng: &mut Rng) {
    let number = rng.range(1000, 9999);
    out.line("", "shard 3 of 8");
    out.line("retry", "3000");
    out.line("id", &number.to_string());
    out.line("event", "update");
    for _ in 0..3 {
        let len = rng.range(20, 60);
        out.data(&rng.ascii(len));
    }
    out.end_block();
}
