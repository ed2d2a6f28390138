//! Chains of error sources.

use std::{error::Error, io};

/// Returns the error, its source, the source of that, and so on. The source of an `io::Error` that
/// was made of another error is that error, which `io::Error::source` skips.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| error.source())
    })
}
