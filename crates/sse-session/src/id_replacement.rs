//! Replacement of the last event ID by the caller, given the head of a response.
//!
//! When it is asked for is decided elsewhere.

use std::sync::Arc;

use crate::{
    call::ResponseHead,
    threads::{MaybeSendSync, Shared},
};

/// Function of the caller that may replace the last event ID.
#[derive(Debug, Clone, Default)]
pub(crate) struct IdReplacement {
    hook: Option<Shared<dyn ReplaceId>>,
}

pub(crate) trait ReplaceId:
    Fn(&ResponseHead, &str) -> Option<String> + MaybeSendSync
{
}

impl<F: Fn(&ResponseHead, &str) -> Option<String> + MaybeSendSync> ReplaceId for F {}

impl IdReplacement {
    pub(crate) fn new(hook: impl ReplaceId + 'static) -> Self {
        Self { hook: Some(Shared(Arc::new(hook))) }
    }

    /// Returns the ID that takes the place of `id` after this response; `None` to keep it.
    pub(crate) fn of(&self, response: &ResponseHead, id: &str) -> Option<String> {
        (self.hook.as_ref()?.0)(response, id)
    }
}
