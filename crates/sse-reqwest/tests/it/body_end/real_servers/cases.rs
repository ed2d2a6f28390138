//! The cases, one table for each kind of reply.

use sse_test::ContentCoding;

use super::{Case, check};
use crate::support::Reply;

const ONE: &str = "id: 1\ndata: 1\n\n";

const H1: Case = Case {
    name: "",
    reply: Reply::nothing,
    http2: false,
    open_pauses: 0,
    by_default: "",
    reconnecting: "",
};
const H2: Case = Case { http2: true, ..H1 };

#[test]
fn failures_that_look_like_an_end() {
    let without_sign = Case {
        name: "failure_without_sign",
        reply: || Reply::failure_without_sign(ONE),
        by_default: "1; closed StreamEnded; LastChunk Framed",
        reconnecting: "1; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                       asked for more after 1",
        ..H1
    };
    check(&[
        Case {
            name: "failure_without_sign over HTTP/2",
            by_default: "1; closed StreamEnded; EndStream Framed",
            reconnecting: "1; disconnected StreamEnded; closed NoContent; EndStream Framed; \
                           asked for more after 1",
            ..Case { http2: true, ..without_sign }
        },
        without_sign,
        Case {
            name: "empty",
            reply: Reply::empty,
            by_default: "closed StreamEnded; LastChunk Framed",
            reconnecting: "disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after nothing",
            ..H1
        },
        // The session resumes after the failure, as the server has requested.
        Case {
            name: "failure_as_event with an ID",
            reply: || Reply::failure_as_event(ONE, Some("2")),
            by_default: "1; error Internal Server Error; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; error Internal Server Error; disconnected StreamEnded; \
                           closed NoContent; LastChunk Framed; asked for more after 2",
            ..H1
        },
        Case {
            name: "failure_as_event",
            reply: || Reply::failure_as_event(ONE, None),
            by_default: "1; error Internal Server Error; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; error Internal Server Error; disconnected StreamEnded; \
                           closed NoContent; LastChunk Framed; asked for more after 1",
            ..H1
        },
        Case {
            name: "failure_as_text",
            reply: || Reply::failure_as_text(ONE, "Request failed."),
            by_default: "1; closed StreamEnded; LastChunk Cut; 1 unknown lines",
            reconnecting: "1; disconnected Unfinished; closed NoContent; LastChunk Cut; \
                           1 unknown lines; asked for more after 1",
            ..H1
        },
    ]);
}

#[test]
fn cuts_that_a_proxy_has_hidden() {
    check(&[
        Case {
            name: "cut_hidden_by_proxy between events",
            reply: || Reply::cut_hidden_by_proxy(ONE),
            by_default: "1; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after 1",
            ..H1
        },
        Case {
            name: "cut_hidden_by_proxy between lines",
            reply: || Reply::cut_hidden_by_proxy("id: 1\ndata: 1\n\nid: 2\ndata: 2\n"),
            by_default: "1; closed StreamEnded; LastChunk Unfinished",
            reconnecting: "1; disconnected Unfinished; closed NoContent; LastChunk Unfinished; \
                           asked for more after 1",
            ..H1
        },
        Case {
            name: "cut_hidden_by_proxy within a line",
            reply: || Reply::cut_hidden_by_proxy("id: 1\ndata: 1\n\nid: 2\ndata: 2"),
            by_default: "1; closed StreamEnded; LastChunk Cut",
            reconnecting: "1; disconnected Unfinished; closed NoContent; LastChunk Cut; \
                           asked for more after 1",
            ..H1
        },
        Case {
            name: "cut_hidden_by_proxy within a line, over HTTP/2",
            reply: || Reply::cut_hidden_by_proxy("id: 1\ndata: 1\n\nid: 2\ndata: 2"),
            by_default: "1; closed StreamEnded; EndStream Cut",
            reconnecting: "1; disconnected Unfinished; closed NoContent; EndStream Cut; \
                           asked for more after 1",
            ..H2
        },
        Case {
            name: "cut_as_malformed_chunk",
            reply: || Reply::cut_as_malformed_chunk(ONE),
            by_default: "1; failed Disconnected; Malformed Cut",
            reconnecting: "1; disconnected Disconnected; closed NoContent; Malformed Cut; \
                           asked for more after 1",
            ..H1
        },
    ]);
}

