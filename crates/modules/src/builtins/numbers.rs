//! `abs`, `bin`, `chr`, `divmod`, `hex`, `oct`, `ord`, `pow`, `round`.

use habu_macros::pymodule;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::{id, raise};

use super::Builtins;

/// An integer in a base of a power of two with its prefix.
fn in_base(number: &Object, base: u32, prefix: &[u8; 2]) -> Result<Ref<Str>, Raised> {
    let number = protocol::number::index(number)?;
    let (digits, sign) = (number.digits(), usize::from(number.is_negative()));
    let size = habu_numbers::digits::text::bits_size(digits, base.trailing_zeros());
    Str::assemble_bytes(size.saturating_add(sign + prefix.len()), |text| {
        let (before, text) = text.split_at_mut(sign + prefix.len());
        before[..sign].fill(b'-');
        before[sign..].copy_from_slice(prefix);
        habu_numbers::digits::text::fill_magnitude(digits, base, text);
    })
}

#[pymodule(table = NUMBERS)]
impl Builtins {
    /// Return the absolute value of the argument.
    fn abs(x: &Object) -> Result<Ref, Raised> {
        protocol::operator::absolute(x)
    }

    /// Return the binary representation of an integer.
    ///
    ///    >>> bin(2796202)
    ///    '0b1010101010101010101010'
    fn bin(number: &Object) -> Result<Ref<Str>, Raised> {
        in_base(number, 2, b"0b")
    }

    /// Return the octal representation of an integer.
    ///
    ///    >>> oct(342391)
    ///    '0o1234567'
    fn oct(number: &Object) -> Result<Ref<Str>, Raised> {
        in_base(number, 8, b"0o")
    }

    /// Return the hexadecimal representation of an integer.
    ///
    ///    >>> hex(12648430)
    ///    '0xc0ffee'
    fn hex(number: &Object) -> Result<Ref<Str>, Raised> {
        in_base(number, 16, b"0x")
    }

    /// Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.
    fn chr(i: &Object) -> Result<Ref<Str>, Raised> {
        let number = protocol::number::index(i)?;
        match number.to_i64() {
            Some(code @ 0..=0x10ffff) => Str::from_char(code as u32),
            Some(code) if i32::try_from(code).is_ok() => Err(raise!(ValueError, "chr() arg not in range(0x110000)")),
            _ => Err(raise!(OverflowError, "Python int too large to convert to C int")),
        }
    }

    /// Return the Unicode code point for a one-character string.
    fn ord(c: &Object) -> Result<u32, Raised> {
        let (code, length) = if let Some(text) = c.downcast::<Str>() {
            (if text.len() == 1 { text.chars().at(0) } else { 0 }, text.len())
        } else if let Some(bytes) = c.downcast::<Bytes>() {
            (bytes.as_slice().first().copied().unwrap_or(0).into(), bytes.len())
        } else if let Some(bytes) = c.downcast::<ByteArray>() {
            (bytes.get(0).unwrap_or(0).into(), bytes.len())
        } else {
            return Err(raise!(TypeError, "ord() expected string of length 1, but {} found", c.ty().full_name()));
        };
        if length != 1 {
            return Err(raise!(TypeError, "ord() expected a character, but string of length {length} found"));
        }
        Ok(code)
    }

    /// Return the tuple (x//y, x%y).  Invariant: div*y + mod == x.
    fn divmod(x: &Object, y: &Object) -> Result<Ref, Raised> {
        protocol::operator::divmod(x, y)
    }

    /// Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.
    ///
    /// Some types, such as ints, are able to use a more efficient algorithm when
    /// invoked using the three argument form.
    #[signature(base, exp, mod_ = None)]
    fn pow(base: &Object, exp: &Object, mod_: Option<&Object>) -> Result<Ref, Raised> {
        let none = habu_runtime::types::none();
        protocol::operator::power(base, exp, mod_.unwrap_or(&none))
    }

    /// Round a number to a given precision in decimal digits.
    ///
    /// The return value is an integer if ndigits is omitted or None.  Otherwise
    /// the return value has the same type as the number.  ndigits may be negative.
    #[signature(number, ndigits = None)]
    fn round(number: &Object, ndigits: Option<&Object>) -> Result<Ref, Raised> {
        let Some(method) = protocol::lookup_special(number, id!(__round__))? else {
            return Err(raise!(TypeError, "type {} doesn't define __round__ method", number.ty().full_name()));
        };
        match ndigits.filter(|digits| !is_none(digits)) {
            Some(digits) => protocol::call1(&method, digits),
            None => protocol::call0(&method),
        }
    }
}
