//! Integers as text, in any radix from 2 to 36.

use super::basic::compare;
use super::div::divmod;
use super::mul::square;
use super::words::{Divisor, largest_power, pack, unpack, words_for};
use super::{SHIFT, Signed, bit_length, small};

/// Chunks of one word that make up the shortest part when a number is divided into halves.
const PART: u32 = 128;
/// From this many digits on, the number is divided into halves.
const BIG: usize = 540;

const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut value = 0;
    while value < 100 {
        pairs[value] = [DIGITS[value / 10], DIGITS[value % 10]];
        value += 1;
    }
    pairs
};

/// An upper bound of the characters of a magnitude in this radix (without a sign).
pub fn text_size(a: &[u32], radix: u32) -> usize {
    let bits = bit_length(a);
    let per_digit = if radix == 10 { const { bits_of_digit(10) } } else { bits_of_digit(radix.clamp(2, 36)) };
    usize::try_from(bits.saturating_mul(64) / per_digit).unwrap_or(usize::MAX).saturating_add(1)
}

/// The characters of a magnitude in a radix of so many bits (without a sign).
pub fn bits_size(a: &[u32], bits: u32) -> usize {
    usize::try_from(bit_length(a).div_ceil(bits.into())).unwrap_or(usize::MAX).max(1)
}

/// The logarithm of the radix to base 2, rounded down to a 64th.
const fn bits_of_digit(radix: u32) -> u64 {
    // That of the radix raised to 64 by squaring six times, of which the upper bits are enough.
    let (mut value, mut whole, mut squarings) = (radix as u64, 0, 0);
    while squarings < 6 {
        let cut = 32u32.saturating_sub(value.leading_zeros());
        value >>= cut;
        value *= value;
        whole = 2 * (whole + cut as u64);
        squarings += 1;
    }
    whole + 63 - value.leading_zeros() as u64
}

/// Whether the integer surely has more than `limit` decimal digits, from its size alone: the check before a
/// conversion under `sys.set_int_max_str_digits`. What passes has at most about 1 % more than `limit`, and must be
/// counted once converted.
pub fn surely_longer_than(a: &[u32], limit: usize) -> bool {
    // 2**(bits - 1) has more than (bits - 1) * 0.30102 digits.
    let least = u128::from(bit_length(a).saturating_sub(1)) * 30102 / 100_000 + 1;
    !a.is_empty() && least > limit as u128
}

/// Appends the magnitude in lower case to `out`, without sign or prefix. `radix` is from 2 to 36.
pub fn write_magnitude(a: &[u32], radix: u32, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + text_size(a, radix.clamp(2, 36)), b'0');
    let unused = fill_magnitude(a, radix, &mut out[start..]);
    let len = out.len();
    out.copy_within(start + unused.., start);
    out.truncate(len - unused);
}

/// Writes the magnitude in lower case, without sign or prefix, to the end of `out`, which has room for [`text_size`] characters; gives where
/// it starts. `radix` is from 2 to 36.
pub fn fill_magnitude(a: &[u32], radix: u32, out: &mut [u8]) -> usize {
    let radix = radix.clamp(2, 36);
    if radix.is_power_of_two() {
        fill_bits(a, radix.trailing_zeros(), out)
    } else if let Some(value) = small::to_u64(a) {
        // With a constant the divisions are multiplications, and decimal is what nearly everything is.
        if radix == 10 { fill_word::<10>(value, 10, out) } else { fill_word::<0>(value, radix.into(), out) }
    } else if a.len() < BIG {
        if radix == 10 { fill_words::<10>(a, 10, out) } else { fill_words::<0>(a, radix, out) }
    } else {
        fill_halves(a, radix, out)
    }
}

/// Appends the integer with its sign; no prefix.
pub fn write_signed(a: Signed<'_>, radix: u32, out: &mut Vec<u8>) {
    if a.negative {
        out.push(b'-');
    }
    write_magnitude(a.magnitude, radix, out);
}

