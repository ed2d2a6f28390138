//! Refreshed credentials: headers for the requests of one origin.

use std::fmt;

use http::{HeaderMap, Uri};

use crate::uri::same_origin;

/// New credentials, and a URI of the origin that they are for. No other origin gets them.
pub(super) struct Refreshed {
    pub(super) headers: HeaderMap,
    pub(super) uri: Uri,
}

impl Refreshed {
    /// Sets the credentials on a request to `uri`, in place of headers with their names.
    pub(super) fn set_on(&self, headers: &mut HeaderMap, uri: &Uri) {
        if same_origin(&self.uri, uri) {
            headers.extend(self.headers.clone());
        }
    }

    /// Removes the credentials from a request that is redirected to `uri`, if that is another
    /// origin.
    pub(super) fn remove_from(&self, headers: &mut HeaderMap, uri: &Uri) {
        if !same_origin(&self.uri, uri) {
            for name in self.headers.keys() {
                headers.remove(name);
            }
        }
    }
}

impl fmt::Debug for Refreshed {
    /// Shows no value of a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.headers.keys()).finish()
    }
}
