//! Text as integers: the rules of `int(text, base)`, and of integer literals.

use super::mul::mul;
use super::words::{largest_power, unpack};
use super::{Int, MASK, SHIFT, basic, normalised_len};

/// Why a text is not an integer; each is a ValueError.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseIntError {
    /// "invalid literal for int() with base 10: '...'".
    Invalid,
    /// "Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use
    /// sys.set_int_max_str_digits() to increase the limit". Holds the digits that the text has.
    TooManyDigits(usize),
}

/// Texts of up to this many digits are never too long (`sys.int_info.str_digits_check_threshold`).
pub const LIMIT_THRESHOLD: usize = 640;

/// Parses `text` as `int(text, base)` does: white space around, a sign, a prefix that fits the base, single
/// underscores between digits. `base` is 0 or from 2 to 36.
///
/// The caller maps Unicode digits and spaces to ASCII first. `max_digits` is `sys.get_int_max_str_digits()`: 0 for
/// no limit; it counts where the base is not a power of two.
pub fn parse_int(text: &[u8], base: u32, max_digits: usize) -> Result<Int, ParseIntError> {
    let text = trim(text);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let (base, text, zeros_only) = prefix(text, base);
    const ON_STACK: usize = 128;
    let (mut few, mut many) = ([0; ON_STACK], Vec::new());
    let values = if text.len() <= ON_STACK {
        &mut few[..text.len()]
    } else {
        many.resize(text.len(), 0);
        &mut many[..]
    };
    let count = digit_values(text, base, values)?;
    let values = &values[..count];
    if zeros_only && values.iter().any(|&v| v != 0) {
        return Err(ParseIntError::Invalid);
    }
    if !base.is_power_of_two() && max_digits > 0 && values.len() > max_digits.max(LIMIT_THRESHOLD) {
        return Err(ParseIntError::TooManyDigits(values.len()));
    }
    Ok(Int::new(negative, from_digit_values(values, base)))
}

/// Words that hold the number of what [`plain_decimal`] takes.
pub const FEW_WORDS: usize = 8;
/// Digits that hold it.
pub const FEW_DIGITS: usize = FEW_WORDS * 64 / SHIFT as usize + 1;

/// The number of a text of decimal digits of ASCII alone, of which there are no more than fit in the words; gives how many words are used, the
/// lowest first, or nothing where the text is another one.
#[inline]
pub fn plain_decimal(text: &[u8], words: &mut [u64; FEW_WORDS]) -> Option<usize> {
    const WIDTH: usize = largest_power(10).1;
    if text.is_empty() || text.len() > FEW_WORDS * WIDTH {
        return None;
    }
    let (first, others) = text.split_at(match text.len() % WIDTH {
        0 => WIDTH,
        odd => odd,
    });
    let mut len = 1;
    words[0] = decimal_word(first)?;
    for chunk in others.as_chunks::<WIDTH>().0 {
        let mut carry = decimal_word(chunk)?;
        for word in &mut words[..len] {
            let product = u128::from(*word) * u128::from(const { largest_power(10).0 }) + u128::from(carry);
            *word = product as u64;
            carry = (product >> 64) as u64;
        }
        if carry != 0 {
            words[len] = carry;
            len += 1;
        }
    }
    Some(len)
}

