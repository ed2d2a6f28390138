//! Shows on a terminal what the session is waiting for.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::steps::StepKind;

pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    /// Creates a spinner on standard error, which indicatif hides if that is not a terminal.
    pub(crate) fn new(is_watched: bool) -> Self {
        if !is_watched {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message("connecting");
        let style = ProgressStyle::with_template("{spinner} {msg}");
        let bar = match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    pub(crate) fn step(&self, step: &StepKind) {
        self.0.set_message(match step {
            StepKind::Connecting { attempt: 0 } => "connecting".to_owned(),
            StepKind::Connecting { attempt } => format!("connecting, attempt {attempt}"),
            StepKind::Open(_) | StepKind::Gap(_) => "waiting for events".to_owned(),
            StepKind::Disconnected { delay, .. } => {
                format!("waiting {:.1} s for the next attempt", delay.as_secs_f64())
            }
        });
    }

    /// Hides the spinner while `write` runs.
    pub(crate) fn pause<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    pub(crate) fn stop(&self) {
        self.0.finish_and_clear();
    }
}

const TICK: Duration = Duration::from_millis(120);
