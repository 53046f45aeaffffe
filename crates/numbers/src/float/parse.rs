//! Text as floats: the rules of `float(text)`.

use crate::digits::parse::trim;

/// Parses `text` as `float(text)` does: white space around, a sign, `inf`, `infinity` or `nan` in any case, or a
/// decimal number, with single underscores between digits. `None` is ValueError "could not convert string to float:
/// '...'". The caller maps Unicode digits and spaces to ASCII first.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let text = trim(text);
    let (value, rest) = parse_prefix(text)?;
    rest.is_empty().then_some(value)
}

/// Parses the longest float at the start of `text`: its value, and what follows it.
pub fn parse_prefix(text: &[u8]) -> Option<(f64, &[u8])> {
    let unsigned = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let negative = text.first() == Some(&b'-');
    let signed = |value: f64| if negative { -value } else { value };
    for (name, value) in [(&b"infinity"[..], f64::INFINITY), (b"inf", f64::INFINITY), (b"nan", f64::NAN)] {
        if unsigned.len() >= name.len() && unsigned[..name.len()].eq_ignore_ascii_case(name) {
            return Some((signed(value), &unsigned[name.len()..]));
        }
    }
    let len = decimal_len(unsigned)?;
    let (number, rest) = unsigned.split_at(len);
    let value = if number.contains(&b'_') {
        let bare: Vec<u8> = number.iter().copied().filter(|&b| b != b'_').collect();
        std::str::from_utf8(&bare).ok()?.parse().ok()?
    } else {
        std::str::from_utf8(number).ok()?.parse().ok()?
    };
    Some((signed(value), rest))
}

/// The length of the decimal number at the start of `text`.
fn decimal_len(text: &[u8]) -> Option<usize> {
    let whole = digits_len(text);
    let mut len = whole;
    if text.get(len) == Some(&b'.') {
        let fraction = digits_len(&text[len + 1..]);
        if whole == 0 && fraction == 0 {
            return None;
        }
        len += 1 + fraction;
    } else if whole == 0 {
        return None;
    }
    if let Some(b'e' | b'E') = text.get(len) {
        let sign = usize::from(matches!(text.get(len + 1), Some(b'+' | b'-')));
        let exponent = digits_len(&text[len + 1 + sign..]);
        if exponent > 0 {
            len += 1 + sign + exponent;
        }
    }
    Some(len)
}

/// The length of the digits at the start of `text`, with single underscores between them.
fn digits_len(text: &[u8]) -> usize {
    let digit = |i: usize| text.get(i).is_some_and(u8::is_ascii_digit);
    let mut len = 0;
    while digit(len) || (len > 0 && text.get(len) == Some(&b'_') && digit(len + 1)) {
        len += 1;
    }
    len
}