/// The number of up to nineteen decimal digits.
#[inline(always)]
fn decimal_word(text: &[u8]) -> Option<u64> {
    let (first, eights) = text.as_rchunks::<8>();
    let mut value = 0;
    for byte in first {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    for eight in eights {
        value = value * 100_000_000 + eight_digits(*eight)?;
    }
    Some(value)
}

/// The number of eight decimal digits: pairs, then fours, then all, each step in the parts of one word.
#[inline(always)]
fn eight_digits(text: [u8; 8]) -> Option<u64> {
    const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    let word = u64::from_le_bytes(text);
    // The upper half of each byte is 3, and still is with 6 more.
    if word & UPPER | (word.wrapping_add(0x0606_0606_0606_0606) & UPPER) >> 4 != 0x3333_3333_3333_3333 {
        return None;
    }
    let digits = word & !UPPER;
    let pairs = (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_FFFF_0000_FFFF;
    Some((fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF)
}

/// Writes words as digits; gives how many the number has.
pub fn digits_of_words(words: &[u64], out: &mut [u32; FEW_DIGITS]) -> usize {
    let (mut buffer, mut filled, mut len) = (0u128, 0, 0);
    for &word in words {
        buffer |= u128::from(word) << filled;
        filled += 64;
        while filled >= SHIFT {
            out[len] = buffer as u32 & MASK;
            len += 1;
            buffer >>= SHIFT;
            filled -= SHIFT;
        }
    }
    out[len] = buffer as u32;
    normalised_len(&out[..=len])
}

/// Drops the white space of ASCII from both ends.
pub fn trim(text: &[u8]) -> &[u8] {
    let space = |b: &u8| matches!(b, b' ' | b'\t'..=b'\r');
    let Some(start) = text.iter().position(|b| !space(b)) else { return &[] };
    let end = text.iter().rposition(|b| !space(b)).map_or(start, |i| i + 1);
    &text[start..end]
}

/// The effective base, what follows the prefix, and whether only zeros are allowed (`0` and `00` for base 0).
fn prefix(text: &[u8], base: u32) -> (u32, &[u8], bool) {
    let named = match text {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => 0,
    };
    if named != 0 && (base == 0 || base == named) {
        let rest = &text[2..];
        // One underscore may follow the prefix.
        let rest = rest.strip_prefix(b"_").unwrap_or(rest);
        return (named, rest, false);
    }
    match base {
        0 => (10, text, text.first() == Some(&b'0')),
        _ => (base.clamp(2, 36), text, false),
    }
}

/// What each byte is as a digit: 255 if it is none in any base.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < 36 {
        let byte = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        values[byte as usize] = value;
        values[byte.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    values
};

/// Writes the digits' values to `values`, which is as long as the text; gives how many there are.
fn digit_values(text: &[u8], base: u32, values: &mut [u8]) -> Result<usize, ParseIntError> {
    let (mut count, mut after_digit) = (0, false);
    for &byte in text {
        let value = VALUES[usize::from(byte)];
        if u32::from(value) < base {
            values[count] = value;
            count += 1;
            after_digit = true;
        } else if byte == b'_' && after_digit {
            after_digit = false;
        } else {
            return Err(ParseIntError::Invalid);
        }
    }
    if after_digit { Ok(count) } else { Err(ParseIntError::Invalid) }
}

/// The magnitude whose digits in `base` (2 to 36), the highest first, are `values`.
pub fn from_digit_values(values: &[u8], base: u32) -> Vec<u32> {
    let start = values.iter().position(|&v| v != 0).unwrap_or(values.len());
    let values = &values[start..];
    let mut out =
        if base.is_power_of_two() { from_bits(values, base.trailing_zeros()) } else { from_chunks(values, base) };
    out.truncate(normalised_len(&out));
    out
}

fn from_bits(values: &[u8], bits: u32) -> Vec<u32> {
    let mut out = Vec::with_capacity(values.len() * bits as usize / SHIFT as usize + 1);
    let (mut buffer, mut filled) = (0u64, 0);
    for &value in values.iter().rev() {
        buffer |= u64::from(value) << filled;
        filled += bits;
        if filled >= SHIFT {
            out.push(buffer as u32 & MASK);
            buffer >>= SHIFT;
            filled -= SHIFT;
        }
    }
    out.push(buffer as u32);
    out
}

/// Words of the shortest parts that [`from_chunks`] joins.
const PART: usize = 64;

/// Numbers of some thousand digits are built by multiplying and adding; pairs of them are joined level by level, with
/// the square of the last level's power. So the cost is that of a multiplication, times the levels.
fn from_chunks(values: &[u8], base: u32) -> Vec<u32> {
    let (power, width) = if base == 10 { const { largest_power(10) } } else { largest_power(base) };
    if values.len() <= width * PART {
        return from_group(values, base, power, width);
    }
    let mut parts: Vec<Vec<u32>> =
        values.rchunks(width * PART).map(|chunk| from_group(chunk, base, power, width)).collect();
    let mut unit = unpack(&[power]);
    unit.truncate(normalised_len(&unit));
    for _ in 0..PART.trailing_zeros() {
        unit = squared(&unit);
    }
    while parts.len() > 1 {
        parts = parts.chunks(2).map(|pair| join(pair, &unit)).collect();
        if parts.len() > 1 {
            unit = squared(&unit);
        }
    }
    parts.pop().unwrap_or_default()
}

/// `low + high * unit`, for a pair of low and high (or only a low).
fn join(pair: &[Vec<u32>], unit: &[u32]) -> Vec<u32> {
    let [low, high] = pair else { return pair.first().cloned().unwrap_or_default() };
    let mut product = vec![0; high.len() + unit.len()];
    let len = mul(high, unit, &mut product);
    let mut sum = vec![0; len.max(low.len()) + 1];
    let len = basic::add(&product[..len], low, &mut sum);
    sum.truncate(len);
    sum
}

fn squared(a: &[u32]) -> Vec<u32> {
    let mut out = vec![0; 2 * a.len()];
    let len = super::mul::square(a, &mut out);
    out.truncate(len);
    out
}

fn from_group(values: &[u8], base: u32, power: u64, width: usize) -> Vec<u32> {
    const FEW: usize = 8;
    if values.len() <= FEW * width {
        sum_up(values, base, power, width, &mut [0; FEW])
    } else {
        sum_up(values, base, power, width, &mut [0; PART])
    }
}

/// Multiplies and adds, chunk by chunk, in `words`, which are zeros and as many as there are chunks at least.
fn sum_up(values: &[u8], base: u32, power: u64, width: usize, words: &mut [u64]) -> Vec<u32> {
    let mut len = 0;
    for chunk in Chunks::new(values, width) {
        // Two sums that do not wait for each other.
        let (high, low) = chunk.split_at(chunk.len().saturating_sub(9));
        let sum = |part: &[u8]| part.iter().fold(0, |value, &d| value * u64::from(base) + u64::from(d));
        let mut carry = sum(high) * u64::from(base).pow(low.len() as u32) + sum(low);
        for word in &mut words[..len] {
            let product = u128::from(*word) * u128::from(power) + u128::from(carry);
            *word = product as u64;
            carry = (product >> 64) as u64;
        }
        if carry != 0
            && let Some(word) = words.get_mut(len)
        {
            *word = carry;
            len += 1;
        }
    }
    let mut out = unpack(&words[..len]);
    out.truncate(normalised_len(&out));
    out
}

/// Chunks of `width` from the front, of which only the first may be shorter.
struct Chunks<'a> {
    rest: &'a [u8],
    width: usize,
}

impl<'a> Chunks<'a> {
    fn new(rest: &'a [u8], width: usize) -> Self {
        Chunks { rest, width }
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let len = match self.rest.len() % self.width {
            0 => self.width,
            odd => odd,
        };
        let (chunk, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(chunk)
    }
}
