//! Memory: what a session holds while its server is silent.

use std::{
    pin::pin,
    task::{Context, Waker},
};

use sse_session::SseConfig;

use crate::{
    heap::held,
    support::{End, Memory, Script, response, run},
};

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
