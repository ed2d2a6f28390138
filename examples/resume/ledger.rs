//! Events in, a file that is always whole out.
//!
//! What was made of the events and the ID of the last of them stand in one file. If they were in
//! two, a crash between the two would lose an event, or count it twice.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sse_reqwest::ServerSentEvent;

/// How many events of each type there were, up to one of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    last_event_id: String,
    counts: BTreeMap<String, u64>,
}

impl Ledger {
    /// Reads the file; an empty ledger, if there is none.
    pub(crate) fn load(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(text) => Ok(serde_json::from_slice(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file by one that is complete and on the disk before it has that name.
    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        // The new name has to be on the disk too, where a directory can be synced.
        let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
        if cfg!(unix) {
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    }

    pub(crate) fn count(&mut self, event: &ServerSentEvent) {
        *self.counts.entry(event.event_type().to_owned()).or_default() += 1;
        // An event without an ID leaves the last one as it is.
        if let Some(id) = event.id() {
            id.clone_into(&mut self.last_event_id);
        }
    }

    /// The ID of the last event that is counted; empty, if there is none.
    pub(crate) fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    pub(crate) fn counts(&self) -> &BTreeMap<String, u64> {
        &self.counts
    }
}
