//! Stores the result of a run: the counts, and the ID of the last event that was counted.
//!
//! Both are in one file, which is replaced atomically. With two files, a crash between the two
//! writes would lose an event or count it twice.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sse_reqwest::ServerSentEvent;

/// Number of events of each type, up to and including the last event ID.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    last_event_id: String,
    counts: BTreeMap<String, u64>,
}

impl State {
    /// Reads the file. Returns the empty state if the file does not exist.
    pub(crate) fn load(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file by a new one that is completely on disk before it gets this name.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        // The rename has to reach the disk too. Only on Unix can a directory be synced.
        let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
        if cfg!(unix) {
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    }

    /// Counts an event.
    pub(crate) fn count(&mut self, event: &ServerSentEvent) {
        *self.counts.entry(event.event_type().to_owned()).or_default() += 1;
        // An event without an ID does not change the last event ID.
        if let Some(id) = event.id() {
            id.clone_into(&mut self.last_event_id);
        }
    }

    /// Returns the ID of the last event that was counted, or the empty string.
    pub(crate) fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    pub(crate) fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }
}
