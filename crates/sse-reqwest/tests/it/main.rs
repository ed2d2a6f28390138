//! Sessions against real servers on loopback, through the public API.
//!
//! The modules are in reading order: the tools of the tests, one connection, what a consumer sees
//! of it, many connections, the ends, and the types. Every test starts its own server on a free
//! port. None sleeps, leaves loopback, or measures real time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod support; // steps that many tests share

mod requests; // first request of a session, as it is sent
mod handshake; // heads of first responses
mod redirects;
mod cookies; // cookies and other state that bind a client to a server, in the requests of a session
mod credentials; // credentials that a session refreshes
mod proxies; // event streams through proxies, which reqwest connects to
// The session decodes all of them.
#[cfg(all(feature = "gzip", feature = "deflate", feature = "br", feature = "zstd"))]
mod compression; // compressed event streams over sockets
mod parsing; // Ktor's fourteen parser cases, end to end
mod sessions; // consuming the events of a session
mod filters;
mod last_event_id; // `Last-Event-ID` headers after the IDs of events
mod delays; // waits between connections, after `retry` fields and with a configured time
mod reconnection;
mod policies; // reconnection policies
mod disconnects; // ends of connections, and whether each one is a disconnect
mod resume; // requests with side effects, and whether they are repeated
mod responses; // sessions that begin with a response that was already received
mod resumed_responses; // disconnects of sessions that began with a response
mod clients; // clients that are replaced when a fresh connection is needed
mod factories; // functions of the caller's
mod acknowledgement; // acknowledgment of events
mod storms; // reconnection storms
mod feeds;
mod real_servers; // sessions with the replies of real servers and proxies
mod backpressure;
mod closing; // ways to stop a session, and what the server sees of each
mod interleavings;
mod handles; // session handles
mod terminal; // terminal events, and ends that report whether the event was received
mod timeouts; // timeouts of the `reqwest::Client`, and their effect on a session
mod deadlines;
mod keep_alives;
mod runtimes; // tokio runtimes
mod protocols; // versions of HTTP
// These need what the feature adds.
#[cfg(feature = "http2")]
mod windows; // flow-control windows of HTTP/2
#[cfg(all(feature = "http2", feature = "gzip"))]
mod truth; // properties of errors
mod limits;
mod buffers; // buffer policies
mod lifecycle;
mod observers;
#[cfg(feature = "tracing")]
mod traces; // spans and events of sessions, as a subscriber sees them
mod values; // sessions with sse-typed
mod answers; // answers of language models from a server that fails in every way
mod wpt; // the connection cases of the web-platform-tests
mod errors;
mod secrets; // secrets of requests
mod types; // auto traits and sizes of the public types

// Counterparts of the cases of Ktor's own client tests (`ServerSentEventsTest`, in their order
// there):
//
//  1  has no counterpart: what is not installed does not compile
//  2  requests::the_same_client_still_makes_ordinary_requests
//  3  requests::an_event_has_all_its_lines
//  4  sessions::two_sessions_at_once_are_each_complete_and_in_order
//  5  closing::the_server_sees_that_an_open_session_is_stopped
//  6  timeouts::an_unknown_host_is_an_error_with_its_cause
//  7  sessions::the_error_of_a_block_is_its_value_and_the_call_is_available
//  8  closing::a_task_that_is_aborted_closes_its_session
//  9  filters::of_a_hundred_blocks_with_fifty_comments_fifty_are_shown_by_default
// 10  filters::shown_comments_stand_where_they_came
// 11  filters::what_a_request_changes_is_back_for_the_next_one
// 12  timeouts::the_clients_total_timeout_does_not_cut_a_session
// 13  factories::credentials_are_refreshed_and_used_from_then_on,
//     handshake::a_401_says_what_to_do_and_a_new_request_opens
// 14 handshake::a_404_is_an_error_with_its_status 15
// handshake::another_content_type_opens_nothing_and_is_not_retried 16
// handshake::parameters_and_letter_case_of_the_content_type_do_not_matter_and_it_is_always_utf_8 17
// requests::a_post_sends_its_body_and_content_type_and_gets_the_echo 18
// requests::a_get_without_a_body_has_no_content_length 19
// requests::a_post_body_has_its_content_length 20
// requests::a_body_that_cannot_be_read_is_an_error_with_its_cause (reqwest upgrades no body) 21
// requests::a_post_needs_no_body 22 has no counterpart: reqwest has no logging plugin that could
// read the body 23 to 26 are about deserializers, which are sse-typed's 27
// reconnection::a_session_resumes_where_its_connection_ended 28
// reconnection::the_error_of_a_block_after_a_reconnection_is_its_value 29
// reconnection::a_500_on_the_only_attempt_is_the_error 30
// reconnection::a_session_of_many_connections_ends_when_the_caller_closes_it 31
// reconnection::an_attempt_may_succeed_after_others_have_failed 32
// handshake::a_204_first_is_a_session_without_events_and_one_request,
//     reconnection::a_204_ends_a_session_for_good
// 33  handshake::a_200_with_an_empty_body_is_a_session_without_events
// 34  buffers::each_buffer_policy_keeps_what_it_documents, and so 36
// 35  buffers::a_request_may_keep_more_or_less_than_its_client
// 37  buffers::of_a_hundred_events_the_last_are_kept, and so 38
// 39  buffers::nothing_is_kept_before_anything_was_taken
// 40  handshake::a_refusal_has_its_headers_and_a_body_to_read_twice
// 41  handshake::a_refusal_in_json_is_kept_as_it_is
// 42  closing::ten_sessions_opened_and_closed_in_a_row_do_not_get_stuck
// 43  closing::the_server_sees_that_an_open_session_is_stopped
//
// Those of its parser tests are parsing::ktor_a1 to ktor_a14.
