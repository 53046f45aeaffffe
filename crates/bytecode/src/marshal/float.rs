//! Floats as text: what versions 0 and 1 of marshal write, C's `%.17g`.

/// Formats a float with 17 significant digits, as C's `%.17g` does.
pub(super) fn format_17g(value: f64) -> String {
    const PRECISION: i32 = 17;
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf".into() } else { "inf".into() };
    }
    // Rust writes `d.dddde-7`; the exponent decides between the two notations of `%g`.
    let scientific = format!("{:.*e}", PRECISION as usize - 1, value);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..PRECISION).contains(&exponent) {
        let decimals = (PRECISION - 1 - exponent).max(0) as usize;
        return without_trailing_zeros(&format!("{value:.decimals$}")).into();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.unsigned_abs())
}

fn without_trailing_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::format_17g;

    #[test]
    fn as_c_formats() {
        for (value, text) in [
            (0.1, "0.10000000000000001"),
            (1e100, "1e+100"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (123456789012345678.0, "1.2345678901234568e+17"),
            (12345678901234567.0, "12345678901234568"),
            (1e-7, "9.9999999999999995e-08"),
            (0.0001, "0.0001"),
            (0.0, "0"),
            (-0.0, "-0"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (5e-324, "4.9406564584124654e-324"),
        ] {
            assert_eq!(format_17g(value), text);
        }
    }
}
