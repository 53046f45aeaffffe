//! Floats and complex numbers.

use habu_numbers::complex::{self, Complex};
use habu_numbers::float::arithmetic::{self, Power};
use habu_numbers::float::text::{Code, Flags, repr, write_float};
use habu_numbers::float::{hash, hex, parse, ratio, round};

use crate::Cases;
use crate::digits::hex as int_hex;
use crate::random::Random;

/// A Python expression for the float.
pub(crate) fn literal(value: f64) -> String {
    format!("float.fromhex('{}')", hex::to_hex(value))
}

fn complex_literal(value: Complex) -> String {
    format!("complex({}, {})", literal(value.real), literal(value.imag))
}

#[test]
fn text() {
    let mut random = Random::new(11);
    let mut cases = Cases::default();
    for _ in 0..10_000 {
        let value = random.float();
        let x = literal(value);
        cases.add(format!("repr({x})"), repr(value));
        cases.add(format!("({x}).hex()"), hex::to_hex(value));
        assert_eq!(
            parse::parse_float(repr(value).as_bytes()).map(f64::to_bits),
            Some(value.abs().to_bits())
                .map(|b| { if value.is_nan() { f64::NAN.to_bits() } else { b | value.to_bits() & 1 << 63 } })
        );
        let code = random.below(3) as usize;
        let precision = [0, 1, 3, 6, 17, 30, 400, 1200][random.below(8) as usize];
        let flags = Flags {
            upper: random.below(2) == 0,
            alternate: random.below(2) == 0,
            sign: random.below(2) == 0,
            add_dot_0: false,
        };
        let mut out = Vec::new();
        write_float(value, [Code::Exponent, Code::Fixed, Code::General][code], precision, flags, &mut out).unwrap();
        let letter = if flags.upper { [b'E', b'F', b'G'][code] } else { [b'e', b'f', b'g'][code] };
        let spec = format!(
            "%{}{}.{precision}{}",
            if flags.sign { "+" } else { "" },
            if flags.alternate { "#" } else { "" },
            char::from(letter)
        );
        cases.add(format!("'{spec}' % {x}"), String::from_utf8(out).unwrap());
    }
    cases.check();
}

#[test]
fn parsing() {
    let mut random = Random::new(12);
    let mut cases = Cases::default();
    let alphabet: Vec<char> = "0123456789012345678901_.eE+-xpina jJ() f".chars().collect();
    for round in 0..20_000 {
        let text: String =
            (0..random.below(12)).map(|_| alphabet[random.below(alphabet.len() as u64) as usize]).collect();
        let answer = match parse::parse_float(text.as_bytes()) {
            Some(value) => repr(value),
            None => format!("ValueError: could not convert string to float: '{text}'"),
        };
        cases.add(format!("float('{text}')"), answer);
        let answer = match hex::from_hex(text.as_bytes()) {
            Ok(value) => repr(value),
            Err(hex::HexError::Invalid) => format!("ValueError: {}", hex::HexError::Invalid.message()),
            Err(e) => format!("OverflowError: {}", e.message()),
        };
        cases.add(format!("float.fromhex('{text}')"), answer);
        let text = if round % 2 == 0 {
            text
        } else {
            let part =
                |random: &mut Random| format!("{}{}", ["", "+", "-"][random.below(3) as usize], random.below(50));
            format!("{}{}{}", part(&mut random), part(&mut random), ["", "j", "J", "jj"][random.below(4) as usize])
        };
        let answer = match complex::text::parse(text.as_bytes()) {
            Ok(value) => complex::text::repr(value),
            Err(complex::text::ParseComplexError::Malformed) => {
                "ValueError: complex() arg is a malformed string".to_string()
            }
            Err(_) => format!("ValueError: could not convert string to complex: '{text}'"),
        };
        cases.add(format!("complex('{text}')"), answer);
        // Digits at random, long ones too: rounding must be right.
        let long: String = (0..1 + random.below(40)).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
        let text = format!("{long}.{}e{}", random.bits(), random.below(700) as i64 - 380);
        cases.add(format!("float('{text}')"), repr(parse::parse_float(text.as_bytes()).unwrap()));
        let text = format!("{:x}.{:x}{:x}p{}", random.bits() >> random.below(64), random.bits(), random.bits(), {
            random.below(2300) as i64 - 1150
        });
        let answer = match hex::from_hex(text.as_bytes()) {
            Ok(value) => repr(value),
            Err(e) => format!("OverflowError: {}", e.message()),
        };
        cases.add(format!("float.fromhex('{text}')"), answer);
    }
    cases.check();
}