// Without the feature, the kind of the error is not known.
#[cfg(feature = "http2")]
#[test]
fn streams_of_http2_that_are_reset() {
    check(&[
        // hyper takes it for a regular end.
        Case {
            name: "failure_as_no_error between events",
            reply: || Reply::failure_as_no_error(ONE),
            by_default: "1; closed StreamEnded; EndStream Framed",
            reconnecting: "1; disconnected StreamEnded; closed NoContent; EndStream Framed; \
                           asked for more after 1",
            ..H2
        },
        Case {
            name: "failure_as_no_error within an event",
            reply: || Reply::failure_as_no_error("id: 1\ndata: 1\n\nid: 2\n"),
            by_default: "1; closed StreamEnded; EndStream Unfinished",
            reconnecting: "1; disconnected Unfinished; closed NoContent; EndStream Unfinished; \
                           asked for more after 1",
            ..H2
        },
        // A promised length shows what NO_ERROR hides.
        Case {
            name: "failure_as_no_error with Content-Length",
            reply: || Reply::failure_as_no_error(ONE).header("content-length", "99"),
            by_default: "1; failed Disconnected; Truncated Cut",
            reconnecting: "1; disconnected Disconnected; closed NoContent; Truncated Cut; \
                           asked for more after 1",
            ..H2
        },
        Case {
            name: "failure_as_status_code",
            reply: || Reply::failure_as_status_code(ONE, 503),
            by_default: "1; failed Disconnected; Reset Cut",
            reconnecting: "1; disconnected Disconnected; closed NoContent; Reset Cut; \
                           asked for more after 1",
            ..H2
        },
    ]);
}

#[test]
fn heads_and_events_that_are_late() {
    check(&[
        // The first response is rejected, with reconnection as well.
        Case {
            name: "not_found_after_silence",
            reply: Reply::not_found_after_silence,
            open_pauses: 1,
            by_default: "failed Status",
            reconnecting: "failed Status",
            ..H1
        },
        Case {
            name: "head_with_first_event",
            reply: || Reply::head_with_first_event(ONE),
            open_pauses: 1,
            by_default: "1; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after 1",
            ..H1
        },
        Case {
            name: "with_late_tails",
            reply: || Reply::with_late_tails([ONE, "id: 2\ndata: 2\n\n"], 5),
            open_pauses: 2,
            by_default: "1; 2; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; 2; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after 2",
            ..H1
        },
        // A proxy that delays the end of each event cuts off the last one.
        Case {
            name: "with_late_tails, cut",
            reply: || Reply::with_late_tails([ONE, "id: 2\ndata: 2\n\n"], 5).cut(),
            open_pauses: 2,
            by_default: "1; 2; failed Disconnected; Truncated Cut",
            reconnecting: "1; 2; disconnected Disconnected; closed NoContent; Truncated Cut; \
                           asked for more after 2",
            ..H1
        },
        // reqwest decodes here, and removes the headers that frame the body.
        Case {
            name: "compressed_without_flush",
            reply: || Reply::compressed_without_flush(ContentCoding::Gzip, ONE),
            by_default: "1; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after 1",
            ..H1
        },
    ]);
}

#[test]
fn events_that_are_not_what_they_seem() {
    check(&[
        Case {
            name: "keep_alive_events with empty data",
            reply: || Reply::keep_alive_events(ONE, "data:\n\n", 2),
            by_default: "1; ; ; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; ; ; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after 1",
            ..H1
        },
        Case {
            name: "keep_alive_events with a type",
            reply: || Reply::keep_alive_events(ONE, "event: ping\ndata: \n\n", 1),
            by_default: "1; ping ; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; ping ; disconnected StreamEnded; closed NoContent; \
                           LastChunk Framed; asked for more after 1",
            ..H1
        },
        // The session cannot know that this ID refers to nothing.
        Case {
            name: "same_id",
            reply: || Reply::same_id("s", ["1", "2"]),
            by_default: "1; 2; closed StreamEnded; LastChunk Framed",
            reconnecting: "1; 2; disconnected StreamEnded; closed NoContent; LastChunk Framed; \
                           asked for more after s",
            ..H1
        },
    ]);
}