/// Fills the end of the buffer with the number's digits; returns where they start. `RADIX` is the radix where it is known beforehand.
#[inline(always)]
fn fill_word<const RADIX: u64>(mut value: u64, radix: u64, out: &mut [u8]) -> usize {
    let radix = if RADIX == 0 { radix } else { RADIX };
    let mut start = out.len();
    while RADIX == 10 && value >= 100 && start >= 2 {
        start -= 2;
        out[start..start + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    while start > 0 {
        start -= 1;
        out[start] = DIGITS[(value % radix) as usize];
        value /= radix;
        if value == 0 {
            break;
        }
    }
    start
}

fn fill_bits(a: &[u32], bits: u32, out: &mut [u8]) -> usize {
    let start = out.len().saturating_sub(bits_size(a, bits));
    // With a constant the loop over the characters of a digit needs no shifts of its own.
    match bits {
        1 => fill_power_of_two::<1>(a, &mut out[start..]),
        2 => fill_power_of_two::<2>(a, &mut out[start..]),
        3 => fill_power_of_two::<3>(a, &mut out[start..]),
        4 => fill_power_of_two::<4>(a, &mut out[start..]),
        _ => fill_power_of_two::<5>(a, &mut out[start..]),
    }
    start
}

/// Fills the characters from the last to the first, `BITS` bits each: two digits are a whole number of characters in every radix.
fn fill_power_of_two<const BITS: u32>(a: &[u32], out: &mut [u8]) {
    let width = (2 * SHIFT / BITS) as usize;
    let (mut a, mut out) = (a, out);
    while BITS == 4 && a.len() > 2 && out.len() > width {
        let (pair, rest) = a.split_at(2);
        // A character more than the pair has: the next one's last is written over it.
        let (others, places) = out.split_at_mut(out.len() - width - 1);
        let limb = u64::from(pair[0]) | u64::from(pair[1]) << SHIFT;
        places[..8].copy_from_slice(&hexadecimal((limb >> 32) as u32));
        places[8..].copy_from_slice(&hexadecimal(limb as u32));
        let left = others.len() + 1;
        (a, out) = (rest, &mut out[..left]);
    }
    let a = if a.is_empty() { &[0] } else { a };
    for (digits, places) in a.chunks(2).zip(out.rchunks_mut(width)) {
        let high = digits.get(1).copied().unwrap_or(0);
        let mut rest = u64::from(digits[0]) | u64::from(high) << SHIFT;
        for place in places.iter_mut().rev() {
            *place = DIGITS[rest as usize & ((1 << BITS) - 1)];
            rest >>= BITS;
        }
    }
}

/// Eight hexadecimal digits, all at once in the bytes of a word.
#[inline(always)]
fn hexadecimal(value: u32) -> [u8; 8] {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let mut nibbles = u64::from(value);
    nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF;
    nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF;
    nibbles = (nibbles | nibbles << 4) & (ONES * 0x0F);
    // From ten on, adding six carries into the upper half of a byte.
    let letters = (nibbles + ONES * 6) >> 4 & ONES;
    (nibbles + ONES * u64::from(b'0') + letters * u64::from(b'a' - b'9' - 1)).to_be_bytes()
}

/// The most chunks that [`decimal_chunks`] takes.
pub const FEW_CHUNKS: usize = 13;

/// Nineteen decimal digits for each chunk, the lowest first, of a magnitude that has no more than so many; none otherwise.
pub fn decimal_chunks(a: &[u32], chunks: &mut [u64; FEW_CHUNKS]) -> usize {
    // Twelve words have 232 decimal digits at most, which are thirteen chunks.
    const WORDS: usize = 12;
    if a.len() > WORDS * 64 / SHIFT as usize {
        return 0;
    }
    let mut words = [0; WORDS];
    let mut len = match small::to_u128(a) {
        Some(value) => {
            (words[0], words[1]) = (value as u64, (value >> 64) as u64);
            if words[1] != 0 { 2 } else { 1 }
        }
        None => pack(a, &mut words[..words_for(a.len())]),
    };
    let mut count = 0;
    // What is left is below the square of the power where it is one word.
    while len > 1 || words[0] >= CHUNK.0 {
        chunks[count] = DECIMAL.divide_words(&mut words[..len]);
        count += 1;
        len -= usize::from(words[len - 1] == 0 && len > 1);
    }
    chunks[count] = words[0];
    count + 1
}

/// The characters of these chunks.
pub fn chunks_len(chunks: &[u64]) -> usize {
    let Some((&top, rest)) = chunks.split_last() else { return 0 };
    rest.len() * CHUNK.1 + decimal_len(top)
}

/// The decimal digits of a word.
fn decimal_len(value: u64) -> usize {
    value.checked_ilog10().map_or(1, |log| log as usize + 1)
}

/// Writes the chunks to `out`, which has [`chunks_len`] places.
pub fn write_chunks(chunks: &[u64], out: &mut [u8]) {
    let Some((&top, rest)) = chunks.split_last() else { return };
    let (first, others) = out.split_at_mut(out.len().saturating_sub(rest.len() * CHUNK.1));
    fill_word::<10>(top, 10, first);
    for (&chunk, places) in rest.iter().zip(others.rchunks_mut(CHUNK.1)) {
        fill_chunk(chunk, places);
    }
}

/// The largest power of ten that is a word, and its exponent.
const CHUNK: (u64, usize) = largest_power(10);
const DECIMAL: Divisor = Divisor::new(CHUNK.0);

/// Writes as many decimal digits as there are places, two at a time.
#[inline(always)]
fn fill_chunk(mut chunk: u64, places: &mut [u8]) {
    let (first, pairs) = places.as_rchunks_mut::<2>();
    for pair in pairs.iter_mut().rev() {
        *pair = PAIRS[(chunk % 100) as usize];
        chunk /= 100;
    }
    for place in first.iter_mut().rev() {
        *place = DIGITS[(chunk % 10) as usize];
        chunk /= 10;
    }
}

/// Divides by the largest power of the radix that is a word, again and again; the remainders are the text, the last characters first.
fn fill_words<const RADIX: u32>(a: &[u32], radix: u32, out: &mut [u8]) -> usize {
    const ON_STACK: usize = 48;
    let count = words_for(a.len());
    if count <= ON_STACK {
        let mut words = [0; ON_STACK];
        let len = pack(a, &mut words[..count]);
        return divide_out::<RADIX>(&mut words[..len], radix, out);
    }
    let mut words = vec![0; count];
    let len = pack(a, &mut words);
    divide_out::<RADIX>(&mut words[..len], radix, out)
}

fn divide_out<const RADIX: u32>(words: &mut [u64], radix: u32, out: &mut [u8]) -> usize {
    let radix = if RADIX == 0 { radix } else { RADIX };
    let (power, width) = largest_power(radix);
    let divisor = if RADIX == 10 { DECIMAL } else { Divisor::new(power) };
    let (mut len, mut end) = (words.len(), out.len());
    while len > 0 {
        let mut chunk = divisor.divide_words(&mut words[..len]);
        while len > 0 && words[len - 1] == 0 {
            len -= 1;
        }
        if len == 0 {
            return if RADIX == 10 {
                fill_word::<10>(chunk, 10, &mut out[..end])
            } else {
                fill_word::<0>(chunk, radix.into(), &mut out[..end])
            };
        }
        let start = end.saturating_sub(width);
        let places = &mut out[start..end];
        if RADIX == 10 {
            fill_chunk(chunk, places);
        } else {
            for place in places.iter_mut().rev() {
                *place = DIGITS[(chunk % u64::from(radix)) as usize];
                chunk /= u64::from(radix);
            }
        }
        end = start;
    }
    end
}

/// Divides by powers whose exponents double, from the largest down: the halves are texts of their own, the lower one with its zeros.
fn fill_halves(a: &[u32], radix: u32, out: &mut [u8]) -> usize {
    let (power, width) = largest_power(radix);
    let mut unit = unpack(&[power]);
    unit.truncate(super::normalised_len(&unit));
    let mut powers = Vec::new();
    let mut exponent = width;
    for _ in 0..PART.trailing_zeros() {
        unit = squared(&unit);
        exponent *= 2;
    }
    while compare(&unit, a).is_le() {
        let next = (2 * unit.len() <= a.len() + 1).then(|| squared(&unit));
        powers.push((unit, exponent));
        let Some(next) = next else { break };
        unit = next;
        exponent *= 2;
    }
    fill_part(a, radix, &powers, out)
}

/// As [`fill_magnitude`], of a number below the square of the last of the powers of the radix. Each is the square of the one before it, so
/// there are no more levels than bits in a size.
fn fill_part(a: &[u32], radix: u32, powers: &[(Vec<u32>, usize)], out: &mut [u8]) -> usize {
    let Some(((unit, exponent), powers)) = powers.split_last() else {
        if a.is_empty() {
            return out.len();
        }
        return if radix == 10 { fill_words::<10>(a, 10, out) } else { fill_words::<0>(a, radix, out) };
    };
    if compare(a, unit).is_lt() {
        return fill_part(a, radix, powers, out);
    }
    let (mut high, mut low) = (vec![0; a.len() - unit.len() + 1], vec![0; unit.len()]);
    let (high_len, low_len) = divmod(a, unit, &mut high, &mut low);
    let middle = out.len().saturating_sub(*exponent);
    let (left, right) = out.split_at_mut(middle);
    let start = fill_part(&low[..low_len], radix, powers, right);
    right[..start].fill(b'0');
    fill_part(&high[..high_len], radix, powers, left)
}

fn squared(a: &[u32]) -> Vec<u32> {
    let mut out = vec![0; 2 * a.len()];
    let len = square(a, &mut out);
    out.truncate(len);
    out
}

#[cfg(test)]
mod tests {
    use super::bits_of_digit;

    #[test]
    fn logarithms_are_rounded_down() {
        for radix in 2..=36u32 {
            let exact = f64::from(radix).log2() * 64.0;
            let rounded = bits_of_digit(radix) as f64;
            assert!(rounded <= exact + 1e-9 && rounded > exact - 1.0, "{radix}: {rounded} for {exact}");
        }
    }
}
