//! New credentials in, a request that carries them out, if it goes where they are for.

use reqwest::{Request, Url, header::HeaderMap};

/// New credentials, and a URL of the origin that has asked for them: they are for no other.
#[derive(Debug)]
pub(super) struct Refreshed {
    pub(super) headers: HeaderMap,
    pub(super) url: Url,
}

impl Refreshed {
    /// Sets them on a request of that origin, in place of what it has under their names.
    pub(super) fn set_on(&self, request: &mut Request) {
        if self.url.origin() == request.url().origin() {
            request.headers_mut().extend(self.headers.clone());
        }
    }
}
