//! Fixed cases; the random ones against CPython are in `tests/oracle`.

use super::number::{format_float, format_int};
use super::*;
use crate::digits::Int;

fn text(formatted: Formatted) -> String {
    formatted.to_code_points().unwrap().into_iter().map(|c| char::from_u32(c).unwrap()).collect()
}

fn int(value: i64, spec: &str) -> Result<String, FormatError> {
    let spec = Spec::parse_str(spec, &Defaults::INT)?;
    format_int(Int::from(value).as_signed(), &spec, &Locale::C, "int").map(text)
}

#[test]
fn integers() {
    assert_eq!(int(1234567, "+,d").as_deref(), Ok("+1,234,567"));
    assert_eq!(int(255, "#_x").as_deref(), Ok("0xff"));
    assert_eq!(int(0xdeadbeef, "#_X").as_deref(), Ok("0XDEAD_BEEF"));
    assert_eq!(int(12, "08,").as_deref(), Ok("0,000,012"));
    assert_eq!(int(-5, "é=5").as_deref(), Ok("-ééé5"));
    assert_eq!(int(65, "c").as_deref(), Ok("A"));
    let message = |value, spec| int(value, spec).map_err(|e| e.to_string());
    assert_eq!(message(5, ".2"), Err("Precision not allowed in integer format specifier".into()));
    assert_eq!(message(5, "s"), Err("Unknown format code 's' for object of type 'int'".into()));
    assert_eq!(message(5, "xy"), Err("Invalid format specifier 'xy' for object of type 'int'".into()));
    assert_eq!(message(-1, "c"), Err("%c arg not in range(0x110000)".into()));
    let spec = Spec::parse_str("9999999999999999d", &Defaults::INT).unwrap();
    let wide = format_int(Int::from(5u64).as_signed(), &spec, &Locale::C, "int").unwrap();
    assert_eq!(wide.len(), 9999999999999999);
    assert_eq!(wide.to_code_points(), Err(crate::OutOfMemory));
}

#[test]
fn a_locale_separates_and_points() {
    let locale = Locale { decimal_point: ",", thousands_separator: "\u{202f}", grouping: &[3, 0] };
    let spec = Spec::parse_str("014n", &Defaults::FLOAT).unwrap();
    let formatted = format_float(12345.5, &spec, &locale, "float").unwrap();
    assert_eq!(formatted.max_code_point(), 0x202f);
    assert_eq!(text(formatted), "0\u{202f}000\u{202f}012\u{202f}345,5");
    let indian = Locale { decimal_point: ".", thousands_separator: ",", grouping: &[3, 2] };
    let spec = Spec::parse_str("n", &Defaults::INT).unwrap();
    let value = Int::from(123456789i64);
    assert_eq!(text(format_int(value.as_signed(), &spec, &indian, "int").unwrap()), "12,34,56,789");
    let once = Locale { grouping: &[3, 127], ..indian };
    assert_eq!(text(format_int(value.as_signed(), &spec, &once, "int").unwrap()), "123456,789");
}

#[test]
fn strings_are_cut_and_padded() {
    let spec = Spec::parse_str("*^7.3", &Defaults::STR).unwrap();
    assert_eq!(spec.layout_str(5), Ok(StrLayout { fill: 42, left: 2, kept: 3, right: 2 }));
    let spec = Spec::parse_str("=5", &Defaults::STR).unwrap();
    assert!(spec.layout_str(5).is_err());
}
