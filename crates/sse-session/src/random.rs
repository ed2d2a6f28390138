//! Source of randomness of sessions.

use std::sync::Arc;

use crate::threads::{MaybeSendSync, Shared};

/// Source of numbers from 0 to 1.
#[derive(Debug, Clone, Default)]
pub(crate) enum Random {
    #[default]
    ThreadLocal,
    Custom(Shared<dyn Numbers>),
}

pub(crate) trait Numbers: Fn() -> f64 + MaybeSendSync {}

impl<F: Fn() -> f64 + MaybeSendSync> Numbers for F {}

impl Random {
    pub(crate) fn custom(numbers: impl Numbers + 'static) -> Self {
        Self::Custom(Shared(Arc::new(numbers)))
    }

    pub(crate) fn next(&self) -> f64 {
        match self {
            Self::ThreadLocal => fastrand::f64(),
            Self::Custom(numbers) => (numbers.0)(),
        }
    }
}
