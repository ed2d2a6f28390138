//! What a server has seen, kept for the test to look at or to wait for.
//!
//! Servers write it, tests read it. Judges nothing.

use tokio::sync::watch;

/// A request as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// The path and the query.
    pub(crate) target: String,
    /// In their order, the names in lower case.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// All values of a header, which must be UTF-8.
    #[track_caller]
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let of_name = self.headers.iter().filter(|(header, _)| header == name);
        of_name.map(|(_, value)| std::str::from_utf8(value).unwrap()).collect()
    }

    /// The value of a header that must not be there twice.
    #[track_caller]
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() <= 1, "{name}: {values:?}");
        values.first().copied()
    }

    /// The `Last-Event-ID`.
    #[track_caller]
    pub(crate) fn last_event_id(&self) -> Option<&str> {
        self.value("last-event-id")
    }
}

/// All that a server has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    pub(crate) requests: Vec<Seen>,
    /// How many connections the client has closed while the server had not.
    pub(crate) closed_by_client: usize,
}

/// A record that can be waited on.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    record: watch::Sender<Record>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { record: watch::Sender::new(Record::default()) }
    }

    pub(crate) fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    pub(crate) fn write(&self, entry: impl FnOnce(&mut Record)) {
        self.record.send_modify(entry);
    }

    /// Waits until the record is as the test wants it.
    pub(crate) async fn wait_for(&self, reached: impl Fn(&Record) -> bool) -> Record {
        let mut changes = self.record.subscribe();
        changes.wait_for(|record| reached(record)).await.unwrap().clone()
    }
}
