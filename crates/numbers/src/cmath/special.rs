//! The values of the complex functions where an argument is infinite or not a number (C99, annex G).
//!
//! A table has a row for each kind of real part and in it a pair for each kind of imaginary part: -inf, negative,
//! -0, 0, positive, inf, NaN. A pair gives the result's parts, a letter each: `0` 0, `1` 1, `I` infinity, `P` pi, `H`
//! pi/2, `Q` pi/4, `T` 3pi/4, `N` NaN; `o l i p h q t` are their negatives. `!!` is a domain error, and `..` is not
//! looked up.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use super::{Complex, Result};
use crate::math::MathError;

/// Rows of text.
pub(super) type Table = [&'static [u8; 20]; 7];

/// The row or column of a number.
fn place(x: f64) -> usize {
    match (x.is_sign_negative(), x) {
        _ if x.is_nan() => 6,
        (true, f64::NEG_INFINITY) => 0,
        (true, 0.0) => 2,
        (true, _) => 1,
        (false, 0.0) => 3,
        (false, f64::INFINITY) => 5,
        (false, _) => 4,
    }
}

/// The table's value for `z`.
pub(super) fn look_up(table: &Table, z: Complex) -> Result {
    let row = table[place(z.real)];
    let column = 3 * place(z.imag);
    match (row[column], row[column + 1]) {
        (b'!', _) => Err(MathError::Domain),
        (real, imag) => Ok(Complex::new(value(real), value(imag))),
    }
}

fn value(letter: u8) -> f64 {
    match letter {
        b'0' => 0.0,
        b'o' => -0.0,
        b'1' => 1.0,
        b'l' => -1.0,
        b'I' => f64::INFINITY,
        b'i' => f64::NEG_INFINITY,
        b'P' => PI,
        b'p' => -PI,
        b'H' => FRAC_PI_2,
        b'h' => -FRAC_PI_2,
        b'Q' => FRAC_PI_4,
        b'q' => -FRAC_PI_4,
        b'T' => 3.0 * FRAC_PI_4,
        b't' => -3.0 * FRAC_PI_4,
        _ => f64::NAN,
    }
}

/// The table of `acos`.
pub(super) const ACOS: Table = [
    b"TI PI PI Pi Pi Ti NI",
    b"HI .. .. .. .. Hi NN",
    b"HI .. .. .. .. Hi HN",
    b"HI .. .. .. .. Hi HN",
    b"HI .. .. .. .. Hi NN",
    b"QI 0I 0I 0i 0i Qi NI",
    b"NI NN NN NN NN Ni NN",
];

/// The table of `acosh`.
pub(super) const ACOSH: Table = [
    b"It Ip Ip IP IP IT IN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Iq Io Io I0 I0 IQ IN",
    b"IN NN NN NN NN IN NN",
];

/// The table of `asinh`.
pub(super) const ASINH: Table = [
    b"iq io io i0 i0 iQ iN",
    b"ih .. .. .. .. iH NN",
    b"ih .. .. .. .. iH NN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Iq Io Io I0 I0 IQ IN",
    b"IN NN No N0 NN IN NN",
];

/// The table of `atanh`.
pub(super) const ATANH: Table = [
    b"oh oh oh oH oH oH oN",
    b"oh .. .. .. .. oH NN",
    b"oh .. .. .. .. oH oN",
    b"0h .. .. .. .. 0H 0N",
    b"0h .. .. .. .. 0H NN",
    b"0h 0h 0h 0H 0H 0H 0N",
    b"0h NN NN NN NN 0H NN",
];

/// The table of `cosh`.
pub(super) const COSH: Table = [
    b"!! .. I0 Io .. !! IN",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! N0",
    b"!! .. .. .. .. !! N0",
    b"!! .. .. .. .. !! NN",
    b"!! .. Io I0 .. !! IN",
    b"NN NN N0 N0 NN NN NN",
];

/// The table of `exp`.
pub(super) const EXP: Table = [
    b"00 .. 0o 00 .. 00 00",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! NN",
    b"!! .. Io I0 .. !! IN",
    b"NN NN No N0 NN NN NN",
];

/// The table of `log`.
pub(super) const LOG: Table = [
    b"It Ip Ip IP IP IT IN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Ih .. .. .. .. IH NN",
    b"Iq Io Io I0 I0 IQ IN",
    b"IN NN NN NN NN IN NN",
];

/// The table of `rect`.
pub(super) const RECT: Table = [
    b"!! .. i0 io .. !! IN",
    b"!! .. .. .. .. !! NN",
    b"00 .. .. .. .. 00 00",
    b"00 .. .. .. .. 00 00",
    b"!! .. .. .. .. !! NN",
    b"!! .. Io I0 .. !! IN",
    b"NN NN N0 N0 NN NN NN",
];

/// The table of `sinh`.
pub(super) const SINH: Table = [
    b"!! .. io i0 .. !! IN",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! 0N",
    b"!! .. .. .. .. !! 0N",
    b"!! .. .. .. .. !! NN",
    b"!! .. Io I0 .. !! IN",
    b"NN NN No N0 NN NN NN",
];

/// The table of `sqrt`.
pub(super) const SQRT: Table = [
    b"Ii 0i 0i 0I 0I II NI",
    b"Ii .. .. .. .. II NN",
    b"Ii .. .. .. .. II NN",
    b"Ii .. .. .. .. II NN",
    b"Ii .. .. .. .. II NN",
    b"Ii Io Io I0 I0 II IN",
    b"Ii NN NN NN NN II NN",
];

/// The table of `tanh`.
pub(super) const TANH: Table = [
    b"l0 .. lo l0 .. l0 l0",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! NN",
    b"!! .. .. .. .. !! NN",
    b"10 .. 1o 10 .. 10 10",
    b"NN NN No N0 NN NN NN",
];
