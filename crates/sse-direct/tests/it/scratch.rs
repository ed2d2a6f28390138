//! Memory: what a session holds while its server is silent, and what it allocates while it is not.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use sse_session::SseConfig;

use crate::support::{End, Memory, Script, allocations, chunked, held, response, run};

#[test]
fn idle_sessions_hold_no_read_buffer() {
    const SESSIONS: usize = 50;
    run(async {
        let body = format!("2710\r\n: {}\n\r\n9\r\ndata: 1\n\n\r\n", "x".repeat(9997));
        let script =
            Script::new(response("transfer-encoding: chunked\r\n", body)).end(End::Silence);
        let memory = Memory::new((0..=SESSIONS).map(|_| script.clone()));
        let client = memory.client(SseConfig::new());
        let mut sessions = Vec::with_capacity(SESSIONS + 1);
        let mut before = 0;
        for number in 0..=SESSIONS {
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
            // The session waits for more.
            let waker = Waker::noop();
            let polled = pin!(session.next()).as_mut().poll(&mut Context::from_waker(waker));
            assert!(polled.is_pending());
            sessions.push(session);
            if number == 0 {
                // The buffer of the thread is there now.
                before = held();
            }
        }
        let each = (held() - before) / SESSIONS as isize;
        assert!(each < 4096, "{each} bytes per session");
    });
}

#[test]
fn small_reads_of_events_that_are_dropped_allocate_nothing() {
    const EVENTS: usize = 1000;
    for len in [1, 40, 400] {
        run(async {
            let event = format!("data: {}\n\n", "x".repeat(len));
            let chunk = format!("{:x}\r\n{event}\r\n", event.len());
            let head = response("transfer-encoding: chunked\r\n", "");
            let mut sizes = vec![head.len()];
            sizes.resize(EVENTS + 1, chunk.len());
            let body = chunk.repeat(EVENTS);
            let script =
                Script::new(response("transfer-encoding: chunked\r\n", body)).pieces(sizes);
            let client = Memory::new([script]).client(SseConfig::new());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            for _ in 0..10 {
                session.next().await.unwrap().unwrap();
            }
            let before = allocations();
            for _ in 10..EVENTS {
                assert_eq!(session.next().await.unwrap().unwrap().data().len(), len);
            }
            assert_eq!(allocations() - before, 0, "{len}");
        });
    }
}

#[test]
fn events_that_are_kept_stay_what_they_are_while_others_are_read() {
    run(async {
        let chunks: Vec<_> = (0..500).map(|number| format!("data: {number:0>50}\n\n")).collect();
        let body = chunked(&chunks.iter().map(String::as_str).collect::<Vec<_>>());
        let script = Script::new(body);
        let memory = Memory::new([3, 60, 200].map(|size| script.clone().pieces_of(size)));
        let client = memory.client(SseConfig::new());
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(client.sse_session("http://localhost/").await.unwrap());
        }
        let mut kept = Vec::new();
        for number in 0..500 {
            for session in &mut sessions {
                let event = session.next().await.unwrap().unwrap();
                if number % 7 == 0 {
                    kept.push((number, event));
                }
            }
        }
        for (number, event) in kept {
            assert_eq!(event.data(), format!("{number:0>50}"));
        }
    });
}
