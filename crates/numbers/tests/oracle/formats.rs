//! `format` and `%`.

use habu_numbers::complex::Complex;
use habu_numbers::digits::Int;
use habu_numbers::format_spec::number::{format_complex, format_float, format_int};
use habu_numbers::format_spec::{Defaults, FormatError, Formatted, Locale, Spec};
use habu_numbers::percent::{self, Amount};

use crate::Cases;
use crate::digits::hex;
use crate::floats::literal;
use crate::random::Random;

fn pick<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    from[random.below(from.len() as u64) as usize]
}

fn text(formatted: &Formatted) -> String {
    let points = formatted.to_code_points().unwrap();
    assert_eq!(points.len(), formatted.len());
    assert!(points.iter().all(|&c| c <= formatted.max_code_point().max(127)));
    points.into_iter().map(|c| char::from_u32(c).unwrap()).collect()
}

fn answer(result: Result<String, FormatError>) -> String {
    match result {
        Ok(text) => text,
        Err(error @ (FormatError::Value(_) | FormatError::Points(_))) => format!("ValueError: {error}"),
        Err(FormatError::Overflow(text)) => format!("OverflowError: {text}"),
        Err(FormatError::Memory) => "MemoryError: ".to_string(),
    }
}

/// Mostly valid specifications, sometimes a mess.
fn spec(random: &mut Random) -> String {
    if random.below(12) == 0 {
        return (0..random.below(6))
            .map(|_| pick(random, &["<", "=", "z", "+", "0", "5", ",", "_", ".", "x", "é", " ", "#", "q", "s"]))
            .collect();
    }
    [
        pick(random, &["", "", "", "<", ">", "^", "=", "*<", "é^", "0=", "0>", "z<", "\u{1f40d}>"]),
        pick(random, &["", "", "", "+", "-", " "]),
        pick(random, &["", "", "", "", "z"]),
        pick(random, &["", "", "", "#"]),
        pick(random, &["", "", "0"]),
        pick(random, &["", "", "1", "5", "10", "17", "18", "19", "20", "40"]),
        pick(random, &["", "", ",", "_"]),
        pick(random, &["", "", "", ".0", ".1", ".2", ".5", ".17", ".30"]),
        pick(random, &["", "", "d", "n", "b", "o", "x", "X", "e", "E", "f", "F", "g", "G", "%", "s", "c"]),
    ]
    .concat()
}

#[test]
fn specifications() {
    let mut random = Random::new(21);
    let mut cases = Cases::default();
    for _ in 0..20_000 {
        let spec = spec(&mut random);
        let value = random.int(4);
        let result = Spec::parse_str(&spec, &Defaults::INT)
            .and_then(|spec| format_int(value.as_signed(), &spec, &Locale::C, "int"));
        cases.add(format!("format({}, '{spec}')", hex(&value)), answer(result.map(|f| text(&f))));
        let value = random.below(0x11_0100) as i64 - 100;
        if !(0xd800..0xe000).contains(&value) {
            let result = Spec::parse_str(&spec, &Defaults::INT)
                .and_then(|spec| format_int(Int::from(value).as_signed(), &spec, &Locale::C, "int"));
            cases.add(format!("format({value}, '{spec}')"), answer(result.map(|f| text(&f))));
        }
        let value = random.float();
        let result =
            Spec::parse_str(&spec, &Defaults::FLOAT).and_then(|spec| format_float(value, &spec, &Locale::C, "float"));
        cases.add(format!("format({}, '{spec}')", literal(value)), answer(result.map(|f| text(&f))));
        let value = Complex::new(if random.below(4) == 0 { 0.0 } else { random.float() }, random.float());
        let result = Spec::parse_str(&spec, &Defaults::COMPLEX)
            .and_then(|spec| format_complex(value, &spec, &Locale::C, "complex"));
        cases.add(
            format!("format(complex({}, {}), '{spec}')", literal(value.real), literal(value.imag)),
            answer(result.map(|f| text(&f))),
        );
        let string = &"snake \u{e9} \u{1f40d}!"[..][..6];
        let result = Spec::parse_str(&spec, &Defaults::STR).and_then(|spec| spec.layout_str(6)).map(|layout| {
            let fill = |count| std::iter::repeat_n(char::from_u32(layout.fill).unwrap(), count).collect::<String>();
            format!("{}{}{}", fill(layout.left), &string[..layout.kept], fill(layout.right))
        });
        cases.add(format!("format('{string}', '{spec}')"), answer(result));
    }
    cases.check();
}

#[test]
fn percent_conversions() {
    let mut random = Random::new(22);
    let mut cases = Cases::default();
    for _ in 0..20_000 {
        let format = [
            "%",
            pick(&mut random, &["", "", "", "", "(a)", "((b))", "("]),
            pick(&mut random, &["", "", "-", "+", " ", "#", "0", "+0", "#0", "-0", "- #"]),
            pick(&mut random, &["", "", "1", "5", "12", "20", "99999999999999999999"]),
            pick(&mut random, &["", "", "", ".", ".0", ".1", ".3", ".10", ".9999999999"]),
            pick(&mut random, &["", "", "l", "h", "L", "hh"]),
            pick(&mut random, &["d", "i", "u", "o", "x", "X", "e", "E", "f", "F", "g", "G", "%", "", "y", "\u{e9}"]),
        ]
        .concat();
        let points: Vec<u32> = format.chars().map(u32::from).collect();
        let integer = random.int(3);
        let float = random.float();
        let fixed = |amount: Option<Amount>| match amount {
            Some(Amount::Fixed(value)) => Some(value),
            _ => None,
        };
        let mut expression = format!("'{format}' % {}", hex(&integer));
        let mut conversion = percent::Conversion::default();
        let answer = match percent::parse(points.len(), |i| points[i], 1, &mut conversion) {
            Err(e) => format!("ValueError: {}", e.message()),
            Ok(()) => {
                let width = fixed(conversion.width).unwrap_or(0);
                let precision = fixed(conversion.precision);
                let keyed = conversion.key.is_some();
                match u8::try_from(conversion.kind) {
                    Ok(kind @ (b'd' | b'i' | b'u' | b'o' | b'x' | b'X')) => {
                        if keyed {
                            expression = format!("'{format}' % {{'a': {0}, '(b)': {0}}}", hex(&integer));
                        }
                        text(
                            &percent::format_int(integer.as_signed(), kind, conversion.flags, width, precision)
                                .unwrap(),
                        )
                    }
                    Ok(kind @ (b'e' | b'E' | b'f' | b'F' | b'g' | b'G')) => {
                        expression = format!("'{format}' % {}", literal(float));
                        if keyed {
                            expression = format!("'{format}' % {{'a': {0}, '(b)': {0}}}", literal(float));
                        }
                        text(&percent::format_float(float, kind, conversion.flags, width, precision).unwrap())
                    }
                    Ok(b'%') if conversion.end == 2 => {
                        expression = format!("'{format}' % {{'a': 1, '(b)': 1}}");
                        "%".to_string()
                    }
                    _ => {
                        expression = format!("'{format}' % {{'a': 1, '(b)': 1}}");
                        format!("ValueError: {}", percent::unsupported_character(conversion.kind, conversion.end - 1))
                    }
                }
            }
        };
        if answer.contains("incomplete") || answer.contains("too big") {
            expression = format!("'{format}' % {{'a': 1, '(b)': 1}}");
        }
        cases.add(expression, answer);
    }
    cases.check();
}
