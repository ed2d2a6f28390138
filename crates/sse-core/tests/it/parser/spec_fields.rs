//! Clauses P6 to P15: from lines to fields, and the effect of each field.
//!
//! The numbers are those of `docs/CONFORMANCE.md`. Every stream is read whole and split in every
//! way.

use crate::support::case::{check, stream};

/// P6
#[test]
fn an_empty_line_ends_the_block() {
    check(&stream("data: 1\n\ndata: 2\n\n").message("1", "").message("2", ""));
    check(&stream("\n\n\r\r\r\n\r\ndata: 1\n\n\n\n").message("1", ""));
}

/// P6
#[test]
fn a_line_of_white_space_is_not_empty() {
    for space in [" ", "  ", "\t", "\u{A0}", "\u{FEFF}", "\0"] {
        check(&stream(format!("data: 1\n{space}\ndata: 2\n\n")).message("1\n2", ""));
    }
}

/// P7
#[test]
fn a_line_that_starts_with_a_colon_is_ignored() {
    let long = "x".repeat(2048);
    check(
        &stream(format!(
            "data:1\r:\0\n:\r\ndata:2\n:{long}\rdata:3\n:data:fail\r:{long}\ndata:4\n\n"
        ))
        .message("1\n2\n3\n4", "")
        .comment("\0")
        .comment("")
        .comment(&long)
        .comment("data:fail")
        .comment(&long),
    );
}

/// P7: with `with_comments`, it is a comment, whose first space is dropped as of a value.
#[test]
fn a_comment_is_the_text_after_the_colon() {
    check(
        &stream(":  a \n::\n: b: c\n:\n\n").comment(" a ").comment(":").comment("b: c").comment(""),
    );
}

/// P8
#[test]
fn the_first_colon_ends_the_name() {
    check(&stream("data:a:b\ndata: c: d\ndata::\n\n").message("a:b\nc: d\n:", ""));
    check(&stream("event:a:b\nid::\ndata\n\n").event("a:b", "", ":").last_event_id(":"));
}

/// P8
#[test]
fn one_space_after_the_colon_is_dropped() {
    check(&stream("data:\ttest\rdata: \ndata:test\n\n").message("\ttest\n\ntest", ""));
    check(&stream("data:  a \ndata: \u{A0}\ndata:   \n\n").message(" a \n\u{A0}\n  ", ""));
    check(&stream("event:  e\nid:  i\ndata\n\n").event(" e", "", " i").last_event_id(" i"));
}

/// P9
#[test]
fn a_line_without_a_colon_is_a_name_with_an_empty_value() {
    check(&stream("data\n\n").message("", ""));
    check(&stream("data\ndata\n\n").message("\n", ""));
    check(&stream("event: e\nevent\ndata\n\n").message("", ""));
    check(&stream("id\ndata\n\n").after("1").message("", ""));
    check(&stream("retry\ndata:test\n\n").message("test", ""));
}

/// P10
#[test]
fn field_names_are_compared_literally() {
    let names = [
        "Data",
        "DATA",
        " data",
        "data ",
        "\tdata",
        "data\t",
        "data\0",
        "\0data",
        "da-ta",
        "dat",
        "dataa",
        "datadata",
        "data_5",
        "d\u{430}ta",
        "\u{FF44}ata",
    ];
    for name in names {
        check(&stream(format!("{name}: 1\ndata: 2\n{name}\n\n")).message("2", ""));
    }
    for name in ["Event", "ID", "Id", "iD", " id", "id ", "event ", "eventt", "lastEventId"] {
        check(&stream(format!("{name}: 1\ndata: 2\n\n")).message("2", ""));
    }
    for name in ["Retry", "RETRY", " retry", "retry ", "retryy", "reconnectionTime"] {
        check(&stream(format!("{name}: 1\n{name}:1\n\n")));
    }
}

/// P10, P8, P9 and P12 at once.
#[test]
fn uncommon_names_and_line_ends_in_one_block() {
    check(
        &stream(
            "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\n\
             data:3\rdata:\r\n data:32\ndata:4\n\n",
        )
        .message("\0\n 2\n1\n3\n\n4", ""),
    );
}

/// P11
#[test]
fn event_sets_the_event_type() {
    check(&stream("event:test\ndata:x\n\ndata:x\n\n").event("test", "x", "").message("x", ""));
    check(&stream("data:x\nevent:late\n\n").event("late", "x", ""));
    check(&stream("event:message\ndata:x\n\n").message("x", ""));
    check(&stream("event:a\0b\ndata:x\n\n").event("a\0b", "x", ""));
}

/// P11
#[test]
fn the_last_event_field_counts_and_an_empty_one_resets() {
    check(&stream("event:a\nevent:b\ndata:x\n\n").event("b", "x", ""));
    check(&stream("event:a\nevent:\ndata:x\n\n").message("x", ""));
    check(&stream("event:a\nevent\ndata:x\n\n").message("x", ""));
    check(&stream("event:a\nevent: \nevent:b\ndata:x\n\n").event("b", "x", ""));
    check(&stream("event: \ndata:data\n\n").message("data", ""));
    let data = "data:x\ndata:y\n\n";
    check(&stream(format!("data:\nevent:a\ndata:w\nevent:b\n{data}")).event("b", "\nw\nx\ny", ""));
    check(&stream(format!("data:w\nevent:a\ndata\nevent:\n{data}")).message("w\n\nx\ny", ""));
    check(&stream("data:x\nevent:a\ndata:y\nevent:b\n\n").event("b", "x\ny", ""));
    check(&stream("data:x\nevent:a\ndata:y\nevent\n\n").message("x\ny", ""));
    check(&stream("event:a\ndata:x\nevent:b\ndata:y\n\n").event("b", "x\ny", ""));
    // Nothing is left for the next block.
    check(
        &stream("data:x\nevent:a\ndata:y\n\ndata:x\nid:1\ndata:y\n\ndata\nevent:c\ndata\n\n")
            .event("a", "x\ny", "")
            .message("x\ny", "1")
            .event("c", "\n", "1")
            .last_event_id("1"),
    );
}

