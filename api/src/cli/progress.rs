//! Progress on standard error, when it is a terminal.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner that says what is being done; silent off a terminal.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn new(quiet: bool, what: &str) -> Self {
        if quiet || !stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    pub(crate) fn say(&self, what: String) {
        self.0.set_message(what);
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

impl ::ingest::Progress for Spinner {
    fn file(&mut self, name: &str, number: usize, of: usize) {
        self.say(format!("读取 {name} ({number}/{of}) / reading"));
    }

    fn rows(&mut self, read: u64) {
        self.say(format!("已读 {read} 行 / rows read"));
    }

    fn writing(&mut self) {
        self.say("校验并写入 / judging and writing".into());
    }
}
