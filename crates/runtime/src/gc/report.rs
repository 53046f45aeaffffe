//! What `gc.set_debug` makes a collection print to `sys.stderr`.

use std::time::Instant;

use super::list::{heads, size};
use super::state::GcState;
use super::{GcHead, debug};
use crate::exceptions::report::write_to_stderr;

impl GcState {
    /// The lines that DEBUG_STATS prints before a collection; gives when it began.
    pub(super) fn report_start(&self, generation: usize) -> Option<Instant> {
        if self.debug.get() & debug::STATS == 0 {
            return None;
        }
        write_to_stderr(&format!("gc: collecting generation {generation}...\n"));
        let sizes: String =
            self.generations.iter().map(|generation| format!(" {}", size(&generation.anchor))).collect();
        let frozen = self.frozen();
        write_to_stderr(&format!(
            "gc: objects in each generation:{sizes}\ngc: objects in permanent generation: {frozen}\n"
        ));
        Some(Instant::now())
    }

    /// The line that DEBUG_STATS prints after a collection.
    pub(super) fn report_end(&self, began: Option<Instant>, unreachable: isize, uncollectable: isize) {
        if let Some(began) = began {
            let seconds = began.elapsed().as_secs_f64();
            write_to_stderr(&format!(
                "gc: done, {unreachable} unreachable, {uncollectable} uncollectable, {seconds:.4}s elapsed\n"
            ));
        }
    }

    /// A line for each object of a list.
    pub(super) fn report_objects(&self, flag: i32, what: &str, list: &GcHead) {
        if self.debug.get() & flag != 0 {
            for head in heads(list) {
                let object = head.object();
                write_to_stderr(&format!("gc: {what} <{} {:#x}>\n", object.ty().full_name(), object.address()));
            }
        }
    }
}
