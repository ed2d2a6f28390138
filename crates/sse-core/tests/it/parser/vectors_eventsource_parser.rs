//! The cases of `rexxars/eventsource-parser`. The suite's expectations for its limits are left out:
//! limits here count differently.
//!
//! A table only: input, and what the standard dispatches. Longer than a file should be, because a
//! table is looked up and not read.

use crate::support::case::{Case, case, check};

/// Messages of all kinds, byte order marks, line ends.
#[test]
fn messages_and_encodings() {
    let cases = [
        case(
            "basic unnamed events",
            "data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n\
             event: done\ndata: ✔\n\n",
        )
        .message("0", "")
        .message("1", "")
        .message("2", "")
        .message("3", "")
        .message("4", "")
        .event("done", "✔", ""),
        time(5),
        identified_time(30),
        case(
            "identified messages + retry",
            "event: tick\nretry: 50\nid: 1337\ndata: 1337\n\n\
             event: tick\nretry: 50\nid: 1338\ndata: 1338\n\n\
             event: done\ndata: ✔\n\n",
        )
        .event("tick", "1337", "1337")
        .event("tick", "1338", "1338")
        .event("done", "✔", "1338")
        .last_event_id("1338")
        .reconnection_ms(50),
        case(
            "heartbeat comments",
            ":  ♥\n\ndata: A\n\n:  ♥\n\ndata: B\n\n:  ♥\n\ndata: C\n\n:  ♥\n\n\
             data: D\n\n:  ♥\n\ndata: E\n\nevent: done\ndata: ✔\n\n",
        )
        .message("A", "")
        .message("B", "")
        .message("C", "")
        .message("D", "")
        .message("E", "")
        .event("done", "✔", "")
        .comment(" ♥")
        .comment(" ♥")
        .comment(" ♥")
        .comment(" ♥")
        .comment(" ♥"),
        case(
            "multi-line data",
            "event: stock\ndata: YHOO\ndata: +2\ndata: 10\n\n\
             event: stock\ndata: GOOG\ndata: -8\ndata: 1881\n\n\
             event: done\ndata: ✔\n\n",
        )
        .event("stock", "YHOO\n+2\n10", "")
        .event("stock", "GOOG\n-8\n1881", "")
        .event("done", "✔", ""),
        many_scripts(),
        case(
            "multi-byte, empty lines",
            "\n\n\n\nid: 1\ndata: 汉字和标点，都是三个字节。\n\nevent: done\ndata: ✔\n\n",
        )
        .message("汉字和标点，都是三个字节。", "1")
        .event("done", "✔", "1")
        .last_event_id("1"),
        case(
            "leading bom",
            "\u{FEFF}data: bomful 1\n\ndata: bomless 2\n\n\
             event: done\ndata: ✔\n\n",
        )
        .message("bomful 1", "")
        .message("bomless 2", "")
        .event("done", "✔", ""),
        case(
            "decoded U+FEFF in multiple places",
            "\u{FEFF}data: bomful 1\n\n\u{FEFF}data: bomful 2\n\n\
             data: bomless 3\n\nevent: done\ndata: ✔\n\n",
        )
        .message("bomful 1", "")
        .message("bomless 3", "")
        .event("done", "✔", ""),
        case(
            "bom in multiple places",
            "\u{FEFF}data: bomful 1\n\n\u{FEFF}data: bomful 2\n\n\
             data: bomless 3\n\nevent: done\ndata: ✔\n\n",
        )
        .message("bomful 1", "")
        .message("bomless 3", "")
        .event("done", "✔", ""),
        case("BOM via default TextDecoder", "\u{FEFF}data: hello\n\n").message("hello", ""),
        case("BOM via ignoreBOM decoder", "\u{FEFF}data: first\ndata: second\n\n")
            .message("first\nsecond", ""),
        case(
            "carriage returns",
            "data: dog\rdata: bark\r\rdata: cat\rdata: meow\r\r\
             event: done\ndata: ✔\n\n",
        )
        .message("dog\nbark", "")
        .message("cat\nmeow", "")
        .event("done", "✔", ""),
        case(
            "line feeds",
            "data: cow\ndata: moo\n\ndata: horse\ndata: neigh\n\n\
             event: done\ndata: ✔\n\n",
        )
        .message("cow\nmoo", "")
        .message("horse\nneigh", "")
        .event("done", "✔", ""),
        case(
            "CRLF",
            "data: sheep\r\ndata: bleat\r\n\r\ndata: pig\r\ndata: oink\r\n\r\n\
             event: done\ndata: ✔\n\n",
        )
        .message("sheep\nbleat", "")
        .message("pig\noink", "")
        .event("done", "✔", ""),
    ];
    for case in cases {
        check(&case);
    }
}

