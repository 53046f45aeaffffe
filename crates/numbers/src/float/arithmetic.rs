//! Division, modulo and powers of floats, as Python has them.

/// `divmod(a, b)`: the floor of the quotient as a float, and a remainder with the sign of `b`. `None` if `b` is 0:
/// ZeroDivisionError "float divmod()", "float floor division by zero" or "float modulo".
pub fn floor_divmod(a: f64, b: f64) -> Option<(f64, f64)> {
    if b == 0.0 {
        return None;
    }
    let mut rest = a % b;
    // Nearly an integer, since the remainder is exact; rounded below.
    let mut quotient = (a - rest) / b;
    if rest == 0.0 {
        rest = 0f64.copysign(b);
    } else if (b < 0.0) != (rest < 0.0) {
        rest += b;
        quotient -= 1.0;
    }
    let floor = if quotient == 0.0 {
        0f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    };
    Some((floor, rest))
}

/// `a // b`; `None` if `b` is 0.
pub fn floor_div(a: f64, b: f64) -> Option<f64> {
    floor_divmod(a, b).map(|(quotient, _)| quotient)
}

/// `a % b`; `None` if `b` is 0.
pub fn modulo(a: f64, b: f64) -> Option<f64> {
    if b == 0.0 {
        return None;
    }
    let rest = a % b;
    Some(if rest == 0.0 {
        0f64.copysign(b)
    } else if (b < 0.0) != (rest < 0.0) {
        rest + b
    } else {
        rest
    })
}

/// What `a ** b` comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Power {
    /// A float.
    Value(f64),
    /// A negative number to a fraction: the power of the complex numbers.
    Complex,
    /// ZeroDivisionError: "0.0 cannot be raised to a negative power".
    ZeroDivision,
    /// OverflowError: `(34, 'Numerical result out of range')`.
    Overflow,
}

/// `a ** b`: C's `pow`, but for what Python takes for an error.
pub fn pow(a: f64, b: f64) -> Power {
    let finite = a.is_finite() && b.is_finite();
    if finite && a == 0.0 && b < 0.0 {
        return Power::ZeroDivision;
    }
    if finite && a < 0.0 && b != b.floor() {
        return Power::Complex;
    }
    let value = a.powf(b);
    if finite && value.is_infinite() { Power::Overflow } else { Power::Value(value) }
}
