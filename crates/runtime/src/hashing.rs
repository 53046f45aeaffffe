//! Hashing of bytes: SipHash-1-3 under the process's secret (`PYTHONHASHSEED`), and hashes of addresses.

use std::hash::Hasher;
use std::sync::OnceLock;

use siphasher::sip::SipHasher13;

static SECRET: OnceLock<(u64, u64)> = OnceLock::new();

/// Sets the secret; once, before anything is hashed.
pub fn set_secret(first: u64, second: u64) {
    let _ = SECRET.set((first, second));
}

/// The hash of bytes, as `str` and `bytes` have it; 0 for none, never -1.
pub fn hash_bytes(bytes: &[u8]) -> isize {
    if bytes.is_empty() {
        return 0;
    }
    let (first, second) = *SECRET.get_or_init(|| (0, 0));
    let mut hasher = SipHasher13::new_with_keys(first, second);
    hasher.write(bytes);
    match hasher.finish() as isize {
        -1 => -2,
        hash => hash,
    }
}

/// The hash of an object by its identity.
pub fn hash_pointer(address: usize) -> isize {
    match address.rotate_right(4) as isize {
        -1 => -2,
        hash => hash,
    }
}