/// Comments, and fields that are empty, wrong or unknown.
#[test]
fn comments_and_fields() {
    let cases = [
        odd_comments(),
        more_odd_comments(),
        case("empty event field", "event:\ndata: Hello 1\n\nevent:\n\nevent: done\ndata: ✔\n\n")
            .message("Hello 1", "")
            .event("done", "✔", ""),
        case(
            "empty retry field",
            "retry: 500\nid: 1\ndata: 🥌\n\nid:2\nretry:\ndata:🧹\n\n\
             id: 3\ndata: ✅\n\n",
        )
        .message("🥌", "1")
        .message("🧹", "2")
        .message("✅", "3")
        .last_event_id("3")
        .reconnection_ms(500),
        case(
            "oddly shaped data field",
            "data:\n\ndata\ndata\n\ndata:test\n\nevent: done\ndata: ✔\n\n",
        )
        .message("", "")
        .message("\n", "")
        .message("test", "")
        .event("done", "✔", ""),
        case("cr separating chunks of same event", "data: A\r\ndata: B\r\ndata: C\r\n\n")
            .message("A\nB\nC", ""),
        case("partially incorrect retry", "retry:1000\nretry:2000x\ndata:x\n\n")
            .message("x", "")
            .reconnection_ms(1000),
        case("id with NULL", "id: 123\nid: bad\0id\ndata: hello\n\n")
            .message("hello", "123")
            .last_event_id("123"),
        case("id from blocks without data", "id: 42\n\nid: bad\0id\n\nid:\n\n"),
        case("id before event of same block", "id: 42\ndata: hello\n\n")
            .message("hello", "42")
            .last_event_id("42"),
        case("id block, CR", "id: 42\r\r").last_event_id("42"),
        case("id block, CRLF", "id: 42\r\n\r\n").last_event_id("42"),
        case(
            "incorrect retry fields",
            "\nretry: 500\n\ndata: first\n\nretry: 50x\n\ndata: second\n\n",
        )
        .message("first", "")
        .message("second", "")
        .reconnection_ms(500),
        case(
            "unknown fields",
            "data:abc\n data\ndata\nfoobar:xxx\njustsometext\n\
             :thisisacommentyay\ndata:123\n\nevent: done\ndata: ✔\n\n",
        )
        .message("abc\n\n123", "")
        .event("done", "✔", "")
        .comment("thisisacommentyay"),
        // A server's response that is not an event stream, in words of our own.
        case(
            "JSON error body, not newline-terminated",
            "{\"error\":\"500\",\"message\":\"no such stream here, try again later\"}",
        ),
        case(
            "JSON error body, newline",
            "{\"error\":\"500\",\"message\":\"no such stream here, try again later\"}\n",
        ),
        case("plain text line", "There is no event stream here\n"),
    ];
    for case in cases {
        check(&case);
    }
}

/// Lines of which nothing is kept, and streams whose size matters.
#[test]
fn discarded_lines_and_limits() {
    let colons = ":".repeat(65);
    let cases = [
        case(
            "discard unterminated unknown field",
            "unknown-field: a line that means nothing, however long\ndata: ok\n\n",
        )
        .message("ok", ""),
        case("discard datax", "datax: a name that only starts as a known one\ndata: ok\n\n")
            .message("ok", ""),
        case("split bare field", "data\n\n").message("", ""),
        case(
            "discard unterminated comment",
            format!("{colons}a comment of some length\ndata: ok\n\n"),
        )
        .message("ok", "")
        .comment(&format!("{}a comment of some length", &colons[1..])),
        case("discarded comment consumes CRLF as one", "data: one\n:ignored\r\ndata: two\n\n")
            .message("one\ntwo", "")
            .comment("ignored"),
        case("discarded line, CRLF split", "data: one\n:ignored\r\ndata: two\n\n")
            .message("one\ntwo", "")
            .comment("ignored"),
        case("discarded line, bare CR at chunk end", "data: one\n:ignored\rdata: two\n\n")
            .message("one\ntwo", "")
            .comment("ignored"),
        case("discarded line with own bare CR", "data: one\n:ignored\rdata: two\n\n")
            .message("one\ntwo", "")
            .comment("ignored"),
        case("discarded line, trailing CR then LF", "data: one\n:ignored\r\ndata: two\n\n")
            .message("one\ntwo", "")
            .comment("ignored"),
        case("bare field + CR at chunk end", "data: one\ndata\r\ndata: two\n\n")
            .message("one\n\ntwo", ""),
        case("garbage + CR at chunk boundary", "garbage\rdata: ok\n\n").message("ok", ""),
        case("blank CR line ending a chunk", "data: one\r\r\n").message("one", ""),
        case("comment preserved across chunks", ":preserved\n").comment("preserved"),
        small_events(100),
        event_source_parser_stream(10),
        case("stream: id from block without data", "id: 42\n\ndata: hello\n\n")
            .message("hello", "42")
            .last_event_id("42"),
        case("limit: pending fragment", "data: short and now too long"),
        case(
            "limit: data buffer",
            (0..50).map(|n| format!("data: chunk-{n}\n")).collect::<String>(),
        ),
    ];
    for case in cases {
        check(&case);
    }
}

