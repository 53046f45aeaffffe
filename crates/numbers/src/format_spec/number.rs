//! Integers, floats and complex numbers by a specification.

use super::grouping::{Grouping, write_grouped};
use super::{Align, Body, FormatError, Formatted, Lead, Locale, Sign, Spec};
use crate::complex::Complex;
use crate::digits::{Signed, float::to_f64, small, text};
use crate::float::text::{Code, Flags, write_float};

/// The largest precision (`INT_MAX`).
const MAX_PRECISION: usize = i32::MAX as usize;

/// `format(integer, spec)`. `type_name` is `int` or that of a subclass, for messages.
pub fn format_int(
    value: Signed<'_>,
    spec: &Spec,
    locale: &Locale<'_>,
    type_name: &str,
) -> Result<Formatted, FormatError> {
    let radix = match u8::try_from(spec.kind) {
        Ok(b'd' | b'n' | b'c') => 10,
        Ok(b'b') => 2,
        Ok(b'o') => 8,
        Ok(b'x' | b'X') => 16,
        Ok(b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%') => {
            let float = to_f64(value).ok_or(FormatError::Overflow("int too large to convert to float"))?;
            return format_float(float, spec, locale, type_name);
        }
        _ => return Err(spec.unknown_code(type_name)),
    };
    if spec.precision.is_some() {
        return Err(FormatError::value("Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(FormatError::value("Negative zero coercion (z) not allowed in integer format specifier"));
    }
    if spec.kind == u32::from(b'c') {
        return format_character(value, spec);
    }
    let mut lead = Lead::default();
    push_sign(&mut lead, value.negative, spec.sign);
    if spec.alternate && radix != 10 {
        lead.push(b'0');
        lead.push(spec.kind as u8);
    }
    let mut digits = Vec::new();
    digits.try_reserve(text::text_size(value.magnitude, radix)).map_err(|_| FormatError::Memory)?;
    text::write_magnitude(value.magnitude, radix, &mut digits);
    if spec.kind == u32::from(b'X') {
        digits.make_ascii_uppercase();
    }
    let grouping = match spec.kind == u32::from(b'n') {
        true => Grouping::of_locale(locale),
        false => Grouping::of(spec.grouping, radix != 10),
    };
    let len = digits.len();
    finish(spec, lead, ascii(digits), len, &grouping, locale)
}

/// Type `c`: the character with that number.
fn format_character(value: Signed<'_>, spec: &Spec) -> Result<Formatted, FormatError> {
    if spec.sign.is_some() {
        return Err(FormatError::value("Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(FormatError::value("Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let number = small::to_i64(value).ok_or(FormatError::Overflow("Python int too large to convert to C long"))?;
    match u32::try_from(number) {
        Ok(c @ 0..=0x10ffff) => {
            let width = spec.width.unwrap_or(0);
            Ok(Formatted::pad(spec.fill, spec.align, width, Lead::default(), Body::CodePoint(c)))
        }
        _ => Err(FormatError::Overflow("%c arg not in range(0x110000)")),
    }
}

/// `format(float, spec)`. `type_name` is `float`, or that of what was converted, for messages.
pub fn format_float(value: f64, spec: &Spec, locale: &Locale<'_>, type_name: &str) -> Result<Formatted, FormatError> {
    let style = Style::of(spec, true, type_name)?;
    let percent = spec.kind == u32::from(b'%');
    let (negative, mut digits) = style.write(if percent { value * 100.0 } else { value }, spec)?;
    if percent {
        digits.push('%');
    }
    let mut lead = Lead::default();
    push_sign(&mut lead, negative, spec.sign);
    let in_locale = spec.kind == u32::from(b'n');
    let grouping = if in_locale { Grouping::of_locale(locale) } else { Grouping::of(spec.grouping, false) };
    let whole = whole_len(&digits);
    finish(spec, lead, digits, whole, &grouping, if in_locale { locale } else { &Locale::C })
}

/// Appends `format(float, spec)` of a specification that is plain ([`Spec::is_plain`]).
pub fn write_plain_float(value: f64, spec: &Spec, type_name: &str, out: &mut Vec<u8>) -> Result<(), FormatError> {
    let style = Style::of(spec, true, type_name)?;
    let percent = spec.kind == u32::from(b'%');
    let shown = if percent { value * 100.0 } else { value };
    write_float(shown, style.code, style.precision, style.flags, out)?;
    if percent {
        out.try_reserve(1).map_err(|_| FormatError::Memory)?;
        out.push(b'%');
    }
    Ok(())
}

/// `format(complex, spec)`.
pub fn format_complex(
    value: Complex,
    spec: &Spec,
    locale: &Locale<'_>,
    type_name: &str,
) -> Result<Formatted, FormatError> {
    if spec.kind == u32::from(b'%') {
        return Err(spec.unknown_code(type_name));
    }
    let style = Style::of(spec, false, type_name)?;
    if spec.fill == u32::from(b'0') {
        return Err(FormatError::value("Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == Align::AfterSign {
        return Err(FormatError::value("'=' alignment flag is not allowed in complex format specifier"));
    }
    let plain = spec.kind == 0;
    let imaginary_only = plain && value.real == 0.0 && value.real.is_sign_positive();
    let in_locale = spec.kind == u32::from(b'n');
    let grouping = if in_locale { Grouping::of_locale(locale) } else { Grouping::of(spec.grouping, false) };
    let point = if in_locale { locale } else { &Locale::C };
    let mut body = String::new();
    if !imaginary_only {
        if plain {
            body.push('(');
        }
        let (negative, digits) = style.write(value.real, spec)?;
        write_part(negative, spec.sign, &digits, &grouping, point, &mut body)?;
    }
    let (negative, digits) = style.write(value.imag, spec)?;
    let sign = if imaginary_only { spec.sign } else { Some(Sign::Plus) };
    write_part(negative, sign, &digits, &grouping, point, &mut body)?;
    body.push('j');
    if plain && !imaginary_only {
        body.push(')');
    }
    Ok(Formatted::pad(spec.fill, spec.align, spec.width.unwrap_or(0), Lead::default(), Body::Text(body)))
}

fn write_part(
    negative: bool,
    sign: Option<Sign>,
    digits: &str,
    grouping: &Grouping<'_>,
    locale: &Locale<'_>,
    body: &mut String,
) -> Result<(), FormatError> {
    let mut lead = Lead::default();
    push_sign(&mut lead, negative, sign);
    body.extend(lead.as_bytes().iter().map(|&b| char::from(b)));
    write_number(digits, whole_len(digits), 0, grouping, locale, body)
}

/// How a specification's type lays out floats.
struct Style {
    code: Code,
    precision: usize,
    flags: Flags,
}

impl Style {
    fn of(spec: &Spec, add_dot_0: bool, type_name: &str) -> Result<Style, FormatError> {
        if spec.precision.is_some_and(|precision| precision > MAX_PRECISION) {
            return Err(FormatError::value("precision too big"));
        }
        let mut flags = Flags { alternate: spec.alternate, ..Flags::default() };
        let code = match u8::try_from(spec.kind) {
            Ok(0) => {
                flags.add_dot_0 = add_dot_0;
                if spec.precision.is_some() { Code::General } else { Code::Repr }
            }
            Ok(b'n' | b'g' | b'G') => Code::General,
            Ok(b'e' | b'E') => Code::Exponent,
            Ok(b'f' | b'F' | b'%') => Code::Fixed,
            _ => return Err(spec.unknown_code(type_name)),
        };
        flags.upper = matches!(u8::try_from(spec.kind), Ok(b'E' | b'F' | b'G'));
        Ok(Style { code, precision: spec.precision.unwrap_or(6), flags })
    }

    /// Whether it is negative, and the digits without a sign.
    fn write(&self, value: f64, spec: &Spec) -> Result<(bool, String), FormatError> {
        let mut out = Vec::new();
        write_float(value, self.code, self.precision, self.flags, &mut out)?;
        let mut negative = out.first() == Some(&b'-');
        if negative {
            out.remove(0);
        }
        if negative && spec.no_negative_zero && value.is_finite() {
            let mantissa = out.iter().take_while(|b| !b.eq_ignore_ascii_case(&b'e'));
            negative = mantissa.into_iter().any(|b| matches!(b, b'1'..=b'9'));
        }
        Ok((negative, ascii(out)))
    }
}

fn push_sign(lead: &mut Lead, negative: bool, sign: Option<Sign>) {
    match (negative, sign) {
        (true, _) => lead.push(b'-'),
        (false, Some(Sign::Plus)) => lead.push(b'+'),
        (false, Some(Sign::Space)) => lead.push(b' '),
        (false, _) => {}
    }
}

/// Bytes that are known to be ASCII as a string.
pub(crate) fn ascii(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

/// Groups, pads with zeros where zeros are digits, and pads.
fn finish(
    spec: &Spec,
    lead: Lead,
    digits: String,
    whole_len: usize,
    grouping: &Grouping<'_>,
    locale: &Locale<'_>,
) -> Result<Formatted, FormatError> {
    let width = spec.width.unwrap_or(0);
    let zeros = spec.fill == u32::from(b'0') && spec.align == Align::AfterSign;
    let grouped = !grouping.separator.is_empty() && !grouping.sizes.is_empty();
    if !grouped && locale.decimal_point == "." {
        return Ok(Formatted::pad(spec.fill, spec.align, width, lead, Body::Text(digits)));
    }
    let min_width = if zeros && grouped { width.saturating_sub(lead.as_bytes().len()) } else { 0 };
    let mut body = String::new();
    write_number(&digits, whole_len, min_width, grouping, locale, &mut body)?;
    Ok(Formatted::pad(spec.fill, spec.align, width, lead, Body::Text(body)))
}

/// How many digits stand before the point or the exponent of a float; none if it is not finite.
fn whole_len(digits: &str) -> usize {
    digits.bytes().take_while(u8::is_ascii_digit).count()
}

/// Appends a number with its whole part (its first `whole_len` digits) grouped and the locale's decimal point.
fn write_number(
    digits: &str,
    whole_len: usize,
    min_width: usize,
    grouping: &Grouping<'_>,
    locale: &Locale<'_>,
    body: &mut String,
) -> Result<(), FormatError> {
    let (whole, rest) = digits.split_at(whole_len);
    let (point, rest) = match rest.strip_prefix('.') {
        Some(rest) => (locale.decimal_point, rest),
        None => ("", rest),
    };
    if !whole.is_empty() {
        let after = point.chars().count() + rest.len();
        write_grouped(whole, min_width.saturating_sub(after), grouping, body)?;
    }
    body.push_str(point);
    body.push_str(rest);
    Ok(())
}
