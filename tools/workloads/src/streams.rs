//! Event streams by name, with what a parser has to find in them.
//!
//! The streams are not split into chunks here.

use crate::{recorded, rng::Rng};

/// Event stream and what it contains.
#[derive(Debug)]
pub struct Workload {
    /// Name.
    pub name: String,
    /// Shape of an event, in a few words.
    pub shape: String,
    /// The stream.
    pub bytes: Vec<u8>,
    /// Positions at which a live server would have flushed: the end of each block.
    pub flushes: Vec<usize>,
    /// Number of events.
    pub events: u64,
    /// Length of all data together, including the LF between two lines of one event.
    pub data_bytes: u64,
}

/// Names of the workloads of the parsers, in the order of the tables, but for the
/// [look-alikes](recorded) of recorded streams.
pub const NAMES: [&str; 12] = [
    "openai",
    "anthropic",
    "gemini",
    "wikimedia",
    "ticks",
    "tiny",
    "multi-line",
    "keep-alives",
    "big",
    "huge",
    "cjk",
    "cr-only",
];

/// Names of the workloads of the sessions.
pub const OF_SESSIONS: [&str; 4] = ["ticks", "deltas", "openai", "wikimedia"];

/// Names of the workloads whose events are small, where instructions per event tell most.
pub const SMALL: [&str; 6] = ["openai", "anthropic", "ticks", "tiny", "multi-line", "keep-alives"];

/// Default length of a stream. It fits in the caches nearest to the processor, as a chunk does that
/// has just been read from a socket.
pub const STREAM_BYTES: usize = 256 << 10;

/// Creates the workload of this name, of about `len` bytes; `None` if there is none.
pub fn workload(name: &str, len: usize) -> Option<Workload> {
    let (shape, end, block): (&str, &str, Block) = match name {
        "openai" => ("one line, 330 B", "\n", openai),
        "anthropic" => ("event and data, 135 B", "\n", anthropic),
        "gemini" => ("one line, CRLF, 0.5 to 50 KB", "\r\n", gemini),
        "wikimedia" => ("event, id of 100 B, data: 1.2 KB", "\n", wikimedia),
        "ticks" => ("id, event, data: 28 B", "\n", ticks),
        "tiny" => ("`data: x`, 9 B", "\n", tiny),
        "multi-line" => ("12 lines of data, 0.5 KB", "\n", multi_line),
        "keep-alives" => ("comments, an event every 64 blocks", "\n", keep_alives),
        "big" => ("one line, 40 KB", "\n", big),
        "huge" => ("one line, 8 MiB", "\n", huge),
        "cjk" => ("one line, Chinese and emoji, 330 B", "\n", cjk),
        "deltas" => ("one line, 200 B", "\n", deltas),
        "cr-only" => ("event and data, CR, 135 B", "\r", anthropic),
        _ => return recorded::workload(name, len),
    };
    Some(generate(name, shape, end, block, len))
}

/// Creates the workload with another line end; `None` for most names.
pub fn with_line_end(name: &str, end: &'static str, len: usize) -> Option<Workload> {
    let block = match name {
        "openai" => openai,
        "anthropic" => anthropic,
        "ticks" => ticks,
        _ => return None,
    };
    Some(generate(name, "", end, block, len))
}

/// Creates a workload of about `len` bytes from a function that writes one block.
#[must_use]
pub fn generate(name: &str, shape: &str, end: &str, block: Block, len: usize) -> Workload {
    let mut rng = Rng::new(name.bytes().fold(42, |seed, byte| seed * 31 + u64::from(byte)));
    let mut out = Writer::new(end);
    while out.bytes.len() < len {
        block(&mut out, &mut rng);
    }
    let Writer { mut bytes, mut flushes, events, data_bytes, .. } = out;
    if end == "\r" {
        // Some peers hold back a CR at the end until they see what follows it.
        bytes.push(b':');
        flushes.push(bytes.len());
    }
    let (name, shape) = (name.to_owned(), shape.to_owned());
    Workload { name, shape, bytes, flushes, events, data_bytes }
}

/// Function that writes one block.
pub type Block = fn(&mut Writer<'_>, &mut Rng);

/// Writer of a stream, which counts what it contains.
#[derive(Debug)]
pub struct Writer<'a> {
    end: &'a str,
    bytes: Vec<u8>,
    flushes: Vec<usize>,
    events: u64,
    data_bytes: u64,
    /// Lines of data in the open block.
    data_lines: u64,
}

impl<'a> Writer<'a> {
    fn new(end: &'a str) -> Self {
        let (bytes, flushes) = (Vec::new(), Vec::new());
        Self { end, bytes, flushes, events: 0, data_bytes: 0, data_lines: 0 }
    }

    /// Writes a field.
    pub fn line(&mut self, name: &str, value: &str) {
        for part in [name, ": ", value, self.end] {
            self.bytes.extend_from_slice(part.as_bytes());
        }
    }

    /// Writes a line of data.
    pub fn data(&mut self, value: &str) {
        self.line("data", value);
        self.data_bytes += value.len() as u64 + u64::from(self.data_lines > 0);
        self.data_lines += 1;
    }

    /// Ends the block.
    pub fn end_block(&mut self) {
        self.bytes.extend_from_slice(self.end.as_bytes());
        self.flushes.push(self.bytes.len());
        self.events += u64::from(self.data_lines > 0);
        self.data_lines = 0;
    }
}

