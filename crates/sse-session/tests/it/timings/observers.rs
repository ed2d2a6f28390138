//! Timings as observers see them, at the head, at the first event and at the end of a connection.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use sse_session::{Call, ServerSentEvent, SessionObserver, SseError};

use super::{Server, USUAL, secs, shown, stream};
use crate::support::run;

/// Name of a call, and the times that it has.
type Note = (&'static str, [Option<u64>; 4]);

#[derive(Default)]
struct Notes {
    notes: Mutex<Vec<Note>>,
    events: Mutex<Vec<&'static str>>,
}

impl Notes {
    fn note(&self, what: &'static str, call: &Call) {
        self.notes.lock().unwrap().push((what, shown(call.timings())));
    }

    fn note_error(&self, what: &'static str, error: &SseError) {
        self.notes.lock().unwrap().push((what, shown(error.timings().unwrap())));
    }
}

impl SessionObserver for Notes {
    fn on_open(&self, call: &Call) {
        self.note("open", call);
    }

    fn on_first_event(&self, call: &Call) {
        self.events.lock().unwrap().push("first");
        self.note("first event", call);
    }

    fn on_event(&self, _: &ServerSentEvent) {
        self.events.lock().unwrap().push("event");
    }

    fn on_connection_closed(&self, call: &Call) {
        self.note("closed", call);
    }

    fn on_disconnect(&self, cause: &SseError, _: Duration) {
        self.note_error("disconnect", cause);
    }

    fn on_failed(&self, error: &SseError) {
        self.note_error("failed", error);
    }
}

#[test]
fn timings_are_reported_on_open_on_first_event_and_on_connection_closed() {
    run(async {
        let notes = Arc::new(Notes::default());
        let rejected = stream(4, &[]).status(404);
        let server = Server::new([stream(3, USUAL).cut(), stream(2, &[]), rejected]);
        let config = server.config().max_reconnection_attempts(5).observer(notes.clone());
        let mut session = server.open(config).await;
        super::rest(&mut session).await;
        assert_eq!(
            *notes.notes.lock().unwrap(),
            [
                ("open", [Some(3), None, None, None]),
                ("first event", [Some(3), Some(5), Some(7), None]),
                ("closed", [Some(3), Some(5), Some(7), Some(12)]),
                ("disconnect", [Some(3), Some(5), Some(7), Some(12)]),
                ("open", [Some(2), None, None, None]),
                ("closed", [Some(2), None, None, Some(3)]),
                ("disconnect", [Some(2), None, None, Some(3)]),
                ("failed", [Some(4), None, None, Some(5)]),
            ]
        );
        assert_eq!(*notes.events.lock().unwrap(), ["first", "event", "event", "event"]);
    });
}

#[test]
fn on_connection_closed_has_the_end_of_a_session_that_is_dropped() {
    run(async {
        let notes = Arc::new(Notes::default());
        let server = Server::new([stream(3, USUAL)]);
        let session = server.open(server.config().observer(notes.clone())).await;
        server.clock.advance(secs(6));
        drop(session);
        let closed = notes.notes.lock().unwrap().pop();
        assert_eq!(closed, Some(("closed", [Some(3), None, None, Some(9)])));
    });
}