/// The times and IDs of the original were recorded; these are made up.
fn time(count: usize) -> Case {
    let block = "event: time\ndata: 2030-01-02T03:04:05.678Z\n\n";
    let input = block.repeat(count) + "event: done\ndata: ✔\n\n";
    let events = (0..count).fold(case("event name `time`", input), |case, _| {
        case.event("time", "2030-01-02T03:04:05.678Z", "")
    });
    events.event("done", "✔", "")
}

fn identified_time(count: u64) -> Case {
    let time = |n| format!("2030-01-02T03:04:05.{n:03}Z");
    let id = |n| format!("{:012}", n * 31_415_926_535 % 1_000_000_000_000);
    let block = |n| format!("event: time\nid: {}\ndata: {}\n\n", id(n), time(n));
    let input = (0..count).map(block).collect::<String>();
    let events = (0..count).fold(case("`time`, unbalanced chunks", input), |case, n| {
        case.event("time", &time(n), &id(n))
    });
    events.last_event_id(&id(count - 1))
}

/// Long lines of letters and emoji of two to four bytes and of several scalar values each, some of
/// the lines split inside a word. The original's texts are its own; these have their form.
fn many_scripts() -> Case {
    let greetings = [
        ["God m", "orgen, så blå sjøen er"],
        ["", "እንደምን አደርክ"],
        ["صبا", "ح الخير"],
        ["", "早上好，大家好"],
        ["સુપ્ર", "ભાત"],
        ["", "בוקר טוב"],
        ["सुप्र", "भात"],
        ["", "Beyanî baş"],
        ["អរុណ", "សួស្តី"],
        ["", "ಶುಭೋದಯ"],
        ["おはよう", "ございます"],
        ["", "Доброго ранку"],
        ["สวัส", "ดีตอนเช้า"],
        ["", "Добро утро"],
    ];
    let emoji = " 👩🏽\u{200D}🚀 ❤\u{FE0F}\u{200D}🔥 🫱🏻\u{200D}🫲🏿".repeat(8);
    let mut input = String::new();
    let mut events = Vec::new();
    for (id, [first, second]) in greetings.iter().enumerate() {
        let lines = [*first, &format!("{second}{emoji}")];
        let lines = if first.is_empty() { &lines[1..] } else { &lines[..] };
        input += &format!("id: {id}\ndata:{}\n\n", lines.join("\ndata:"));
        events.push((id.to_string(), lines.join("\n")));
    }
    let case = case("multi-byte events", input + "event: done\ndata: ✔\n\n");
    let case = events.iter().fold(case, |case, (id, data)| case.message(data, id));
    case.event("done", "✔", "13").last_event_id("13")
}

/// The forms of the original's comments, with other texts.
fn odd_comments() -> Case {
    let colons = ":".repeat(299);
    let emoji = "👩🏽\u{200D}🚀 ❤\u{FE0F}\u{200D}🔥 ".repeat(60);
    let input = format!(
        ": Hi\n\n:{colons}\ndata: First\n\n: Один: 二\ndata: Second\n\n{}: ثلاثة\ndata: Third\n\n\
         :നാല്\ndata: Fourth\n\n: {emoji}:\ndata: Fifth\n\nevent: done\ndata: ✔\n\n",
        ": Hop \n".repeat(10)
    );
    let case = case("odd comments", input).comment("Hi").comment(&colons).comment("Один: 二");
    let case = (0..10).fold(case, |case, _| case.comment("Hop "));
    let case = case.comment("ثلاثة").comment("നാല്").comment(&format!("{emoji}:"));
    let data = ["First", "Second", "Third", "Fourth", "Fifth"];
    let case = data.iter().fold(case, |case, data| case.message(data, ""));
    case.event("done", "✔", "")
}

fn more_odd_comments() -> Case {
    let long = "x".repeat(2049);
    let input = format!(
        "data:1\r\r:\0\n:\r\ndata:2\n\n:{long}\rdata:3\n\n:data:fail\r:{long}\ndata:4\n\ndata:5"
    );
    let case = case("more odd comments", input);
    let case = ["1", "2", "3", "4"].iter().fold(case, |case, data| case.message(data, ""));
    case.comment("\0").comment("").comment(&long).comment("data:fail").comment(&long)
}

fn small_events(count: usize) -> Case {
    let input = (0..count).map(|n| format!("data: {n}\n\n")).collect::<String>();
    (0..count).fold(case("100 small events", input), |case, n| case.message(&n.to_string(), ""))
}

fn event_source_parser_stream(count: usize) -> Case {
    let block = |n| format!("event: foo\nid: evt-{n}\ndata: Hello {n}\n\n");
    let input = (0..count).map(block).collect::<String>();
    let case = (0..count).fold(case("EventSourceParserStream", input), |case, n| {
        case.event("foo", &format!("Hello {n}"), &format!("evt-{n}"))
    });
    case.last_event_id(&format!("evt-{}", count - 1))
}
