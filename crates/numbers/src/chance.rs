//! Numbers by chance for the tests: the same in every run.

/// A source of numbers of 64 bits (xorshift, Marsaglia 2003).
pub(crate) fn numbers() -> impl FnMut() -> u64 {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}
