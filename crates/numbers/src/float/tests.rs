//! Fixed cases; the random ones against CPython are in `tests/oracle`.

use super::arithmetic::{Power, floor_divmod, pow};
use super::text::{Code, Flags, repr, write_float};
use super::{hash, hex, parse, ratio, round};

fn layout(value: f64, code: Code, precision: usize, flags: Flags) -> String {
    let mut out = Vec::new();
    write_float(value, code, precision, flags, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn repr_switches_to_an_exponent() {
    for (value, text) in [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1e16, "1e+16"),
        (9999999999999998.0, "9999999999999998.0"),
        (1e-4, "0.0001"),
        (1e-5, "1e-05"),
        (0.1, "0.1"),
        (123.456, "123.456"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (f64::NEG_INFINITY, "-inf"),
        (-f64::NAN, "nan"),
    ] {
        assert_eq!(repr(value), text);
    }
}

#[test]
fn layouts() {
    let plain = Flags::default();
    let alternate = Flags { alternate: true, ..plain };
    assert_eq!(layout(2.5, Code::Fixed, 0, plain), "2");
    assert_eq!(layout(2.5, Code::Fixed, 0, alternate), "2.");
    assert_eq!(layout(0.0, Code::Exponent, 3, plain), "0.000e+00");
    assert_eq!(layout(1e100, Code::Exponent, 0, Flags { upper: true, ..plain }), "1E+100");
    assert_eq!(layout(100000.0, Code::General, 6, plain), "100000");
    assert_eq!(layout(1000000.0, Code::General, 6, plain), "1e+06");
    assert_eq!(layout(1.0, Code::General, 6, alternate), "1.00000");
    assert_eq!(layout(1.0, Code::Fixed, 1100, plain).len(), 1102);
    assert_eq!(layout(f64::NAN, Code::Fixed, 2, Flags { upper: true, ..plain }), "NAN");
    let mut out = Vec::new();
    assert!(write_float(1.0, Code::Fixed, usize::MAX / 2, plain, &mut out).is_err());
}

#[test]
fn parsing() {
    for (text, value) in [
        (" 1_0.5e1_0 ", Some(10.5e10)),
        ("-Infinity", Some(f64::NEG_INFINITY)),
        (".5", Some(0.5)),
        ("5.", Some(5.0)),
        ("1e999", Some(f64::INFINITY)),
        ("1_.5", None),
        ("1._5", None),
        ("1e", None),
        (".", None),
        ("", None),
        ("infinit", None),
        ("0x1", None),
    ] {
        assert_eq!(parse::parse_float(text.as_bytes()), value, "{text:?}");
    }
    assert!(parse::parse_float(b"nan").is_some_and(f64::is_nan));
}

#[test]
fn hexadecimal() {
    assert_eq!(hex::to_hex(-0.1), "-0x1.999999999999ap-4");
    assert_eq!(hex::from_hex(b" -0x1.999999999999ap-4\n"), Ok(-0.1));
    assert_eq!(hex::from_hex(b"0x1p1024"), Err(hex::HexError::Overflow));
    assert_eq!(hex::from_hex(b"0x0p99999999999999999999"), Ok(0.0));
    assert_eq!(hex::from_hex(b"1p-1075"), Ok(0.0));
    assert_eq!(hex::from_hex(b"1.8p-1075"), Ok(5e-324));
    assert_eq!(hex::from_hex(b"0x."), Err(hex::HexError::Invalid));
}

#[test]
fn arithmetic_and_rounding() {
    assert_eq!(floor_divmod(-7.0, 2.0), Some((-4.0, 1.0)));
    assert_eq!(floor_divmod(1.0, 0.0), None);
    assert_eq!(pow(-8.0, 1.0 / 3.0), Power::Complex);
    assert_eq!(pow(0.0, -1.0), Power::ZeroDivision);
    assert_eq!(pow(1e200, 2.0), Power::Overflow);
    assert_eq!(round::round(2.675, 2), Ok(2.67));
    assert_eq!(round::round(25.0, -1), Ok(20.0));
    assert_eq!(round::round(1.7976931348623157e308, -308), Err(round::RoundOverflow));
    assert_eq!(ratio::as_integer_ratio(f64::NAN), Err(ratio::NotFinite::NaN));
    assert_eq!(hash::hash(f64::NAN), None);
    assert_eq!(hash::hash(-1.0), Some(-2));
}
