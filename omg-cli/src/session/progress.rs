//! Progress of long work on a terminal's standard error, after 300 ms.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::context::Context;

/// A line that says what is being waited for; nothing where nobody watches.
pub struct Progress(ProgressBar);

impl Progress {
    pub fn new(context: &Context) -> Self {
        let common = &context.common;
        let watched = context.env.stderr_is_terminal && !common.quiet && !common.no_progress;
        if !watched {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// What is being waited for now.
    pub fn say(&self, text: impl Into<String>) {
        self.0.set_message(text.into());
        // The first tick draws: what ends sooner is never shown.
        self.0.enable_steady_tick(Duration::from_millis(300));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
