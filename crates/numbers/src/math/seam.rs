//! The C library's functions that the standard library does not offer, or computes in its own way.
//!
//! CPython calls these, so the last bit of a result is the C library's. They take and give plain numbers and keep no
//! state, so each is safe to call.

#![expect(unsafe_code, reason = "the declarations of C functions; nothing here dereferences anything")]

// SAFETY: these are C99's functions of <math.h>, with their signatures; none touches memory but errno.
unsafe extern "C" {
    /// The inverse hyperbolic cosine.
    pub safe fn acosh(x: f64) -> f64;
    /// The inverse hyperbolic sine.
    pub safe fn asinh(x: f64) -> f64;
    /// The inverse hyperbolic tangent.
    pub safe fn atanh(x: f64) -> f64;
    /// The error function.
    pub safe fn erf(x: f64) -> f64;
    /// One minus the error function, exact where that is tiny.
    pub safe fn erfc(x: f64) -> f64;
    /// The length of (x, y), without undue overflow.
    pub safe fn hypot(x: f64, y: f64) -> f64;
    /// `x - n * y`, where `n` is the integer nearest to `x / y`, halves to even.
    pub safe fn remainder(x: f64, y: f64) -> f64;
    /// The cube root. Rust's runtime has a `cbrt` of its own (rounded correctly, which the C library's is not), and
    /// the linker would prefer it: glibc's goes by another name too.
    #[cfg_attr(all(target_os = "linux", target_env = "gnu"), link_name = "cbrtf64")]
    pub safe fn cbrt(x: f64) -> f64;
    /// `2.0 ** x`.
    pub safe fn exp2(x: f64) -> f64;
    /// `e**x - 1`.
    pub safe fn expm1(x: f64) -> f64;
    /// `log(1 + x)`.
    pub safe fn log1p(x: f64) -> f64;
    /// `x * 2**n`, rounded once.
    pub safe fn ldexp(x: f64, n: i32) -> f64;
}
