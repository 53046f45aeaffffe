//! `int.to_bytes` and `int.from_bytes`.

use super::{MASK, SHIFT, Signed, normalised_len};

/// Why an integer does not fit in so many bytes; both are OverflowErrors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToBytesError {
    /// "can't convert negative int to unsigned".
    Negative,
    /// "int too big to convert".
    TooBig,
}

impl ToBytesError {
    /// CPython's words.
    pub fn message(self) -> &'static str {
        match self {
            ToBytesError::Negative => "can't convert negative int to unsigned",
            ToBytesError::TooBig => "int too big to convert",
        }
    }
}

/// Fills `out` with the integer: two's complement if `signed`, the lowest byte first if `little`.
pub fn to_bytes(a: Signed<'_>, out: &mut [u8], little: bool, signed: bool) -> Result<(), ToBytesError> {
    if a.negative && !signed {
        return Err(ToBytesError::Negative);
    }
    let mut digits = a.magnitude.iter();
    let (flip, mut carry) = if a.negative { (MASK, 1) } else { (0, 0) };
    let (mut buffer, mut filled) = (0u64, 0);
    let len = out.len();
    let mut top = 0;
    for i in 0..len {
        if filled < 8 {
            let digit = (digits.next().copied().unwrap_or(0) ^ flip) + carry;
            carry = digit >> SHIFT;
            buffer |= u64::from(digit & MASK) << filled;
            filled += SHIFT;
        }
        top = buffer as u8;
        out[if little { i } else { len - 1 - i }] = top;
        buffer >>= 8;
        filled -= 8;
    }
    // No byte at all holds 0, and signed also -1, as in CPython 3.11.
    // All bits beyond the buffer must be copies of the sign, and so must its top bit if it is signed.
    let sign_digit = |digit: u32| digit & MASK == flip;
    let rest_is_sign = buffer == u64::from(flip) & ((1 << filled) - 1)
        && digits.all(|&d| {
            let digit = (d ^ flip) + carry;
            carry = digit >> SHIFT;
            sign_digit(digit)
        });
    let top_is_sign = !signed || len == 0 || (top >= 0x80) == a.negative;
    if rest_is_sign && top_is_sign { Ok(()) } else { Err(ToBytesError::TooBig) }
}

/// The digits that [`from_bytes`] needs for `len` bytes.
pub fn from_bytes_size(len: usize) -> usize {
    // 15 bytes are 4 digits.
    len / 15 * 4 + len % 15 * 8 / 30 + 1
}

/// The integer in `bytes`: its sign and length. `out` needs [`from_bytes_size`] digits.
pub fn from_bytes(bytes: &[u8], little: bool, signed: bool, out: &mut [u32]) -> (bool, usize) {
    let at = |i: usize| if little { bytes[i] } else { bytes[bytes.len() - 1 - i] };
    let negative = signed && !bytes.is_empty() && at(bytes.len() - 1) >= 0x80;
    let (flip, mut carry) = if negative { (0xff, 1) } else { (0, 0) };
    let (mut buffer, mut filled, mut len) = (0u64, 0, 0);
    for i in 0..bytes.len() {
        // The magnitude of a negative number is the complement of its bytes plus 1.
        let byte = u64::from(at(i) ^ flip) + carry;
        carry = byte >> 8;
        buffer |= (byte & 0xff) << filled;
        filled += 8;
        if filled >= SHIFT {
            out[len] = buffer as u32 & MASK;
            len += 1;
            buffer >>= SHIFT;
            filled -= SHIFT;
        }
    }
    // A carry out of the top is 2**(8 * len): only 0 has it, and 0 is not negative.
    if buffer != 0 {
        out[len] = buffer as u32;
        len += 1;
    }
    let len = normalised_len(&out[..len]);
    (negative && len > 0, len)
}
