//! Rounding to a number of decimal places on one machine integer: what programs print and round most needs no more.

/// The powers of ten that are exact as integers and floats alike.
const POWERS: [u64; 16] = {
    let mut powers = [1; 16];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// The magnitude of `value` times `10**places`, rounded correctly, half to even; nothing where that takes more than one integer.
fn scaled(value: f64, places: usize) -> Option<u64> {
    let power = *POWERS.get(places)?;
    let bits = value.to_bits();
    let biased = (bits >> 52 & 0x7FF) as i32;
    let fraction = bits & ((1 << 52) - 1);
    // Subnormal numbers, infinities and NaN are left to the general way.
    if biased == 0 || biased == 0x7FF {
        return (bits << 1 == 0).then_some(0);
    }
    // 53 bits times 50 bits.
    let product = u128::from(fraction | 1 << 52) * u128::from(power);
    let exponent = biased - 1075;
    if exponent >= 0 {
        return u64::try_from(product.checked_shl(exponent as u32).filter(|_| exponent < 12)?).ok();
    }
    let shift = exponent.unsigned_abs();
    if shift > 120 {
        return None;
    }
    let (below, rest) = (product >> shift, product & ((1 << shift) - 1));
    let half = 1 << (shift - 1);
    let up = rest > half || rest == half && below & 1 == 1;
    u64::try_from(below + u128::from(up)).ok()
}

/// Appends `value` with so many places, without an exponent; false where the general way must.
pub(super) fn write(value: f64, places: usize, out: &mut Vec<u8>) -> bool {
    let Some(scaled) = scaled(value, places) else { return false };
    let mut digits = [b'0'; 40];
    let (mut rest, mut at) = (scaled, digits.len());
    for place in 0.. {
        if rest == 0 && place > places {
            break;
        }
        if place == places && places > 0 {
            at -= 1;
            digits[at] = b'.';
        }
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
    true
}

/// `value` rounded to so many places; nothing where the general way must.
pub(super) fn round(value: f64, places: usize) -> Option<f64> {
    // Both are exact as floats, so that their quotient is the float nearest to the decimal number.
    let scaled = scaled(value, places).filter(|scaled| *scaled <= 1 << 53)?;
    Some((scaled as f64 / POWERS[places] as f64).copysign(value))
}

#[cfg(test)]
mod tests {
    use super::{round, write};

    /// Values of all sizes, ties among them.
    fn values() -> impl Iterator<Item = f64> {
        let random = std::iter::repeat_with(crate::chance::numbers());
        let anything = random.take(20_000).flat_map(|bits| {
            let small = (bits >> 40) as f64 / 1024.0;
            let mixed = f64::from_bits(bits & 0x800F_FFFF_FFFF_FFFF | (0x3FF - 70 + bits % 140) << 52);
            [f64::from_bits(bits), small, -small / 100.0, mixed]
        });
        [0.0, -0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 1e15, 9_007_199_254_740_993.0, 0.05, 2.675, 1e22, f64::MIN_POSITIVE]
            .into_iter()
            .chain(anything.filter(|value| value.is_finite()))
    }

    #[test]
    fn digits_are_those_of_the_general_way() {
        let mut written = 0;
        for value in values() {
            for places in [0, 1, 2, 3, 6, 10, 15] {
                let mut out = Vec::new();
                if write(value, places, &mut out) {
                    assert_eq!(String::from_utf8(out).unwrap(), format!("{value:.places$}"));
                    written += 1;
                }
            }
        }
        assert!(written > 100_000, "most values take the short way: {written}");
    }

    #[test]
    fn rounding_is_that_of_the_decimal_text() {
        for value in values() {
            for places in [0, 1, 2, 5, 15] {
                if let Some(rounded) = round(value, places) {
                    let general: f64 = format!("{value:.places$}").parse().unwrap();
                    assert_eq!(rounded.to_bits(), general.to_bits(), "{value} to {places}");
                }
            }
        }
    }
}
