//! Integers: every function of `habu_numbers::digits`.

use habu_numbers::digits::*;

use crate::Cases;
use crate::random::Random;

pub(crate) fn hex(a: &Int) -> String {
    let mut out = if a.negative { b"-0x".to_vec() } else { b"0x".to_vec() };
    text::write_magnitude(&a.magnitude, 16, &mut out);
    String::from_utf8(out).unwrap()
}

fn built(size: usize, f: impl FnOnce(&mut [u32]) -> (bool, usize)) -> String {
    let mut out = vec![0xdead; size];
    let (negative, len) = f(&mut out);
    assert!(len == 0 || out[len - 1] != 0, "normalised");
    assert!(len > 0 || !negative, "no negative zero");
    out.truncate(len);
    hex(&Int { negative, magnitude: out })
}

#[test]
fn arithmetic() {
    let mut random = Random::new(1);
    let mut cases = Cases::default();
    for round in 0..3000 {
        let max = [3, 8, 40, 130, 300][round % 5];
        let (a, b) = (random.int(max), random.int(max));
        let (s, t) = (a.as_signed(), b.as_signed());
        let (x, y) = (hex(&a), hex(&b));
        let longer = a.magnitude.len().max(b.magnitude.len()) + 1;
        cases.add(format!("hex({x} + {y})"), built(longer, |out| basic::add_signed(s, t, out)));
        cases.add(format!("hex({x} - {y})"), built(longer, |out| basic::sub_signed(s, t, out)));
        let both = a.magnitude.len() + b.magnitude.len();
        cases.add(format!("hex({x} * {y})"), built(both, |out| mul::mul_signed(s, t, out)));
        cases.add(
            format!("hex(({x}) ** 2)"),
            built(2 * a.magnitude.len(), |out| (false, mul::square(&a.magnitude, out))),
        );
        cases.add(format!("hex({x} & {y})"), built(longer, |out| bitwise::and(s, t, out)));
        cases.add(format!("hex({x} | {y})"), built(longer, |out| bitwise::or(s, t, out)));
        cases.add(format!("hex({x} ^ {y})"), built(longer, |out| bitwise::xor(s, t, out)));
        cases.add(format!("hex(~{x})"), built(longer, |out| bitwise::invert(s, out)));
        let order = match basic::compare_signed(s, t) {
            std::cmp::Ordering::Less => "-1",
            std::cmp::Ordering::Equal => "0",
            std::cmp::Ordering::Greater => "1",
        };
        cases.add(format!("({x} > {y}) - ({x} < {y})"), order);
        let bits = random.below(200);
        let size = shift::shl_size(a.magnitude.len(), bits).unwrap();
        cases.add(format!("hex({x} << {bits})"), built(size, |out| (a.negative, shift::shl(&a.magnitude, bits, out))));
        cases.add(format!("hex({x} >> {bits})"), built(longer, |out| shift::shr_signed(s, bits, out)));
        cases.add(format!("({x}).bit_length(), ({x}).bit_count()"), {
            format!("({}, {})", bit_length(&a.magnitude), bit_count(&a.magnitude))
        });
        cases.add(format!("hash({x})"), hash::hash(s).to_string());
    }
    cases.check();
}

#[test]
fn division() {
    let mut random = Random::new(2);
    let mut cases = Cases::default();
    for round in 0..4000 {
        let max = [3, 8, 40, 250, 400][round % 5];
        let (a, b) = (random.int(max), random.int([max / 2, max][round / 5 % 2]));
        let (s, t) = (a.as_signed(), b.as_signed());
        let (x, y) = (hex(&a), hex(&b));
        let answer = match div::floor_divmod_int(s, t) {
            None => "ZeroDivisionError: integer division or modulo by zero".to_string(),
            Some((q, r)) => format!("{} {}", hex(&q), hex(&r)),
        };
        cases.add(format!("'%s %s' % tuple(map(hex, divmod({x}, {y})))"), answer);
        let answer = match float::true_divide(s, t) {
            Ok(value) => hexfloat(value),
            Err(float::TrueDivideError::Zero) => "ZeroDivisionError: division by zero".to_string(),
            Err(e) => format!("OverflowError: {}", e.message()),
        };
        cases.add(format!("({x} / {y}).hex()"), answer);
        cases.add(format!("hex(math.gcd({x}, {y}))"), hex(&gcd::gcd(&a.magnitude, &b.magnitude)));
        cases.add(format!("hex(math.lcm({x}, {y}))"), hex(&combinatorics::lcm(s, t)));
        if !a.negative {
            cases.add(format!("hex(math.isqrt({x}))"), hex(&sqrt::isqrt(&a.magnitude)));
        }
    }
    cases.check();
}

/// `float.hex` with what std has, for normal and subnormal numbers.
fn hexfloat(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = value.abs().to_bits();
    let (mut exponent, mantissa) = ((bits >> 52) as i64 - 1023, bits & ((1 << 52) - 1));
    let lead = u64::from(exponent > -1023);
    exponent = exponent.max(-1022);
    format!("{sign}0x{lead}.{mantissa:013x}p{exponent:+}")
}

