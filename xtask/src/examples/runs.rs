//! Table of all runs of the examples, with the expected output beyond that in the README.
//!
//! Data only.
//!
//! Long because it is one table, whose rows are compared with those of the README.

use super::run::{Exit, Run, Stdin, Text};

/// Runs of the examples.
pub(super) const RUNS: &[Run] = &[
    Run { example: "answer", server: Some(ANSWER), stderr: Text::Is(""), ..RUN },
    Run { example: "feed", file: true, server: Some(FEED), stderr: Text::Is(""), ..RUN },
    Run { example: "parser-reqwest", server: Some(FEED), ..RUN },
    Run { example: "own-client", stderr: Text::Is(""), ..RUN },
    Run { example: "hyper-session", server: Some(TRUNCATED), stderr: Text::Is(""), ..RUN },
    Run {
        example: "hyper-session",
        // No server listens on this port.
        args: &["http://127.0.0.1:1/"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["no response (http://127.0.0.1:1/)"]),
        ..RUN
    },
    Run { example: "tower-session", stderr: Text::Is(""), ..RUN },
    Run { example: "smol-session", server: Some(TRUNCATED), stderr: Text::Is(""), ..RUN },
    // The demo server is in the same process and ends the stream.
    Run { example: "client-sse", ..RUN },
    Run {
        example: "client-sse",
        args: &["--help"],
        stdout: Text::Mentions(&["cargo run --example client-sse", "--help"]),
        ..RUN
    },
    Run {
        example: "client-sse",
        // No server listens on this port.
        args: &["http://127.0.0.1:1/"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: no response (http://127.0.0.1:1/)", "caused by: "]),
        ..RUN
    },
    Run {
        example: "client-sse",
        server: Some(NOT_FOUND),
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: ", "404 Not Found", "response body: no such topic"]),
        ..RUN
    },
    Run {
        example: "client-sse",
        server: Some(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<p>Hello!</p>",
        ),
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: ", "text/html", "response body: <p>Hello!</p>"]),
        ..RUN
    },
    Run { example: "counters", ..RUN },
    // It serves until Ctrl-C; other examples run the same server.
    Run {
        example: "demo-server",
        args: &["--help"],
        stdout: Text::Mentions(&["cargo run --bin demo-server", "/events", "/steady"]),
        ..RUN
    },
    Run {
        example: "demo-server",
        args: &["nowhere"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: ", "nowhere", "cargo run --bin demo-server"]),
        ..RUN
    },
    Run { example: "fresh-connection", ..RUN },
    Run { example: "sleep-clock", stderr: Text::Is(""), ..RUN },
    Run { example: "llm-chat", ..RUN },
    Run {
        example: "llm-chat",
        args: &["--demo", "cut"],
        exit: Exit::Code(3),
        stdout: Text::Is("You asked: What is an event stream? "),
        stderr: Text::Mentions(&[
            "incomplete",
            "no terminal event after 8 events",
            "caused by: server ended",
        ]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["Why?"],
        stdout: Text::Is("You asked: Why? This demo service has no other answer.\n"),
        stderr: Text::Mentions(&["first token after 0."]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "anthropic", "-"],
        stdin: Stdin::Is("Why\tnot?\u{1b}\n"),
        stdout: Text::Is("You asked: Why\tnot?\\u{1b} This demo service has no other answer.\n"),
        stderr: Text::Mentions(&["first token after 0."]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--demo", "cut", "Why?"],
        exit: Exit::Code(3),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["no terminal event after 6 events", "caused by: server ended"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--demo", "error", "Why?"],
        exit: Exit::Code(4),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["error: answer failed", "response body: overloaded"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "responses", "--demo", "cut", "Why?"],
        exit: Exit::Code(3),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["no terminal event after 6 events", "caused by: server ended"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "responses", "--demo", "limit", "Why?"],
        exit: Exit::Code(4),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["response body: finish reason"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "anthropic", "--demo", "cut", "Why?"],
        exit: Exit::Code(3),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["no terminal event after 7 events", "caused by: server ended"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "anthropic", "--demo", "error", "Why?"],
        exit: Exit::Code(4),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["error: answer failed", "response body: Overloaded"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "gemini", "--demo", "cut", "Why?"],
        exit: Exit::Code(3),
        stdout: Text::Is("You asked: Why? This demo "),
        stderr: Text::Mentions(&["no terminal event after 5 events", "caused by: server ended"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--api", "gemini", "--demo", "unstable", "--repeat-after-text", "Why?"],
        stdout: Text::Is(
            "You asked: Why? This demo \nYou asked: Why? This demo service has no other answer.\n",
        ),
        stderr: Text::Mentions(&["starts again", "asking again in 1."]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--demo", "busy", "Why?"],
        stdout: Text::Is("You asked: Why? This demo service has no other answer.\n"),
        stderr: Text::Mentions(&["429 Too Many Requests", "asking again in 1."]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--demo", "busy", "--retries", "0"],
        exit: Exit::Code(5),
        stdout: Text::Is(""),
        stderr: Text::Mentions(&["429 Too Many Requests", "response body: too many requests"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--demo", "busy", "--budget", "0"],
        exit: Exit::Failure,
        stdout: Text::Is(""),
        stderr: Text::Mentions(&["budget"]),
        ..RUN
    },
    Run {
        example: "llm-chat",
        args: &["--url", "http://127.0.0.1:1/"],
        exit: Exit::Code(2),
        stderr: Text::Mentions(&["error: --url needs --model"]),
        ..RUN
    },
    Run {
        example: "gateway",
        args: &["--check"],
        stdout: Text::Is(GATEWAY),
        stderr: Text::Mentions(&["connected to 127.", "next attempt in", "ended (NoContent)"]),
        ..RUN
    },
    Run {
        example: "gateway",
        args: &["--help"],
        stdout: Text::Mentions(&["cargo run --example gateway", "--upstream URL", "--help"]),
        ..RUN
    },
    Run {
        example: "gateway",
        args: &["--listen", "127.0.0.1:0", "--upstream"],
        server: Some(NOT_FOUND),
        exit: Exit::Failure,
        stdout: Text::Mentions(&["http://127.0.0.1:"]),
        stderr: Text::Mentions(&["error: ", "404 Not Found", "response body: no such topic"]),
        ..RUN
    },
    Run {
        example: "gateway-cluster",
        args: &["--check"],
        stderr: Text::Mentions(&["epoch 1", "epoch 2", "epoch 3"]),
        ..RUN
    },
    Run {
        example: "gateway-cluster",
        args: &["--help"],
        stdout: Text::Mentions(&["cargo run --bin gateway-cluster", "--redis URL", "--help"]),
        ..RUN
    },
    // Without Redis: its history is in its memory, and it says so.
    Run {
        example: "gateway-cluster",
        args: &["--listen", "127.0.0.1:0", "--until-stdin-ends"],
        stdout: Text::Mentions(&["http://127.0.0.1:"]),
        stderr: Text::Mentions(&["engine: none (no --redis): this process is alone"]),
        ..RUN
    },
    Run {
        example: "gateway-cluster",
        args: &["--processes", "3"],
        exit: Exit::Code(2),
        stderr: Text::Mentions(&["error: --processes needs --redis"]),
        ..RUN
    },
    Run {
        example: "gateway-cluster",
        args: &["--redis", "nonsense"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: "]),
        ..RUN
    },
    Run {
        example: "mcp",
        stdout: Text::Mentions(&[
            "session: by ID",
            "listening: yes",
            "tools: echo, ",
            "answer: Echo: hello",
            "progress: 1 of 5",
            "disconnected (http://127.0.0.1:",
            "resumed: GET after ",
            "progress: 2 of 5",
            "progress: 5 of 5",
            "answer: Long running operation completed",
            "request: sampling/createMessage",
            "server ended the event stream",
            "answer: from the client: demo answer to: hello",
            "end: 200 OK",
        ]),
        stderr: Text::Is("notification: notifications/tools/list_changed\n"),
        ..RUN
    },
    Run {
        example: "mcp",
        args: &["--reconnect", "--call", "trigger-long-running-operation", "{\"steps\": 3}"],
        stdout: Text::Mentions(&[
            "progress: 1 of 3",
            "reconnection requested (http://127.0.0.1:",
            "resumed: GET after ",
            "progress: 2 of 3",
            "progress: 3 of 3",
            "Steps: 3.",
        ]),
        ..RUN
    },
    Run {
        example: "mcp",
        args: &["--call", "no-such-tool", "{}"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: error reported by the server", "no such tool (-32602)"]),
        ..RUN
    },
    Run {
        example: "mcp",
        args: &["--help"],
        stdout: Text::Mentions(&["cargo run --example mcp", "--call TOOL JSON", "--help"]),
        ..RUN
    },
    Run {
        example: "mcp",
        server: Some("HTTP/1.1 401 Unauthorized\r\ncontent-length: 8\r\n\r\nno token"),
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: ", "401 Unauthorized", "no token"]),
        ..RUN
    },
    Run { example: "middleware", ..RUN },
    Run {
        example: "parse",
        stdin: Stdin::Is(STREAM),
        stdout: Text::Is(MESSAGES),
        stderr: Text::Mentions(&["reconnection time: 1500 ms", "incomplete"]),
        ..RUN
    },
    Run { example: "parse", stdin: Stdin::File("examples/parser-file/shop.txt"), ..RUN },
    Run {
        example: "parse",
        args: &["--chunk", "1"],
        stdin: Stdin::Is(STREAM),
        stdout: Text::Is(MESSAGES),
        ..RUN
    },
    Run {
        example: "parse",
        args: &["--blocks"],
        stdin: Stdin::Is(STREAM),
        stdout: Text::Is(BLOCKS),
        ..RUN
    },
    Run {
        example: "parse",
        args: &["--chunk", "none"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: "]),
        ..RUN
    },
    Run { example: "parser-file", args: &["examples/parser-file/shop.txt"], ..RUN },
    Run {
        example: "parser-file",
        stdin: Stdin::Is("data: 1\n\nevent: e\ndata\n\n"),
        stdout: Text::Is("e: 1 events, 0 bytes of data\nmessage: 1 events, 1 bytes of data\n"),
        stderr: Text::Is(""),
        ..RUN
    },
    Run {
        example: "parser-file",
        args: &["examples/no-such-file"],
        exit: Exit::Failure,
        stderr: Text::Mentions(&["error: "]),
        ..RUN
    },
    Run { example: "parser-hyper", ..RUN },
    Run { example: "parser-ureq", ..RUN },
    // It runs itself three times: the first crashes, the second is killed, the third completes.
    Run { example: "resume", ..RUN },
    Run {
        example: "ssecat",
        args: &["--replay", "examples/ssecat/shop.jsonl", "--speed", "max"],
        stdout: Text::Mentions(&["event: customer\nid: 1\ndata: {", "data: see you tomorrow\n\n"]),
        stderr: Text::Mentions(&[
            "* disconnected (",
            "* reconnected\n",
            "* server has no more events (204 No Content)\n",
        ]),
        ..RUN
    },
    Run {
        example: "ssecat",
        args: &[
            "--replay",
            "examples/ssecat/shop.jsonl",
            "--speed",
            "max",
            "--json",
            "-t",
            "closing",
        ],
        stdout: Text::Mentions(&[r#"{"kind":"open","#, r#""type":"closing""#, r#""no-content"}"#]),
        stderr: Text::Is(""),
        ..RUN
    },
    Run {
        example: "ssecat",
        server: Some(NOT_FOUND),
        exit: Exit::Code(22),
        stdout: Text::Is(""),
        stderr: Text::Mentions(&["ssecat: (22) ", "404 Not Found", "response body: no such topic"]),
        ..RUN
    },
    Run { example: "typed-events", ..RUN },
    Run { example: "hyper-server", stderr: Text::Is(""), ..RUN },
    Run { example: "ureq-session", ..RUN },
];

/// Answer of a language model, in the form of OpenAI's chat completions.
const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"A series \"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"of messages.\"}}]}\n\n\
data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n\
data: [DONE]\n\n";

/// Two events of a feed, and the start of another.
const FEED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n\
: welcome\n\nid: 1\nevent: customer\ndata: Ada\n\nid: 2\nevent: product\ndata: Teapot\n\nid: 3\nda";

/// Feed whose connection ends before its body does.
const TRUNCATED: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
content-length: 99\r\n\r\nretry: 50\nid: 1\ndata: Ada\n\nid: 2\ndata: Teapot\n\nid: 3\nda";

/// Stream with every kind of line, and an incomplete event at the end.
const STREAM: &str = "\
: a comment
retry: 1500

id: 1
event: customer
data: {\"name\": \"Ada\"}

data: two
data: lines

id
data: the last event ID is gone

data: incomplete
";

const MESSAGES: &str = r#"{"type":"customer","data":"{\"name\": \"Ada\"}","last_event_id":"1"}
{"type":"message","data":"two\nlines","last_event_id":"1"}
{"type":"message","data":"the last event ID is gone","last_event_id":""}
"#;

const BLOCKS: &str = r#"{"event":null,"data":null,"id":null,"retry":1500,"comments":"a comment","last_event_id":""}
{"event":"customer","data":"{\"name\": \"Ada\"}","id":"1","retry":null,"comments":null,"last_event_id":"1"}
{"event":null,"data":"two\nlines","id":null,"retry":null,"comments":null,"last_event_id":"1"}
{"event":null,"data":"the last event ID is gone","id":"","retry":null,"comments":null,"last_event_id":""}
"#;

/// Output of the gateway, whose upstream disconnects, and whose slow browser does not read until
/// the others have received all events.
const GATEWAY: &str = "\
upstream: 200 events
browser 1: the same 200 events
browser 2: the same 200 events
slow browser: the same 200 events, though it was disconnected
closed
";

/// Response that rejects a request, with an explanation.
const NOT_FOUND: &str =
    "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n\r\nno such topic";

/// Defaults of a row: no arguments, no input, and success.
const RUN: Run = Run {
    example: "",
    args: &[],
    file: false,
    server: None,
    stdin: Stdin::Is(""),
    exit: Exit::Success,
    stdout: Text::Anything,
    stderr: Text::Anything,
};
