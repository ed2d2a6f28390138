//! What the session is waiting for, to be seen on a terminal and nowhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::steps::Happening;

pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    /// A spinner on standard error, if that is a terminal too.
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

    pub(crate) fn step(&self, step: &Happening) {
        self.0.set_message(match step {
            Happening::Connecting { attempt: 0 } => "connecting".to_owned(),
            Happening::Connecting { attempt } => format!("connecting, attempt {attempt}"),
            Happening::Open(_) => "waiting for events".to_owned(),
            Happening::Lost { wait, .. } => {
                format!("waiting {:.1} s for the next attempt", wait.as_secs_f64())
            }
        });
    }

    /// Writes something in its place.
    pub(crate) fn pause<T>(&self, write: impl FnOnce() -> T) -> T {
        self.0.suspend(write)
    }

    pub(crate) fn stop(&self) {
        self.0.finish_and_clear();
    }
}

const TICK: Duration = Duration::from_millis(120);
