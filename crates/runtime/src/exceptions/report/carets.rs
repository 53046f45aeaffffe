//! The marks under a line of source that show which part of it failed (PEP 657).
//!
//! All is underlined with carets. For a binary operation the operator has carets and the operands tildes; for a subscript the brackets and
//! what is in them have carets. Nothing is shown when the whole line would be underlined alike.

use habu_compiler::ast::{ExprKind, Mod, StmtKind};
use habu_compiler::parse::{Flags, Mode, parse};
use habu_text::unicode::east_asian_width;

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

/// The marks for the bytes `start..end` of the line, whose first `cut` characters are not shown. Where the range goes on in further lines
/// (`single` is false), it is taken to end with the line.
pub(super) fn marks(line: &str, cut: usize, single: bool, start: usize, end: usize) -> Option<String> {
    let characters = |bytes: usize| width(line.char_indices().take_while(|(at, _)| *at < bytes).map(|(_, c)| c));
    let trimmed = line.trim_end_matches([' ', '\t', '\u{c}']);
    let length = width(trimmed.chars());
    let from = characters(start);
    let to = if single { characters(end) } else { length };
    let anchors = if single { line.get(start..end.min(line.len())).and_then(anchors) } else { None };
    if anchors.is_none() && to > from && to - from == length.saturating_sub(cut) {
        return None;
    }
    // An empty range leaves an empty line.
    let from = from.max(cut).min(to.max(cut));
    let to = to.max(from);
    let mut text = " ".repeat(from - cut);
    match anchors {
        None => text.push_str(&"^".repeat(to - from)),
        Some((left, right)) => {
            let (left, right) = (characters(start + left), characters(start + right));
            text.extend((from..to).map(|at| if (left..right).contains(&at) { '^' } else { '~' }));
        }
    }
    Some(text)
}

/// The columns that characters take up: two for the wide ones of East Asian scripts.
fn width(characters: impl Iterator<Item = char>) -> usize {
    let columns = |c: char| if c.is_ascii() || !matches!(east_asian_width(c.into()), "W" | "F") { 1 } else { 2 };
    characters.map(columns).sum()
}

/// The bytes within an expression that are its operator or subscript.
fn anchors(segment: &str) -> Option<(usize, usize)> {
    let parsed = parse(segment, Mode::Exec, Flags::default()).ok()?;
    let Mod::Module { body, .. } = parsed.tree else { return None };
    let [statement] = body.as_slice() else { return None };
    let StmtKind::Expr { value } = &statement.kind else { return None };
    let bytes = segment.as_bytes();
    match &value.kind {
        ExprKind::BinOp { left, right, .. } => {
            let (from, to) = (left.location.end_column as usize, right.location.column as usize);
            let mut at = from;
            // Closing parentheses of the left operand stand before the operator.
            while at < to && (is_blank(*bytes.get(at)?) || bytes[at] == b')') {
                at += 1;
            }
            if at >= to {
                return None;
            }
            let two = at + 1 < to && bytes.get(at + 1).is_some_and(|byte| !is_blank(*byte) && *byte != b'(');
            Some((at, at + 1 + usize::from(two)))
        }
        ExprKind::Subscript { value, slice, .. } => {
            let mut left = value.location.end_column as usize;
            let mut right = slice.location.end_column as usize;
            while left < bytes.len() && bytes[left] != b'[' {
                left += 1;
            }
            while right < bytes.len() && bytes[right] != b']' {
                right += 1;
            }
            Some((left, (right + 1).min(bytes.len())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::marks;

    #[test]
    fn operators_and_subscripts_are_told_from_their_operands() {
        assert_eq!(marks("    x = a + b", 4, true, 8, 13).as_deref(), Some("    ~~^~~"));
        assert_eq!(marks("    x = a // b", 4, true, 8, 14).as_deref(), Some("    ~~^^~~"));
        assert_eq!(marks("    return a['b']", 4, true, 11, 17).as_deref(), Some("       ~^^^^^"));
        assert_eq!(marks("    f(1)", 4, true, 4, 8), None);
        assert_eq!(marks("x = '说' + 1", 0, true, 4, 13).as_deref(), Some("    ~~~~~^~~"));
        assert_eq!(marks("def f():", 0, true, 0, 0).as_deref(), Some(""));
        assert_eq!(marks("    x = f(1)", 4, true, 8, 12).as_deref(), Some("    ^^^^"));
    }
}
