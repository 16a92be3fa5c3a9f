//! Progress on stderr: a bar with an honest estimate on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Tells on stderr what is being done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    terminal: bool,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { terminal: std::io::stderr().is_terminal() }
    }

    /// A line that stays.
    pub(crate) fn say(self, stage: &str, text: &str) {
        eprintln!("{stage:>9}  {text}");
    }

    /// A bar of so many steps; without a terminal, a line at each tenth.
    pub(crate) fn bar(self, stage: &'static str, steps: u64) -> Bar {
        let bar = if self.terminal {
            let template =
                "{prefix:>9}  {bar:30} {pos}/{len}  {elapsed} of about {duration}  {wide_msg}";
            let style = ProgressStyle::with_template(template).expect("the template is ours");
            let bar = ProgressBar::new(steps).with_style(style).with_prefix(stage);
            bar.enable_steady_tick(Duration::from_millis(500));
            Some(bar)
        } else {
            None
        };
        Bar { stage, steps, done: 0, bar, told: 0, begun: std::time::Instant::now() }
    }
}

/// One bar under way.
#[derive(Debug)]
pub(crate) struct Bar {
    stage: &'static str,
    steps: u64,
    done: u64,
    bar: Option<ProgressBar>,
    told: u64,
    begun: std::time::Instant,
}

impl Bar {
    /// So many steps are done; `text` says what comes.
    pub(crate) fn at(&mut self, done: u64, text: &str) {
        self.done = done;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            bar.set_message(text.to_owned());
            return;
        }
        let tenth = done * 10 / self.steps.max(1);
        if tenth > self.told {
            self.told = tenth;
            let seconds = self.begun.elapsed().as_secs();
            eprintln!("{:>9}  {done}/{} after {seconds} s  {text}", self.stage, self.steps);
        }
    }

    /// Takes the bar away; the last line says what it came to.
    pub(crate) fn end(self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        eprintln!("{:>9}  {text}", self.stage);
    }
}

/// So many of something, as people say it.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
