//! Rows about the header `Last-Event-ID`.

use sse_test::Reply;

use crate::row::{Row, Shows};

pub(super) fn rows() -> Vec<Row> {
    let ends = |name, first: &[u8]| {
        Row::new(name, [Reply::events(first), Reply::events("data: 2\n\n")])
            .reconnects(1)
            .shows(Shows::Ids)
    };
    vec![
        ends("sends an ID, later events without", b"id: 1\ndata: 1\n\ndata: x\n\n")
            .same("the standard: the ID stays"),
        ends("sends an ID outside of ASCII", "id: é1\ndata: 1\n\n".as_bytes())
            .departs("the standard: UTF-8, as the bytes came"),
        ends("sends an ID with a control character", b"id: a\x01b\ndata: 1\n\n")
            .departs("no header can hold it: a server must not break the next request"),
        ends("sends an ID, then an empty one", b"id: 1\ndata: 1\n\nid\ndata: x\n\n")
            .departs("the standard: no header"),
        ends("sends an ID in a block without data", b"data: 1\n\nid: 2\n\n")
            .departs("the standard: the ID counts, and the block is not an event"),
        ends("ends within a block with an ID", b"id: 1\ndata: 1\n\nid: 2\n")
            .same("the standard: it does not count"),
        ends("sends an ID after the one that the caller has set", b"id: 1\ndata: 1\n\n")
            .wants(|it| it.last_event_id = Some("start".to_owned()))
            .departs("the caller's ID is where the session starts, and is replaced"),
    ]
}
