//! Fixed cases; the random ones against CPython are in `tests/oracle`.

use super::*;

fn int(text: &str) -> Int {
    parse::parse_int(text.as_bytes(), 0, 0).unwrap_or(Int::ZERO)
}

fn text(a: &Int) -> String {
    let mut out = Vec::new();
    text::write_signed(a.as_signed(), 10, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[test]
fn machine_integers_round_trip() {
    for value in [0, 1, -1, i64::MAX, i64::MIN, 1 << 30, -(1 << 60)] {
        let a = Int::from(value);
        assert_eq!(small::to_i64(a.as_signed()), Some(value));
        assert_eq!(text(&a), value.to_string());
    }
    assert_eq!(small::to_i64(int("0x8000000000000000").as_signed()), None);
    assert_eq!(small::to_u64(&int("0xffffffffffffffff").magnitude), Some(u64::MAX));
    assert_eq!(small::to_u64(&int("0x10000000000000000").magnitude), None);
    assert_eq!(small::floor_divmod(-7, 2), Some((-4, 1)));
    assert_eq!(small::floor_divmod(i64::MIN, -1), None);
}

#[test]
fn parsing_follows_the_rules_of_int() {
    for (text, base, expected) in [
        (" 1_000\n", 0, Some(1000)),
        ("-0x_ff", 0, Some(-255)),
        ("0_0", 0, Some(0)),
        ("012", 0, None),
        ("012", 10, Some(12)),
        ("0b1", 16, Some(0xb1)),
        ("0x", 16, None),
        ("1__0", 10, None),
        ("_1", 10, None),
        ("1_", 10, None),
        ("", 10, None),
        ("- 1", 10, None),
        ("zz", 36, Some(35 * 37)),
        ("2", 2, None),
    ] {
        let result = parse::parse_int(text.as_bytes(), base, 0);
        assert_eq!(result.ok().map(|a| small::to_i64(a.as_signed())), expected.map(Some), "{text:?} {base}");
    }
    let long = "1".repeat(700);
    assert_eq!(parse::parse_int(long.as_bytes(), 10, 640), Err(parse::ParseIntError::TooManyDigits(700)));
    assert!(parse::parse_int(long.as_bytes(), 10, 700).is_ok());
    assert!(parse::parse_int(long.as_bytes(), 16, 640).is_ok());
}

#[test]
fn floats_are_rounded_half_to_even() {
    let two53 = int("9007199254740993");
    assert_eq!(float::to_f64(two53.as_signed()), Some(9007199254740992.0));
    let mut huge = vec![0; 40];
    let len = shift::shl(&[1], 1024, &mut huge);
    assert_eq!(float::to_f64(Signed::new(false, &huge[..len])), None);
    assert_eq!(float::frexp(Signed::new(false, &huge[..len])), (0.5, 1025));
    assert_eq!(float::true_divide(int("1").as_signed(), Int::ZERO.as_signed()), Err(float::TrueDivideError::Zero));
    assert_eq!(float::true_divide(int("1").as_signed(), int("3").as_signed()), Ok(1.0 / 3.0));
}

#[test]
fn hashes_never_are_minus_one() {
    assert_eq!(hash::hash(int("-1").as_signed()), -2);
    assert_eq!(hash::hash(int("0x1fffffffffffffff").as_signed()), 0);
    assert_eq!(hash::hash(int("0x2000000000000000").as_signed()), 1);
}

#[test]
fn factorials_and_binomials() {
    assert_eq!(text(&combinatorics::factorial(20).unwrap()), "2432902008176640000");
    assert_eq!(text(&combinatorics::factorial(0).unwrap()), "1");
    assert_eq!(text(&combinatorics::comb(&[50], 25).unwrap()), "126410606437752");
    assert_eq!(text(&combinatorics::perm(&[5], 2).unwrap()), "20");
    assert_eq!(combinatorics::factorial(1 << 50), Err(OutOfMemory));
    assert_eq!(power::pow(int("3").as_signed(), 1 << 60), Err(OutOfMemory));
}

#[test]
fn operations_agree_with_num_bigint() {
    use super::bridge::{from_big, to_big};
    let mut next = crate::chance::numbers();
    for round in 0..400 {
        let mut number = |most: u64| -> Vec<u32> {
            let len = (next() % most) as usize + 1;
            let mut digits: Vec<u32> = (0..len).map(|_| next() as u32 & MASK >> (next() % 3 * 9)).collect();
            digits[len - 1] |= 1;
            digits
        };
        let (a, b, m) = (number(40), number(40), number(9));
        let (big_a, big_b, big_m) = (to_big(&a), to_big(&b), to_big(&m));
        let common = to_big(&number(20));
        let (x, y) = (from_big(&(&big_a * &common)), from_big(&(&big_b * &common)));
        let mut expected = (to_big(&x), to_big(&y));
        while expected.1.bits() > 0 {
            expected = (expected.1.clone(), expected.0 % expected.1);
        }
        assert_eq!(to_big(&gcd::gcd(&x, &y).magnitude), expected.0, "{x:?} {y:?}");
        let bits = round % 95;
        let mut out = vec![0; shift::shl_size(a.len(), bits).unwrap()];
        let len = shift::shl(&a, bits, &mut out);
        assert_eq!(to_big(&out[..len]), &big_a << bits);
        let mut out = vec![0; a.len()];
        let len = shift::shr(&a, bits, &mut out);
        assert_eq!(to_big(&out[..len]), &big_a >> bits);
        for radix in [2, 4, 8, 16, 32] {
            let mut out = Vec::new();
            text::write_magnitude(&a, radix, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), big_a.to_str_radix(radix));
        }
        // Places of ones and of zeros, through which carries and borrows go.
        let mut ones = a.clone();
        ones.extend(std::iter::repeat_n(MASK, 20));
        ones.push(1);
        let mut long = b.clone();
        long.resize(ones.len() - 2, if round % 2 == 0 { 0 } else { MASK });
        long.push(1);
        for (x, y) in [(&ones, &long), (&ones, &a), (&long, &ones), (&ones, &ones)] {
            let mut out = vec![0; x.len().max(y.len()) + 1];
            let len = basic::add(x, y, &mut out);
            assert_eq!(to_big(&out[..len]), to_big(x) + to_big(y), "{x:?} {y:?}");
            let (less, len) = basic::abs_diff(x, y, &mut out);
            let (large, small) = if less { (y, x) } else { (x, y) };
            assert_eq!(to_big(&out[..len]), to_big(large) - to_big(small), "{x:?} {y:?}");
        }
        let exponent = number(2);
        let power =
            power::pow_mod(Signed::new(false, &a), Signed::new(false, &exponent), Signed::new(false, &m)).unwrap();
        assert_eq!(to_big(&power.magnitude), big_a.modpow(&to_big(&exponent), &big_m), "{a:?} {exponent:?} {m:?}");
    }
}

#[test]
fn products_and_quotients_of_all_sizes_agree_with_num_bigint() {
    use super::bridge::to_big;
    let mut next = crate::chance::numbers();
    for round in 0..6000 {
        let mut number = |most: u64| -> Vec<u32> {
            let len = (next() % most) as usize + 1;
            let kind = next() % 4;
            let mut digits: Vec<u32> = (0..len)
                .map(|_| match kind {
                    0 => MASK,
                    1 if !next().is_multiple_of(3) => 0,
                    _ => next() as u32 & MASK,
                })
                .collect();
            digits[len - 1] =
                (digits[len - 1] | 1) >> (next() % 30).min(29 - u64::from(digits[len - 1].leading_zeros()).min(29));
            digits[len - 1] = digits[len - 1].max(1);
            digits
        };
        let most = [4, 8, 20, 60, 300][round % 5];
        let (a, b) = (number(2 * most), number(most));
        let (big_a, big_b) = (to_big(&a), to_big(&b));
        let mut out = vec![7; a.len() + b.len()];
        let len = mul::mul(&a, &b, &mut out);
        assert_eq!(to_big(&out[..len]), &big_a * &big_b, "{a:?} {b:?}");
        assert_eq!(normalised(&out[..len]).len(), len);
        let mut out = vec![7; 2 * a.len()];
        let len = mul::square(&a, &mut out);
        assert_eq!(to_big(&out[..len]), &big_a * &big_a, "{a:?}");
        assert_eq!(normalised(&out[..len]).len(), len);
        let size = div::quotient_size(&a, &b);
        let (mut quotient, mut rest) = (vec![7; size], vec![7; a.len().min(b.len())]);
        let (q_len, r_len) = div::divide(&a, &b, Some(&mut quotient[..]), Some(&mut rest[..]));
        assert_eq!(to_big(&quotient[..q_len]), &big_a / &big_b, "{a:?} {b:?}");
        assert_eq!(to_big(&rest[..r_len]), &big_a % &big_b, "{a:?} {b:?}");
        assert_eq!((normalised(&rest[..r_len]).len(), q_len), (r_len, size), "{a:?} {b:?}");
        let (none, again) = div::divide::<u32, u32>(&a, &b, None, Some(&mut rest[..]));
        assert_eq!((none, again), (0, r_len));
        // Its own multiple, and one less: quotients and remainders at their ends.
        let mut product = vec![0; a.len() + b.len() + 1];
        let len = mul::mul(&a, &b, &mut product);
        for less in [0, 1] {
            let mut dividend = product[..len].to_vec();
            if less == 1 {
                basic::sub(&product[..len], &[1], &mut dividend);
                dividend.truncate(normalised_len(&dividend));
            }
            let (mut quotient, mut rest) = (vec![7; dividend.len() + 1], vec![7; b.len()]);
            let (q_len, r_len) = div::divide(&dividend, &b, Some(&mut quotient[..]), Some(&mut rest[..]));
            let big = to_big(&dividend);
            assert_eq!(to_big(&quotient[..q_len]), &big / &big_b, "{a:?} {b:?}");
            assert_eq!(to_big(&rest[..r_len]), big % &big_b, "{a:?} {b:?}");
        }
    }
}

#[test]
fn short_decimal_texts_are_read_and_written_as_long_ones() {
    let mut next = crate::chance::numbers();
    for round in 0..4000 {
        let len = (next() % 160) as usize + 1;
        let mut decimal: Vec<u8> = (0..len).map(|_| b'0' + (next() % 10) as u8).collect();
        if round % 3 == 0 {
            decimal.fill(if round % 2 == 0 { b'9' } else { b'0' });
            decimal[0] = b'1' + (next() % 9) as u8;
        }
        let number = int(std::str::from_utf8(&decimal).unwrap().trim_start_matches('0'));
        let mut words = [0; parse::FEW_WORDS];
        match parse::plain_decimal(&decimal, &mut words) {
            None => assert!(len > 152),
            Some(count) => {
                let mut digits = [0; parse::FEW_DIGITS];
                let used = parse::digits_of_words(&words[..count], &mut digits);
                assert_eq!(&digits[..used], &number.magnitude[..], "{len}");
            }
        }
        let mut chunks = [0; text::FEW_CHUNKS];
        let count = text::decimal_chunks(&number.magnitude, &mut chunks);
        let mut written = vec![0; text::chunks_len(&chunks[..count])];
        text::write_chunks(&chunks[..count], &mut written);
        assert_eq!(String::from_utf8(written).unwrap(), text(&number));
        // Any other character anywhere.
        let at = next() as usize % len;
        for other in [b'/', b':', b' ', b'_', 0, 0x80, 0xB5, 0xFF] {
            decimal[at] = other;
            assert_eq!(parse::plain_decimal(&decimal, &mut words), None, "{other}");
        }
    }
}
