//! URI that responded, which a transport that follows redirects reports with the response.

use http::Uri;

/// Extension of a response: the URI that responded, after the redirects that the transport
/// followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalUri(Uri);

impl FinalUri {
    /// Creates the extension.
    #[must_use]
    pub fn new(uri: Uri) -> Self {
        Self(uri)
    }

    /// Returns the URI.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.0
    }
}
