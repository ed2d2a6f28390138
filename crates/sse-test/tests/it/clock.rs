//! Test clock: sleeps and deadlines.

use std::time::Duration;

use sse_test::TestClock;

use crate::support::{is_pending, run};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_skipping_clock_jumps_to_the_end_of_a_sleep() {
    run(async {
        let clock = TestClock::skipping();
        clock.sleep(HOUR).await;
        clock.sleep(2 * HOUR).await;
        assert_eq!(clock.now(), 3 * HOUR);
        assert_eq!(clock.asked(), [HOUR, 2 * HOUR]);
        assert_eq!(clock.running(), 0);
    });
}

#[test]
fn a_skipping_clock_skips_no_deadline_but_may_come_to_it() {
    run(async {
        let clock = TestClock::skipping();
        let mut deadline = Box::pin(clock.deadline(HOUR));
        assert!(is_pending(&mut deadline).await);
        clock.sleep(HOUR / 2).await;
        assert!(is_pending(&mut deadline).await);
        clock.advance(HOUR / 2);
        deadline.await;
        assert_eq!((clock.now(), clock.running()), (HOUR, 0));
        assert_eq!(clock.asked(), [HOUR, HOUR / 2]);
    });
}

#[test]
fn a_manual_clock_stands_until_it_is_moved() {
    run(async {
        let clock = TestClock::manual();
        let mut sleep = Box::pin(clock.sleep(HOUR));
        assert!(is_pending(&mut sleep).await);
        clock.advance(HOUR - Duration::from_nanos(1));
        assert!(is_pending(&mut sleep).await);
        clock.advance(Duration::from_nanos(1));
        sleep.await;
        assert_eq!((clock.now(), clock.running()), (HOUR, 0));
    });
}

#[test]
fn a_sleep_runs_from_its_call_until_it_is_dropped() {
    run(async {
        let clock = TestClock::manual();
        assert!(is_pending(clock.asked_for(1)).await);
        let sleep = clock.sleep(HOUR);
        clock.clone().asked_for(1).await;
        assert_eq!(clock.running(), 1);
        drop(sleep);
        assert_eq!(clock.running(), 0);
    });
}

#[test]
fn sleep_accepts_the_longest_duration() {
    run(async {
        let clock = TestClock::skipping();
        clock.sleep(Duration::MAX).await;
        clock.sleep(Duration::MAX).await;
        assert_eq!(clock.now(), Duration::MAX);
        let clock = TestClock::manual();
        clock.advance(HOUR);
        assert!(is_pending(clock.sleep(Duration::MAX)).await);
    });
}
