//! Magnitudes as *limbs* of 60 bits, two digits each: what products and quotients of middling size are made of.
//!
//! A digit pair becomes a limb by two shifts, so that repacking costs next to nothing; a product of two limbs has 120 bits, and 256 of them
//! can be added up in a `u128` before anything has to be carried.

use super::place::Place;
use super::{MASK, SHIFT};

/// Bits in a limb.
pub(super) const LIMB: u32 = 2 * SHIFT;
/// The largest limb.
pub(super) const LIMB_MASK: u64 = (1 << LIMB) - 1;

/// How many limbs hold that many digits.
pub(super) const fn limbs_for(digits: usize) -> usize {
    digits.div_ceil(2)
}

/// Two digits as a limb.
#[inline(always)]
pub(super) fn join(pair: &[u32; 2]) -> u64 {
    u64::from(pair[0]) | u64::from(pair[1]) << SHIFT
}

/// Writes a limb as two digits.
#[inline(always)]
pub(super) fn split<P: Place>(limb: u64, to: &mut [P; 2]) {
    // Put together, so that they are stored together.
    let word = limb & u64::from(MASK) | (limb << (u32::BITS - SHIFT)) & (u64::from(MASK) << u32::BITS);
    let [low, high] = to;
    low.put(word as u32);
    high.put((word >> u32::BITS) as u32);
}

/// Writes digits as limbs, of which the last may be half empty; gives how many there are.
#[inline]
pub(super) fn pack(a: &[u32], limbs: &mut [u64]) -> usize {
    let (pairs, last) = a.as_chunks::<2>();
    let count = pairs.len() + last.len();
    let limbs = &mut limbs[..count];
    for (pair, limb) in pairs.iter().zip(limbs.iter_mut()) {
        *limb = join(pair);
    }
    if let ([digit], Some(limb)) = (last, limbs.last_mut()) {
        *limb = u64::from(*digit);
    }
    count
}

/// Writes digits as limbs `shift` bits up (below 60), with one limb more for what goes out of the highest; gives how many there are.
#[inline]
pub(super) fn pack_shifted(a: &[u32], shift: u32, limbs: &mut [u64]) -> usize {
    let count = pack(a, limbs);
    let mut below = 0;
    for limb in &mut limbs[..count] {
        let whole = *limb;
        *limb = (whole << shift | below >> (LIMB - shift)) & LIMB_MASK;
        below = whole;
    }
    limbs[count] = below >> (LIMB - shift);
    count + 1
}

/// Writes limbs as digits, `shift` bits down (below 60), as many as there are places for; the others are zeros. Gives how many digits the number
/// has.
#[inline]
pub(super) fn unpack_shifted<P: Place>(limbs: &[u64], shift: u32, out: &mut [P]) -> usize {
    let limbs = used(limbs);
    let mut to = Writer::new(out);
    for (at, &limb) in limbs.iter().enumerate() {
        let above = limbs.get(at + 1).copied().unwrap_or(0);
        to.put(limb >> shift | above << (LIMB - shift) & LIMB_MASK);
    }
    to.len()
}

/// Writes a limb to the places of the digits that it is, where there are any: there are none for zeros above the number.
#[inline(always)]
pub(super) fn put_at<P: Place>(out: &mut [P], at: usize, limb: u64) {
    match out.get_mut(2 * at..).unwrap_or_default() {
        [low] => low.put(limb as u32 & MASK),
        places => match places.first_chunk_mut() {
            Some(pair) => split(limb, pair),
            None => debug_assert!(limb == 0),
        },
    }
}

/// Lends zeroed limbs: on the stack, for most.
#[inline(always)]
pub(super) fn with_limbs<R>(count: usize, body: impl FnOnce(&mut [u64]) -> R) -> R {
    const FEW: usize = 24;
    const MANY: usize = 192;
    if count <= FEW {
        body(&mut [0; FEW][..count])
    } else if count <= MANY {
        body(&mut [0; MANY][..count])
    } else {
        body(&mut vec![0; count])
    }
}

/// Limbs without the zeros at their end.
#[inline]
pub(super) fn used(limbs: &[u64]) -> &[u64] {
    let mut limbs = limbs;
    while let [rest @ .., 0] = limbs {
        limbs = rest;
    }
    limbs
}

/// Writes limbs to places one after the other, the lowest first.
pub(super) struct Writer<'a, P> {
    out: &'a mut [P],
    at: usize,
    /// The two limbs that were written last.
    last: [u64; 2],
}

impl<'a, P: Place> Writer<'a, P> {
    /// A writer to the first of the places.
    pub(super) fn new(out: &'a mut [P]) -> Self {
        Writer { out, at: 0, last: [0; 2] }
    }

    /// Writes a limb; the digits of the highest that there are no places for are zeros.
    #[inline(always)]
    pub(super) fn put(&mut self, limb: u64) {
        match self.out.get_mut(self.at..).unwrap_or_default() {
            [low] => low.put(limb as u32 & MASK),
            places => match places.first_chunk_mut() {
                Some(pair) => split(limb, pair),
                None => debug_assert!(limb == 0),
            },
        }
        self.at += 2;
        self.last = [self.last[1], limb];
    }

    /// The digits of the number that was written, of which at most the highest limb is zero, or all are.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        let digits = |limb: u64| usize::from(limb != 0) + usize::from(limb > u64::from(MASK));
        match self.last {
            [0, 0] => 0,
            [last, 0] => self.at - 4 + digits(last),
            [_, last] => self.at - 2 + digits(last),
        }
    }
}

/// `x * y`, the limbs of the product one after the other: each is the sum of a diagonal of the products of limbs. Neither is empty, and the
/// shorter one has at most 256 limbs.
#[inline(always)]
pub(super) fn multiply(x: &[u64], y: &[u64], mut put: impl FnMut(u64)) {
    let mut sum = 0u128;
    for k in 0..x.len() + y.len() - 1 {
        let first = (k + 1).saturating_sub(y.len());
        let end = (k + 1).min(x.len());
        let from_y = &y[k + 1 - end..=k - first];
        for (&a, &b) in x[first..end].iter().zip(from_y.iter().rev()) {
            sum += u128::from(a) * u128::from(b);
        }
        put(sum as u64 & LIMB_MASK);
        sum >>= LIMB;
    }
    put(sum as u64);
}

/// `x * x`, as [`multiply`]: products of two different limbs are made once and doubled.
#[inline(always)]
pub(super) fn square(x: &[u64], mut put: impl FnMut(u64)) {
    let mut carry = 0u128;
    for k in 0..2 * x.len() - 1 {
        let first = (k + 1).saturating_sub(x.len());
        let end = k.div_ceil(2);
        let mut sum = 0u128;
        for (&a, &b) in x[first..end].iter().zip(x[k + 1 - end..=k - first].iter().rev()) {
            sum += u128::from(a) * u128::from(b);
        }
        sum += sum;
        if k % 2 == 0 {
            sum += u128::from(x[k / 2]) * u128::from(x[k / 2]);
        }
        carry += sum;
        put(carry as u64 & LIMB_MASK);
        carry >>= LIMB;
    }
    put(carry as u64);
}