/// P12
#[test]
fn data_lines_are_joined_by_an_lf() {
    check(&stream("data:1\ndata:2\n\n").message("1\n2", ""));
    check(&stream("data:\ndata: x\n\n").message("\nx", ""));
    check(&stream("data: x\ndata:\n\n").message("x\n", ""));
    check(&stream("data:\ndata:\ndata:\n\n").message("\n\n", ""));
    check(
        &stream("data:1\nevent:e\ndata:2\nid:i\nretry:3\n:c\nzzz\ndata:4\n\n")
            .event("e", "1\n2\n4", "i")
            .last_event_id("i")
            .reconnection_ms(3)
            .comment("c"),
    );
    check(&stream("data:\0\n\n").message("\0", ""));
}

/// P13
#[test]
fn id_sets_the_last_event_id_and_may_be_empty() {
    check(&stream("id:1\ndata:x\n\nid:\ndata:y\n\n").message("x", "1").message("y", ""));
    check(&stream("id:1\ndata:x\n\nid\ndata:y\n\n").message("x", "1").message("y", ""));
    check(&stream("id:1\nid:2\ndata:x\n\n").message("x", "2").last_event_id("2"));
    check(&stream("id:1\nid:\ndata:x\n\n").after("0").message("x", ""));
    check(&stream("data:x\nid:…\n\n").message("x", "…").last_event_id("…"));
    let case = |id: &str, text: &str| stream(text).message("x\ny", id).last_event_id(id);
    check(&case("2", "data:x\nid:1\ndata:y\nid:2\n\n"));
    check(&case("", "data:x\nid:1\ndata:y\nid\n\n"));
    check(&case("1", "data:x\nid:1\ndata:y\nid:\0\n\n"));
    check(&case("2", "id:1\ndata:x\nid:2\ndata:y\n\n"));
}

/// P13
#[test]
fn an_id_with_a_nul_is_ignored_as_a_whole() {
    for id in ["\0", "\0\0", "x\0", "\0x", "x\0x", " \0", "\u{FEFF}\0"] {
        check(&stream(format!("id:{id}\ndata:x\n\n")).message("x", ""));
        check(&stream(format!("id: 1\nid: {id}\ndata:x\n\n")).message("x", "1").last_event_id("1"));
        check(
            &stream(format!("id: {id}\n\ndata:x\n\n"))
                .after("0")
                .message("x", "0")
                .last_event_id("0"),
        );
    }
}

/// P14
#[test]
fn retry_of_ascii_digits_sets_the_reconnection_time() {
    check(&stream("retry:1000\n").reconnection_ms(1000));
    check(&stream("retry: 0\n").reconnection_ms(0));
    check(&stream("retry:03000\ndata:x\n\n").message("x", "").reconnection_ms(3000));
    check(&stream("retry:1\nretry:2\n\nretry:3\r").reconnection_ms(3));
}

/// P14: "if the field value consists of only ASCII digits", and is not empty.
#[test]
fn retry_of_anything_else_is_ignored() {
    let values = [
        "", " ", "1000x", "x1000", "-1", "+5", " 5", "5 ", "\t5", "1_000", "1,000", "1.5", "1e3",
        "0x10", "5\0", "\0", "\u{665}", "\u{FF15}", "5\u{A0}", "1 000",
    ];
    for value in values {
        check(&stream(format!("retry: {value}\ndata: x\n\n")).message("x", ""));
        check(&stream(format!("retry:7\nretry: {value}\n\n")).reconnection_ms(7));
    }
    check(&stream("retry\n\n"));
    check(&stream("retry:3000\nretry:1000x\ndata:x\n\n").message("x", "").reconnection_ms(3000));
}

/// P14: the block need not have data or end.
#[test]
fn retry_takes_effect_at_once_and_without_a_message() {
    check(&stream("retry: 5\n\n").reconnection_ms(5));
    check(&stream("data: lost\nretry: 5\n").reconnection_ms(5));
    check(&stream("retry: 5"));
}

/// P14: the standard sets no upper bound; this parser's is what 64 bits hold.
#[test]
fn a_retry_too_large_becomes_the_largest() {
    check(&stream("retry:18446744073709551614\n").reconnection_ms(u64::MAX - 1));
    check(&stream("retry:18446744073709551615\n").reconnection_ms(u64::MAX));
    check(&stream("retry:18446744073709551616\n").reconnection_ms(u64::MAX));
    check(&stream(format!("retry:{}\n", "9".repeat(60))).reconnection_ms(u64::MAX));
    check(&stream(format!("retry:{}12\n", "0".repeat(60))).reconnection_ms(12));
}

/// P15
#[test]
fn unknown_fields_are_ignored() {
    check(
        &stream("data:test\n data\ndata\nfoobar:xxx\njustsometext\n:c\ndata:test\n\n")
            .message("test\n\ntest", "")
            .comment("c"),
    );
    check(&stream("zzz\n\nzzz:\n\nzzz: 1\n\n"));
    check(&stream("origin: a\ncomment: b\nmessage: c\ndata: x\n\n").message("x", ""));
    check(&stream("{\"data\": 1}\n\n<data: x>\n\n"));
}