#[test]
fn to_and_from_floats() {
    let mut random = Random::new(3);
    let mut cases = Cases::default();
    for round in 0..5000 {
        let a = random.int([3, 8, 36][round % 3]);
        let x = hex(&a);
        let answer = match float::to_f64(a.as_signed()) {
            Some(value) => hexfloat(value),
            None => "OverflowError: int too large to convert to float".to_string(),
        };
        cases.add(format!("float({x}).hex()"), answer);
        let value = random.float();
        if !value.is_finite() {
            continue;
        }
        let h = format!("float.fromhex('{}')", hexfloat(value));
        cases.add(
            format!("hex(int({h}))"),
            built(38, |out| {
                let len = float::magnitude_of_f64(value, out);
                (value < 0.0 && len > 0, len)
            }),
        );
        let other = if random.below(2) == 0 { value } else { float::to_f64(a.as_signed()).unwrap_or(value) };
        let h = format!("float.fromhex('{}')", hexfloat(other));
        let order = match compare::compare_f64(a.as_signed(), other).unwrap() {
            std::cmp::Ordering::Less => "-1",
            std::cmp::Ordering::Equal => "0",
            std::cmp::Ordering::Greater => "1",
        };
        cases.add(format!("({x} > {h}) - ({x} < {h})"), order);
        let (m, e) = float::frexp(a.as_signed());
        if e <= 1024 && e > 0 && float::to_f64(a.as_signed()).is_some() {
            cases.add(format!("math.frexp({x}) == (float.fromhex('{}'), {e})", hexfloat(m)), "True");
        }
    }
    cases.check();
}

#[test]
fn to_and_from_text() {
    let mut random = Random::new(4);
    let mut cases = Cases::default();
    for round in 0..2000 {
        let a = random.int([2, 8, 60, 200, 800][round % 5]);
        let x = hex(&a);
        let mut out = Vec::new();
        text::write_signed(a.as_signed(), 10, &mut out);
        let decimal = String::from_utf8(out).unwrap();
        assert!(decimal.len() <= text::text_size(&a.magnitude, 10) + 1);
        cases.add(format!("str({x})"), decimal.clone());
        let parsed = parse::parse_int(decimal.as_bytes(), 10, 0).unwrap();
        assert_eq!(parsed, a);
        let radix = 2 + random.below(35) as u32;
        let mut out = Vec::new();
        text::write_signed(a.as_signed(), radix, &mut out);
        assert!(out.len() <= text::text_size(&a.magnitude, radix) + 1);
        assert_eq!(parse::parse_int(&out, radix, 0).as_ref(), Ok(&a));
        let written = String::from_utf8(out).unwrap();
        cases.add(format!("hex(int('{written}', {radix}))"), x);
    }
    cases.check();
}

#[test]
fn bytes_and_back() {
    let mut random = Random::new(5);
    let mut cases = Cases::default();
    for _ in 0..4000 {
        let a = random.int(6);
        let x = hex(&a);
        let (little, signed) = (random.below(2) == 0, random.below(2) == 0);
        let exact = (bit_length(&a.magnitude) / 8 + random.below(4)) as usize;
        let len = exact.saturating_sub(1);
        let order = if little { "little" } else { "big" };
        let python_signed = if signed { "True" } else { "False" };
        let mut out = vec![0; len];
        let answer = match bytes::to_bytes(a.as_signed(), &mut out, little, signed) {
            Ok(()) => out.iter().map(|b| format!("{b:02x}")).collect(),
            Err(e) => format!("OverflowError: {}", e.message()),
        };
        cases.add(format!("({x}).to_bytes({len}, '{order}', signed={python_signed}).hex()"), answer);
        let raw: Vec<u8> = (0..random.below(40)).map(|_| (random.bits() >> (random.below(2) * 60)) as u8).collect();
        let digits: String = raw.iter().map(|b| format!("{b:02x}")).collect();
        cases.add(
            format!("hex(int.from_bytes(bytes.fromhex('{digits}'), '{order}', signed={python_signed}))"),
            built(bytes::from_bytes_size(raw.len()), |out| bytes::from_bytes(&raw, little, signed, out)),
        );
    }
    cases.check();
}

#[test]
fn powers() {
    let mut random = Random::new(6);
    let mut cases = Cases::default();
    for round in 0..1500 {
        let (a, e) = (random.int([1, 2, 6][round % 3]), random.below(60));
        let x = hex(&a);
        cases.add(format!("hex(({x}) ** {e})"), hex(&power::pow(a.as_signed(), e).unwrap()));
        let (e, m) = (random.int([1, 3, 6][round % 3]), random.int([1, 2, 3, 8][round % 4]));
        let answer = match power::pow_mod(a.as_signed(), e.as_signed(), m.as_signed()) {
            Ok(value) => hex(&value),
            Err(e) => format!("ValueError: {}", e.message()),
        };
        cases.add(format!("hex(pow({x}, {}, {}))", hex(&e), hex(&m)), answer);
        let n = random.below(400);
        let k = random.below(n + 1);
        let digits = Int::from(n);
        cases.add(format!("hex(math.factorial({n}))"), hex(&combinatorics::factorial(n).unwrap()));
        cases.add(format!("hex(math.perm({n}, {k}))"), hex(&combinatorics::perm(&digits.magnitude, k).unwrap()));
        cases.add(format!("hex(math.comb({n}, {k}))"), hex(&combinatorics::comb(&digits.magnitude, k).unwrap()));
        let big = random.int(5);
        if !big.negative && big.magnitude.len() > 1 {
            let k = random.below(20);
            cases.add(
                format!("hex(math.comb({}, {k}))", hex(&big)),
                hex(&combinatorics::comb(&big.magnitude, k).unwrap()),
            );
        }
    }
    cases.check();
}
