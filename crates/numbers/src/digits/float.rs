//! Between integers and `f64`, rounded correctly: half to even.

use super::shift::{any_below, shl, shr};
use super::{SHIFT, Signed, bit_length, div, shift, small};

/// The integer as a float; `None` where it is too large ("int too large to convert to float").
pub fn to_f64(a: Signed<'_>) -> Option<f64> {
    let bits = bit_length(a.magnitude);
    let value = if bits <= 64 {
        small::to_u64(a.magnitude)? as f64
    } else if bits <= 1024 {
        let drop = bits - 64;
        let low = (drop / u64::from(SHIFT)) as usize;
        let mut top = [0; 4];
        let len = shr(&a.magnitude[low..], drop % u64::from(SHIFT), &mut top);
        let mantissa = small::to_u64(&top[..len])? | u64::from(any_below(a.magnitude, drop));
        mantissa as f64 * power_of_two(drop as i32)
    } else {
        return None;
    };
    match value.is_finite() {
        true => Some(if a.negative { -value } else { value }),
        false => None,
    }
}

/// The integer as a float scaled into [0.5, 1), and the exponent, rounded half to even (`_PyLong_Frexp`).
/// Works for every size; zero gives `(0.0, 0)`.
pub fn frexp(a: Signed<'_>) -> (f64, u64) {
    let bits = bit_length(a.magnitude);
    if bits == 0 {
        return (0.0, 0);
    }
    let drop = bits.saturating_sub(64);
    let low = (drop / u64::from(SHIFT)) as usize;
    let mut top = [0; 4];
    let len = shr(&a.magnitude[low..], drop % u64::from(SHIFT), &mut top);
    let mantissa = small::to_u64(&top[..len]).unwrap_or(0) | u64::from(any_below(a.magnitude, drop));
    let mut value = mantissa as f64 * power_of_two(-(bits.min(64) as i32));
    let mut exponent = bits;
    if value >= 1.0 {
        value /= 2.0;
        exponent += 1;
    }
    (if a.negative { -value } else { value }, exponent)
}

/// `2.0 ** exponent`, for exponents from -1074 to 1023 (others give 0 and infinity).
pub(crate) fn power_of_two(exponent: i32) -> f64 {
    match exponent {
        1024.. => f64::INFINITY,
        -1022..=1023 => f64::from_bits(((exponent + 1023) as u64) << 52),
        -1074..=-1023 => f64::from_bits(1 << (exponent + 1074)),
        _ => 0.0,
    }
}

/// `mantissa * 2**exponent`, rounded half to even once; `sticky` says that a little more is to be added.
/// The mantissa has 55 bits or more, or nothing is rounded. Infinite on overflow.
pub(crate) fn assemble(mantissa: u64, sticky: bool, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let bits = i64::from(64 - mantissa.leading_zeros());
    if exponent + bits > 1024 {
        return f64::INFINITY;
    }
    let lowest = (exponent + bits - 53).max(-1074);
    let drop = lowest - exponent;
    let kept = match drop {
        ..=0 => return mantissa as f64 * power_of_two(exponent as i32),
        1..=63 => {
            let half = 1u64 << (drop - 1);
            let rest = mantissa & ((half << 1) - 1);
            let kept = mantissa >> drop;
            kept + u64::from(rest > half || (rest == half && (sticky || kept & 1 == 1)))
        }
        64 => u64::from(mantissa > 1 << 63 || (mantissa == 1 << 63 && sticky)),
        _ => 0,
    };
    kept as f64 * power_of_two(lowest as i32)
}

/// Why [`true_divide`] has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrueDivideError {
    /// ZeroDivisionError: "division by zero".
    Zero,
    /// OverflowError: "integer division result too large for a float".
    Overflow,
}

impl TrueDivideError {
    /// CPython's words.
    pub fn message(self) -> &'static str {
        match self {
            TrueDivideError::Zero => "division by zero",
            TrueDivideError::Overflow => "integer division result too large for a float",
        }
    }
}

/// `a / b`, rounded correctly. Temporaries take the operands' memory.
pub fn true_divide(a: Signed<'_>, b: Signed<'_>) -> Result<f64, TrueDivideError> {
    if b.is_zero() {
        return Err(TrueDivideError::Zero);
    }
    let negative = a.negative != b.negative;
    let (a_bits, b_bits) = (bit_length(a.magnitude), bit_length(b.magnitude));
    let value = if a_bits <= 53 && b_bits <= 53 {
        let (x, y) = (small::to_u64(a.magnitude).unwrap_or(0), small::to_u64(b.magnitude).unwrap_or(1));
        x as f64 / y as f64
    } else {
        divide_magnitudes(a.magnitude, b.magnitude, a_bits as i64 - b_bits as i64)
    };
    if value.is_infinite() {
        return Err(TrueDivideError::Overflow);
    }
    Ok(if negative { -value } else { value })
}

/// Shifts the dividend so that the quotient has 62 or 63 bits. `excess` is by how many bits `a` is longer.
fn divide_magnitudes(a: &[u32], b: &[u32], excess: i64) -> f64 {
    if excess > 1024 {
        return f64::INFINITY;
    }
    if a.is_empty() || excess < -1076 {
        return 0.0;
    }
    let exponent = excess - 62;
    let mut sticky = false;
    let mut dividend;
    let len = if exponent >= 0 {
        sticky = any_below(a, exponent as u64);
        dividend = vec![0; a.len()];
        shr(a, exponent as u64, &mut dividend)
    } else {
        let bits = exponent.unsigned_abs();
        dividend = vec![0; shift::shl_size(a.len(), bits).unwrap_or(0)];
        shl(a, bits, &mut dividend)
    };
    let mut quotient = vec![0; (len + 1).saturating_sub(b.len()).max(1)];
    let mut remainder = vec![0; len.min(b.len())];
    let (q_len, r_len) = div::divmod(&dividend[..len], b, &mut quotient, &mut remainder);
    sticky |= r_len > 0;
    assemble(small::to_u64(&quotient[..q_len]).unwrap_or(u64::MAX), sticky, exponent)
}

/// Writes the integer part of `|value|` (finite) to `out`, which needs 38 digits for the largest, and 3 for
/// anything below 2**64. Returns the number of digits.
pub fn magnitude_of_f64(value: f64, out: &mut [u32]) -> usize {
    let value = value.abs();
    if value < 18_446_744_073_709_551_616.0 {
        return small::from_u64(value as u64, out);
    }
    if !value.is_finite() {
        return 0;
    }
    let bits = value.to_bits();
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let exponent = (bits >> 52) - 1075;
    let mut digits = [0; 3];
    let len = small::from_u64(mantissa, &mut digits);
    shl(&digits[..len], exponent, out)
}
