//! Numbers, and what may not follow them.

use super::super::error::{Span, SpanEnd};
use super::{Kind, Scan, Scanner};

impl Scanner<'_> {
    /// A number. Its value is read later; here only its form is checked.
    pub(super) fn number(&mut self) -> Scan<()> {
        let start = self.position;
        let kind = match (self.peek(), self.peek_at(1)) {
            (b'0', b'x' | b'X') => self.radix("hexadecimal", |byte| byte.is_ascii_hexdigit())?,
            (b'0', b'o' | b'O') => self.radix("octal", |byte| matches!(byte, b'0'..=b'7'))?,
            (b'0', b'b' | b'B') => self.radix("binary", |byte| matches!(byte, b'0' | b'1'))?,
            _ => self.decimal(start)?,
        };
        self.check_end(kind)?;
        self.push(Kind::Number, start as u32, self.position as u32);
        Ok(())
    }

    /// The digits after `0x` and its like.
    fn radix(&mut self, kind: &'static str, is_digit: fn(u8) -> bool) -> Scan<&'static str> {
        self.position += 2;
        loop {
            if self.peek() == b'_' {
                self.position += 1;
            }
            let byte = self.peek();
            if !is_digit(byte) {
                if byte.is_ascii_digit() {
                    return self.error(
                        format!("invalid digit '{}' in {kind} literal", char::from(byte)),
                        Span::point(self.position as u32),
                    );
                }
                return self.error(format!("invalid {kind} literal"), Span::point(self.last()));
            }
            while is_digit(self.peek()) {
                self.position += 1;
            }
            if self.peek() != b'_' {
                break;
            }
        }
        let byte = self.peek();
        if byte.is_ascii_digit() {
            return self.error(
                format!("invalid digit '{}' in {kind} literal", char::from(byte)),
                Span::point(self.position as u32),
            );
        }
        Ok(kind)
    }

    /// The place of the last character read.
    fn last(&self) -> u32 {
        (self.position as u32).saturating_sub(1)
    }

    /// Digits with single underscores between them.
    fn digits(&mut self) -> Scan<()> {
        loop {
            while self.peek().is_ascii_digit() {
                self.position += 1;
            }
            if self.peek() != b'_' {
                return Ok(());
            }
            self.position += 1;
            if !self.peek().is_ascii_digit() {
                return self.error("invalid decimal literal", Span::point(self.last()));
            }
        }
    }

    /// A decimal integer, a float or an imaginary number.
    fn decimal(&mut self, start: usize) -> Scan<&'static str> {
        self.digits()?;
        let integer_end = self.position;
        let mut is_integer = true;
        let mut kind = "decimal";
        if self.peek() == b'.' {
            is_integer = false;
            self.position += 1;
            if self.peek().is_ascii_digit() {
                self.digits()?;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek_at(1), b'+' | b'-'));
            if self.peek_at(1 + sign).is_ascii_digit() {
                is_integer = false;
                self.position += 1 + sign;
                self.digits()?;
            } else if sign == 1 {
                self.position += 2;
                return self.error("invalid decimal literal", Span::point(self.last()));
            } else {
                self.check_end(kind)?;
            }
        }
        if matches!(self.peek(), b'j' | b'J') {
            is_integer = false;
            self.position += 1;
            kind = "imaginary";
        }
        let digits = &self.bytes[start..integer_end];
        if is_integer && digits.len() > 1 && digits[0] == b'0' && digits.iter().any(|byte| matches!(byte, b'1'..=b'9'))
        {
            let zeros = digits.iter().take_while(|byte| matches!(byte, b'0' | b'_')).count();
            return self.error(
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                Span { start: start as u32, end: SpanEnd::At((start + zeros) as u32) },
            );
        }
        Ok(kind)
    }

    /// What stands right after a number: a keyword is deprecated, another letter is an error.
    fn check_end(&mut self, kind: &str) -> Scan<()> {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        // A keyword may follow; of those in `i` only the beginning is looked at.
        let keywords: &[&[u8]] = match rest.first() {
            Some(b'a') => &[b"and"],
            Some(b'e') => &[b"else"],
            Some(b'f') => &[b"for"],
            Some(b'i') => &[b"if", b"in", b"is"],
            Some(b'n') => &[b"not"],
            Some(b'o') => &[b"or"],
            _ => &[],
        };
        let is_name = |byte: Option<&u8>| matches!(byte, Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' | 128..));
        let follows =
            |keyword: &&[u8]| rest.starts_with(keyword) && (keyword[0] == b'i' || !is_name(rest.get(keyword.len())));
        if keywords.iter().any(follows) {
            // An `e` is looked at twice: as an exponent's, and as the end.
            let warning = (format!("invalid {kind} literal"), self.position as u32);
            if self.out.warnings.last() != Some(&warning) {
                self.out.warnings.push(warning);
            }
            return Ok(());
        }
        match rest.first() {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9') => {
                self.error(format!("invalid {kind} literal"), Span::point(self.last()))
            }
            _ => Ok(()),
        }
    }
}
