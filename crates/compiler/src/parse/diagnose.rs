//! What is wrong with a text.

use super::Start;
use super::error::SyntaxError;
use super::lower::Unit;

/// The error that CPython 3.11 reports for a text that it refuses.
pub(super) fn diagnose(unit: &mut Unit<'_>, _start: Start) -> SyntaxError {
    if let Some(error) = &unit.tokens.error {
        return unit.source().error(error.kind, error.message.clone(), error.span);
    }
    unit.source().syntax_error("invalid syntax", 0, 0)
}
