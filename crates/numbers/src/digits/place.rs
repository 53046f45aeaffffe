//! Places that digits are written to: those of a buffer, and those of a new object's memory, which nothing was written to yet.

use std::mem::MaybeUninit;

/// A place for one digit. What writes to places never reads them, so that a result's memory need not be zeroed beforehand.
pub trait Place: Sized {
    /// Writes a digit.
    fn put(&mut self, digit: u32);

    /// Writes digits to as many places.
    fn put_all(places: &mut [Self], digits: &[u32]);
}

impl Place for u32 {
    #[inline(always)]
    fn put(&mut self, digit: u32) {
        *self = digit;
    }

    #[inline]
    fn put_all(places: &mut [u32], digits: &[u32]) {
        places.copy_from_slice(digits);
    }
}

impl Place for MaybeUninit<u32> {
    #[inline(always)]
    fn put(&mut self, digit: u32) {
        self.write(digit);
    }

    #[inline]
    fn put_all(places: &mut [MaybeUninit<u32>], digits: &[u32]) {
        places.write_copy_of_slice(digits);
    }
}