#[test]
fn arithmetic_of_floats() {
    let mut random = Random::new(13);
    let mut cases = Cases::default();
    for _ in 0..10_000 {
        let (a, b) = (random.float(), random.float());
        let (x, y) = (literal(a), literal(b));
        let answer = match arithmetic::floor_divmod(a, b) {
            Some((q, r)) => format!("({}, {})", repr(q), repr(r)),
            None => "ZeroDivisionError: float divmod()".to_string(),
        };
        cases.add(format!("divmod({x}, {y})"), answer);
        cases.add(
            format!("{x} % {y}"),
            arithmetic::modulo(a, b).map_or("ZeroDivisionError: float modulo".to_string(), repr),
        );
        cases.add(
            format!("{x} // {y}"),
            arithmetic::floor_div(a, b).map_or("ZeroDivisionError: float floor division by zero".to_string(), repr),
        );
        let answer = match arithmetic::pow(a, b) {
            Power::Value(value) => repr(value),
            Power::Complex => "complex".to_string(),
            Power::ZeroDivision => "ZeroDivisionError: 0.0 cannot be raised to a negative power".to_string(),
            Power::Overflow => "OverflowError: (34, 'Numerical result out of range')".to_string(),
        };
        let expression = match arithmetic::pow(a, b) {
            Power::Complex => format!("type(({x}) ** {y}).__name__"),
            _ => format!("({x}) ** {y}"),
        };
        if arithmetic::pow(a, b) != Power::Complex || a.abs() < 1e3 && a.abs() > 1e-3 && b.abs() < 100.0 {
            cases.add(expression, answer);
        }
        let places = random.below(40) as i64 - 20;
        let answer = round::round(a, places).map_or("OverflowError: rounded value too large to represent".into(), repr);
        cases.add(format!("round({x}, {places})"), answer);
        let places = random.below(700) as i64 - 340;
        let answer = round::round(a, places).map_or("OverflowError: rounded value too large to represent".into(), repr);
        cases.add(format!("round({x}, {places})"), answer);
        if let Some(hash) = hash::hash(a) {
            cases.add(format!("hash({x})"), hash.to_string());
        }
        let answer = match ratio::as_integer_ratio(a) {
            Ok((n, d)) => format!("{} {}", int_hex(&n), int_hex(&d)),
            Err(e @ ratio::NotFinite::NaN) => format!("ValueError: {}", e.ratio_message()),
            Err(e) => format!("OverflowError: {}", e.ratio_message()),
        };
        cases.add(format!("'%s %s' % tuple(map(hex, ({x}).as_integer_ratio()))"), answer);
        let answer = match ratio::to_int(a) {
            Ok(n) => int_hex(&n),
            Err(e @ ratio::NotFinite::NaN) => format!("ValueError: {}", e.integer_message()),
            Err(e) => format!("OverflowError: {}", e.integer_message()),
        };
        cases.add(format!("hex(int({x}))"), answer);
    }
    cases.check();
}

#[test]
fn complex_numbers() {
    let mut random = Random::new(14);
    let mut cases = Cases::default();
    let number = |random: &mut Random| match random.below(3) {
        0 => Complex::new(random.below(20) as f64 - 10.0, random.below(20) as f64 - 10.0),
        1 => Complex::new(random.below(200) as f64 / 7.0 - 10.0, random.below(20) as f64 / 3.0 - 4.0),
        _ => Complex::new(random.float(), random.float()),
    };
    let failed = |e: complex::ComplexError| {
        format!("{}: {}", if e.is_zero_division() { "ZeroDivisionError" } else { "OverflowError" }, e.message())
    };
    for _ in 0..10_000 {
        let (a, b) = (number(&mut random), number(&mut random));
        let (x, y) = (complex_literal(a), complex_literal(b));
        cases.add(x.clone(), complex::text::repr(a));
        cases.add(format!("{x} * {y}"), complex::text::repr(a * b));
        cases.add(format!("{x} / {y}"), complex::div(a, b).map_or_else(failed, complex::text::repr));
        cases.add(format!("{x} ** {y}"), complex::pow(a, b).map_or_else(failed, complex::text::repr));
        let power = Complex::new(random.below(250) as f64 - 125.0, 0.0);
        let z = complex_literal(power);
        cases.add(format!("{x} ** {z}"), complex::pow(a, power).map_or_else(failed, complex::text::repr));
        cases.add(format!("abs({x})"), complex::abs(a).map_or_else(failed, repr));
        if let Some(hash) = complex::hash_complex(a) {
            cases.add(format!("hash({x})"), hash.to_string());
        }
    }
    cases.check();
}
