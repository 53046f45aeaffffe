//! Multiplication and squaring.

use super::bridge::{to_big, write_big};
use super::limbs::{self, LIMB, LIMB_MASK, Writer, join, limbs_for, pack};
use super::place::Place;
use super::{MASK, SHIFT, Signed};

/// From this many digits of the shorter operand on, `num-bigint` multiplies.
pub const BIG: usize = 120;
/// Up to this many digits, both operands are repacked on the stack, in few limbs.
const SHORT: usize = 16;

/// `a * b`. `out` needs `a.len() + b.len()` digits.
///
/// From [`BIG`] digits on, temporaries take about four times the memory of the result.
#[inline]
pub fn mul<P: Place>(a: &[u32], b: &[u32], out: &mut [P]) -> usize {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    match *short {
        [] => 0,
        [d] => mul_limb(long, u64::from(d), out),
        _ if long.len() <= SHORT => product::<{ limbs_for(SHORT) }, P>(long, short, out),
        [d0, d1] => mul_limb(long, join(&[d0, d1]), out),
        _ => mul_long(long, short, out),
    }
}

#[inline(never)]
fn mul_long<P: Place>(long: &[u32], short: &[u32], out: &mut [P]) -> usize {
    if short.len() >= BIG {
        write_big(&(to_big(long) * to_big(short)), &mut out[..long.len() + short.len()])
    } else if long.len() <= BIG {
        product::<{ limbs_for(BIG) }, P>(long, short, out)
    } else {
        in_pieces(long, short, out)
    }
}

/// `a * b` with signs: the result's sign and length. `out` needs `a` plus `b` digits.
#[inline]
pub fn mul_signed<P: Place>(a: Signed<'_>, b: Signed<'_>, out: &mut [P]) -> (bool, usize) {
    let same = std::ptr::eq(a.magnitude, b.magnitude);
    let len = if same { square(a.magnitude, out) } else { mul(a.magnitude, b.magnitude, out) };
    ((a.negative != b.negative) && len > 0, len)
}

/// `a * d`. `out` needs one digit more than `a`.
pub fn mul_digit<P: Place>(a: &[u32], d: u32, out: &mut [P]) -> usize {
    mul_limb(a, u64::from(d), out)
}

/// `a * d` for a `d` below 2**60. `out` needs one digit more than `a`, and two if `d` has two.
///
/// What a product carries into the next limb is added there before it is known what that limb's lower neighbours carry: only this
/// one bit is waited for.
fn mul_limb<P: Place>(a: &[u32], d: u64, out: &mut [P]) -> usize {
    if d == 0 {
        return 0;
    }
    let (pairs, last) = a.as_chunks::<2>();
    let (out_pairs, rest) = out[..a.len() + 1 + usize::from(d > u64::from(MASK))].split_at_mut(2 * pairs.len());
    // Four bits up, so that the halves of a product are limbs.
    let d = u128::from(d << (64 - LIMB));
    let (mut high, mut carry) = (0, 0);
    let mut step = |pair: &[u32; 2], o: &mut [P; 2]| {
        let product = u128::from(join(pair)) * d;
        let sum = (product as u64 >> (64 - LIMB)) + high + carry;
        high = (product >> 64) as u64;
        carry = sum >> LIMB;
        let [low, above] = o;
        low.put(sum as u32 & MASK);
        above.put((sum >> SHIFT) as u32 & MASK);
    };
    // Two limbs at a time, which takes a sixth less.
    let (twos, odd) = pairs.as_chunks::<2>();
    let (out_twos, out_odd) = out_pairs.as_chunks_mut::<2>().0.as_chunks_mut::<2>();
    for ([first, second], [to_first, to_second]) in twos.iter().zip(out_twos) {
        step(first, to_first);
        step(second, to_second);
    }
    for (pair, o) in odd.iter().zip(out_odd) {
        step(pair, o);
    }
    // One digit and a limb, or a limb alone.
    let digit = last.first().copied().unwrap_or(0);
    let mut sum = ((u128::from(digit) * d) >> (64 - LIMB)) + u128::from(high + carry);
    let mut len = 2 * pairs.len();
    for place in rest {
        place.put(sum as u32 & MASK);
        len += usize::from(sum != 0);
        sum >>= SHIFT;
    }
    len
}

/// `a * b` of operands of at most `LIMBS` limbs each; neither is empty.
fn product<const LIMBS: usize, P: Place>(a: &[u32], b: &[u32], out: &mut [P]) -> usize {
    let (mut x, mut y) = ([0; LIMBS], [0; LIMBS]);
    let (x_len, y_len) = (pack(a, &mut x), pack(b, &mut y));
    let mut to = Writer::new(&mut out[..a.len() + b.len()]);
    limbs::multiply(&x[..x_len], &y[..y_len], |limb| to.put(limb));
    to.len()
}

/// A long operand by a shorter one of less than [`BIG`] digits: piece after piece of it is multiplied and added to what the ones before have
/// left above themselves.
fn in_pieces<P: Place>(long: &[u32], short: &[u32], out: &mut [P]) -> usize {
    const PIECE: usize = limbs_for(BIG);
    let (mut x, mut y) = ([0; PIECE], [0; PIECE]);
    let y_len = pack(short, &mut y);
    let mut above = [0; PIECE];
    let mut to = Writer::new(&mut out[..long.len() + short.len()]);
    for piece in long.chunks(2 * PIECE) {
        let x_len = pack(piece, &mut x);
        let (mut at, mut carry) = (0, 0);
        let mut left = [0; PIECE];
        limbs::multiply(&x[..x_len], &y[..y_len], |limb| {
            let sum = limb + above.get(at).copied().unwrap_or(0) + carry;
            carry = sum >> LIMB;
            match at.checked_sub(x_len) {
                None => to.put(sum & LIMB_MASK),
                Some(above) => left[above] = sum & LIMB_MASK,
            }
            at += 1;
        });
        above = left;
    }
    for &limb in &above[..y_len] {
        to.put(limb);
    }
    to.len()
}

/// `a * a`. `out` needs twice as many digits as `a`.
#[inline]
pub fn square<P: Place>(a: &[u32], out: &mut [P]) -> usize {
    match a.len() {
        0 => 0,
        len if len <= SHORT => squared::<{ limbs_for(SHORT) }, P>(a, out),
        len if len <= BIG => squared::<{ limbs_for(BIG) }, P>(a, out),
        _ => square_big(a, out),
    }
}

fn squared<const LIMBS: usize, P: Place>(a: &[u32], out: &mut [P]) -> usize {
    let mut x = [0; LIMBS];
    let len = pack(a, &mut x);
    let mut to = Writer::new(&mut out[..2 * a.len()]);
    limbs::square(&x[..len], |limb| to.put(limb));
    to.len()
}

#[inline(never)]
fn square_big<P: Place>(a: &[u32], out: &mut [P]) -> usize {
    let big = to_big(a);
    write_big(&(&big * &big), &mut out[..2 * a.len()])
}
