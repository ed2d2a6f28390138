//! Events that are reported to observers, or of which the times are taken. Others do not come here.

use std::time::Duration;

use sse_core::{LimitExceeded, ServerSentEvent};

use super::Driver;

impl Driver {
    /// Takes the next event, with its time, and notifies observers of it.
    #[inline(never)] // Inlined, its reference would keep every event in memory.
    pub(super) fn notified_event(&mut self) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let is_timed = self.awaits_event || self.config.view.measure_event_intervals;
        let read_at = self.machine.last_byte().filter(|_| is_timed);
        // Not for each event that is hidden before the first one.
        if let Some(read_at) = read_at.filter(|_| self.awaits_byte) {
            self.awaits_byte = false;
            self.machine.time_bytes(read_at);
        }
        let found = self.machine.event(|| self.clock.now());
        if let Ok(Some(event)) = &found {
            if let Some(read_at) = read_at.filter(|_| event.has_data()) {
                self.time_event(read_at);
            }
            self.observers.event(event);
            if self.machine.end_reason().is_some() {
                // It was the last one: the connection is closed now.
                let _ = self.settle();
            }
        }
        found
    }

    /// Takes note of an event with data, of a chunk that was read at this time.
    fn time_event(&mut self, read_at: Duration) {
        self.awaits_event = false;
        self.notifies = self.notifies_always;
        if self.machine.time_event(read_at) {
            self.observers.first_event();
        }
    }
}