fn openai(out: &mut Writer<'_>, rng: &mut Rng) {
    let len = rng.range(1, 9);
    let (content, obfuscation) = (rng.ascii(len), rng.token(10 - len));
    openai_block(out, &content, &obfuscation);
}

fn openai_block(out: &mut Writer<'_>, content: &str, obfuscation: &str) {
    out.data(&format!(
        "{{\"id\":\"chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0\",\"object\":\"chat.completion.chunk\",\
         \"created\":1770933892,\"model\":\"gpt-4.1-nano-2025-04-14\",\"service_tier\":\"default\",\
         \"system_fingerprint\":\"fp_de604bd877\",\"choices\":[{{\"index\":0,\"delta\":\
         {{\"content\":\"{content}\"}},\"logprobs\":null,\"finish_reason\":null}}],\
         \"usage\":null,\"obfuscation\":\"{obfuscation}\"}}"
    ));
    out.end_block();
}

fn anthropic(out: &mut Writer<'_>, rng: &mut Rng) {
    let len = rng.range(2, 24);
    let text = rng.ascii(len);
    out.line("event", "content_block_delta");
    out.data(&format!(
        "{{\"type\":\"content_block_delta\",\"index\":0,\
         \"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}"
    ));
    out.end_block();
}

fn gemini(out: &mut Writer<'_>, rng: &mut Rng) {
    let len = match () {
        () if rng.one_in(96) => rng.range(40_000, 50_000),
        () if rng.one_in(24) => rng.range(1_000, 6_600),
        () => rng.range(250, 450),
    };
    let text = rng.ascii(len);
    out.data(&format!(
        "{{\"candidates\": [{{\"content\": {{\"parts\": [{{\"text\": \"{text}\"}}],\
         \"role\": \"model\"}}}}],\"usageMetadata\": {{\"promptTokenCount\": 10,\
         \"totalTokenCount\": 10}},\"modelVersion\": \"gemini-2.0-flash\"}}"
    ));
    out.end_block();
}

fn wikimedia(out: &mut Writer<'_>, rng: &mut Rng) {
    let (offset, title, comment) = (rng.next() % 10_000_000_000, rng.token(24), rng.ascii(700));
    out.line("event", "message");
    out.line(
        "id",
        &format!(
            "[{{\"topic\":\"eqiad.mediawiki.recentchange\",\"partition\":0,\
         \"timestamp\":1770933892001,\"offset\":{offset:010}}}]"
        ),
    );
    out.data(&format!(
        "{{\"$schema\":\"/mediawiki/recentchange/1.0.0\",\"meta\":{{\"uri\":\"https://\
         en.example.org/wiki/{title}\",\"domain\":\"en.example.org\",\"stream\":\
         \"mediawiki.recentchange\",\"offset\":{offset}}},\"type\":\"edit\",\"namespace\":0,\
         \"title\":\"{title}\",\"comment\":\"{comment}\",\"minor\":false,\"bot\":true}}"
    ));
    out.end_block();
}

fn deltas(out: &mut Writer<'_>, rng: &mut Rng) {
    let token = rng.token(42);
    out.data(&format!(
        "{{\"type\":\"response.output_text.delta\",\"item_id\":\"msg_67c9fdcf37fc8190ba82116e33fb28c5\",\
         \"output_index\":0,\"content_index\":0,\"delta\":\"{token}\"}}"
    ));
    out.end_block();
}

fn ticks(out: &mut Writer<'_>, rng: &mut Rng) {
    out.line("id", &rng.range(1000, 9999).to_string());
    out.line("event", "t");
    out.data(&rng.range(100, 999).to_string());
    out.end_block();
}

fn tiny(out: &mut Writer<'_>, _: &mut Rng) {
    out.data("x");
    out.end_block();
}

fn multi_line(out: &mut Writer<'_>, rng: &mut Rng) {
    for _ in 0..12 {
        let len = rng.range(10, 60);
        out.data(&rng.ascii(len));
    }
    out.end_block();
}

fn keep_alives(out: &mut Writer<'_>, rng: &mut Rng) {
    for _ in 0..63 {
        out.line("", "keep-alive");
        out.end_block();
    }
    out.data(&rng.range(100, 999).to_string());
    out.end_block();
}

fn big(out: &mut Writer<'_>, rng: &mut Rng) {
    let len = rng.range(38_000, 42_000);
    out.data(&rng.ascii(len));
    out.end_block();
}

fn huge(out: &mut Writer<'_>, rng: &mut Rng) {
    out.data(&rng.ascii(8 << 20));
    out.end_block();
}

fn cjk(out: &mut Writer<'_>, rng: &mut Rng) {
    const WORDS: [&str; 10] =
        ["秋风", "落叶", "瑟瑟", "霜重", "🍂", "菊花残", "🌧️🌙", "夜漫漫", "思念", "“寒”"];
    let content = rng.text(&WORDS, 200);
    out.data(&format!(
        "{{\"candidates\":[{{\"parts\":[{{\"text\":\"{content}\"}}],\
         \"role\":\"model\"}}],\"finishReason\":null,\"safety\":\"NEGLIGIBLE\"}}"
    ));
    out.end_block();
}
