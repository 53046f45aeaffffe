//! `'...' % (a, b)`: a format with only `%s`, `%r` and `%a` becomes an f-string.

use crate::ast::{Constant, Expr, ExprKind, Location, Text};

/// More digits than this in a width or a precision, and the format is left alone.
const MOST_DIGITS: usize = 2;

/// The values of the f-string that a format of these elements is; `None` leaves them as they are.
pub(super) fn fold(format: &Text, elements: &mut Vec<Expr>) -> Option<Vec<Expr>> {
    let pieces = split(format.as_bytes())?;
    let fields = pieces.iter().filter(|piece| matches!(piece, Piece::Field { .. })).count();
    if fields != elements.len() {
        return None;
    }
    let literals: Option<Vec<Option<Text>>> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(bytes) => Text::from_bytes(bytes.clone()).map(Some),
            Piece::Field { .. } => Some(None),
        })
        .collect();
    let mut elements = std::mem::take(elements).into_iter();
    let mut values = Vec::new();
    for (piece, literal) in pieces.into_iter().zip(literals?) {
        if let Some(text) = literal {
            values.push(invented(text));
        } else if let (Piece::Field { conversion, spec }, Some(value)) = (piece, elements.next()) {
            let location = value.location;
            let format_spec = (!spec.is_empty()).then(|| Box::new(invented(Text::from(spec))));
            let kind =
                ExprKind::FormattedValue { value: Box::new(value), conversion: i32::from(conversion), format_spec };
            values.push(Expr::new(kind, location));
        }
    }
    Some(values)
}

/// A string that stands nowhere in the source.
fn invented(text: Text) -> Expr {
    Expr::new(ExprKind::Constant { value: Constant::Str(text), kind: None }, Location::default())
}

enum Piece {
    Literal(Vec<u8>),
    Field { conversion: u8, spec: String },
}

/// Splits a format into literal text and fields. `None` if there is a field of another kind.
fn split(format: &[u8]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut literal = Vec::new();
    let mut rest = format;
    loop {
        match rest {
            [b'%', b'%', tail @ ..] => {
                literal.push(b'%');
                rest = tail;
            }
            [b'%', tail @ ..] => {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                let (field, tail) = field(tail)?;
                pieces.push(field);
                rest = tail;
            }
            [byte, tail @ ..] => {
                literal.push(*byte);
                rest = tail;
            }
            [] => break,
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Some(pieces)
}

/// One field, after its `%`.
fn field(format: &[u8]) -> Option<(Piece, &[u8])> {
    let mut rest = format;
    let mut left = false;
    while let [b'-', tail @ ..] = rest {
        left = true;
        rest = tail;
    }
    let (width, tail) = digits(rest)?;
    let (precision, tail) = match tail {
        [b'.', tail @ ..] => {
            let (precision, tail) = digits(tail)?;
            (Some(precision.unwrap_or(0)), tail)
        }
        _ => (None, tail),
    };
    let (&conversion @ (b's' | b'r' | b'a'), tail) = tail.split_first()? else { return None };
    let mut spec = String::new();
    // Values are aligned to the right by default in a format, to the left in an f-string.
    if !left && width.is_some_and(|width| width > 0) {
        spec.push('>');
    }
    if let Some(width) = width {
        spec.push_str(&width.to_string());
    }
    if let Some(precision) = precision {
        spec.push_str(&format!(".{precision}"));
    }
    Some((Piece::Field { conversion, spec }, tail))
}

/// A number, if there is one; `None` if it is too long.
fn digits(format: &[u8]) -> Option<(Option<u32>, &[u8])> {
    let count = format.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count > MOST_DIGITS {
        return None;
    }
    let (digits, rest) = format.split_at(count);
    Some((std::str::from_utf8(digits).ok()?.parse().ok(), rest))
}
