//! `-X importtime`: how long each import takes, with and without those within it, as lines on the process's standard error.

use std::cell::Cell;
use std::io::Write;
use std::time::{Duration, Instant};

use crate::object::{Raised, Ref};
use crate::types::str::Str;

/// What is known of the imports that are under way.
#[derive(Default)]
pub struct ImportTimes {
    has_header: Cell<bool>,
    level: Cell<usize>,
    /// The time of the imports that ended within the current one.
    within: Cell<Duration>,
}

impl ImportTimes {
    /// Runs an import and tells its times.
    pub(super) fn measure(&self, name: &Str, import: impl FnOnce() -> Result<Ref, Raised>) -> Result<Ref, Raised> {
        if !self.has_header.replace(true) {
            tell(format_args!("import time: self [us] | cumulative | imported package\n"));
        }
        let level = self.level.get();
        self.level.set(level + 1);
        let before = self.within.take();
        let start = Instant::now();
        let module = import();
        let taken = start.elapsed();
        self.level.set(level);
        let own = microseconds(taken.saturating_sub(self.within.get()));
        let all = microseconds(taken);
        self.within.set(before + taken);
        tell(format_args!("import time: {own:9} | {all:10} | {:width$}{name}\n", "", width = level * 2));
        module
    }
}

/// Microseconds, rounded up.
fn microseconds(time: Duration) -> u128 {
    time.as_nanos().div_ceil(1000)
}

fn tell(text: std::fmt::Arguments<'_>) {
    // Nobody can be told that the standard error is closed.
    let _ = std::io::stderr().write_fmt(text);
}
