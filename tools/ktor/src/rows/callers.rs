//! Rows about what the caller's code does and gets.

use sse_test::Reply;

use crate::row::Row;

pub(super) fn rows() -> Vec<Row> {
    let three = || Reply::events("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    let typed = |text: &str| Reply::events(text);
    vec![
        Row::new("sends numbers, decoded to numbers", [typed("data: 1\n\ndata: 2\n\n")])
            .wants(|it| it.typed = true)
            .same("a value for each event"),
        Row::new("sends one that is not a number", [typed("data: 1\n\ndata: x\n\ndata: 3\n\n")])
            .wants(|it| it.typed = true)
            .departs("an error item has the event, and the next one follows"),
        Row::new(
            "sends an ID without data among numbers",
            [typed("data: 1\n\nid: 2\n\ndata: 3\n\n")],
        )
        .wants(|it| it.typed = true)
        .departs("there is nothing to decode"),
        Row::new("sends three; the caller takes one, then the rest", [three()])
            .wants(|it| it.take = Some(1))
            .departs("a session stays usable, through `&mut`"),
        Row::new("sends three; the caller's block fails at the second", [three()])
            .wants(|it| it.fail_at = Some("2".to_owned()))
            .departs("the caller's error is as it was"),
        Row::new("sends Content-Length; the block fails at the second", [three().with_length()])
            .wants(|it| it.fail_at = Some("2".to_owned()))
            .departs("the caller's error is as it was"),
    ]
}
