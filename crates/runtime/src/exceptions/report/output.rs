//! The text of a report while it grows, with the indentation and margin of exception groups, and how it reaches `sys.stderr`.

use crate::object::protocol::{self, TextBuilder};
use crate::object::{Raised, Ref};
use crate::types::singletons::is_none;
use crate::types::str::Str;

/// A report that is being written.
pub(super) struct Output {
    text: TextBuilder,
    /// How many groups the current exception is in; 1 for an outermost group itself.
    pub(super) depth: usize,
    /// Whether the line that closes a group is still to be written.
    pub(super) needs_close: bool,
}

impl Output {
    pub(super) fn new() -> Output {
        Output { text: TextBuilder::new(), depth: 0, needs_close: false }
    }

    pub(super) fn push(&mut self, text: &Str) -> Result<(), Raised> {
        self.text.push(text)
    }

    pub(super) fn push_str(&mut self, text: &str) -> Result<(), Raised> {
        if text.is_ascii() {
            return self.text.push_ascii(text);
        }
        self.text.push(&*Str::new(text)?)
    }

    /// A text that may have failed to come about, or else `otherwise`.
    pub(super) fn push_or(&mut self, text: Result<Ref<Str>, Raised>, otherwise: &str) -> Result<(), Raised> {
        match text {
            Ok(text) => self.push(&text),
            Err(raised) => {
                raised.clear();
                self.push_str(otherwise)
            }
        }
    }

    /// The spaces before a line.
    pub(super) fn indent(&mut self) -> Result<(), Raised> {
        self.push_str(&" ".repeat(2 * self.depth))
    }

    /// The spaces before a line and the bar of a group.
    pub(super) fn margin(&mut self) -> Result<(), Raised> {
        self.indent()?;
        if self.depth > 0 { self.push_str("| ") } else { Ok(()) }
    }

    /// Several lines, each behind the margin.
    pub(super) fn push_lines(&mut self, text: &Str) -> Result<(), Raised> {
        let chars = text.chars();
        let mut at_start = true;
        let mut units = habu_heap::Buffer::<u32>::new();
        for (index, character) in chars.iter().enumerate() {
            if at_start {
                self.flush_units(&mut units)?;
                self.margin()?;
            }
            units.push(character)?;
            let ends = matches!(character, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029);
            let pair = character == 0x0d && index + 1 < chars.len() && chars.at(index + 1) == 0x0a;
            at_start = ends && !pair;
        }
        self.flush_units(&mut units)
    }

    fn flush_units(&mut self, units: &mut habu_heap::Buffer<u32>) -> Result<(), Raised> {
        if !units.is_empty() {
            let text = Str::from_code_points(units)?;
            self.text.push(&text)?;
            units.clear();
        }
        Ok(())
    }

    /// The text.
    pub(super) fn text(self) -> Result<Ref<Str>, Raised> {
        self.text.finish()
    }

    /// Writes the text to `sys.stderr`; where there is none, to the standard error of the process.
    pub(super) fn flush(self) {
        let text = match self.text.finish() {
            Ok(text) => text,
            Err(raised) => return raised.clear(),
        };
        let Some(stream) = super::sys_attribute("stderr") else {
            // Nobody can be told that the standard error is closed.
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{text}"));
            return;
        };
        if is_none(&stream) {
            return;
        }
        let write = || -> Result<(), Raised> {
            protocol::call_method(&stream, &*Str::intern("write")?, &[&text])?;
            protocol::call_method(&stream, &*Str::intern("flush")?, &[]).map(drop)
        };
        if let Err(raised) = write() {
            raised.clear();
        }
    }
}
