//! `_sha3`: the SHA-3 hashes and SHAKE (FIPS 202), which are one sponge with different rates and suffixes.
//!
//! Input is xored into the first `rate` bytes of a state of 200, which is permuted whenever they are full; after the suffix and the
//! padding, output is read from the same bytes.

use std::cell::Cell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::object::{Object, Raised, Ref, Room, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use keccak::Keccak;

use super::{Data, Long, hexadecimal};
use crate::fill::set_type;
use crate::system::Optional;

/// Bytes of a sponge's state.
const STATE: usize = 200;

/// A running sponge.
#[derive(Clone, Copy)]
struct Sponge {
    lanes: [u64; 25],
    /// How many bytes of the rate are taken; less than the rate between calls.
    place: usize,
}

impl Sponge {
    const EMPTY: Sponge = Sponge { lanes: [0; 25], place: 0 };

    fn mix(&mut self, at: usize, byte: u8) {
        self.lanes[at / 8] ^= u64::from(byte) << (at % 8 * 8);
    }

    fn permute(&mut self) {
        Keccak::new().with_f1600(|permute| permute(&mut self.lanes));
    }

    fn absorb(&mut self, mut data: &[u8], rate: usize) {
        while !data.is_empty() {
            if self.place == 0 && data.len() >= rate {
                // A whole block, by lanes.
                let (block, rest) = data.split_at(rate);
                for (lane, bytes) in self.lanes.iter_mut().zip(block.as_chunks::<8>().0) {
                    *lane ^= u64::from_le_bytes(*bytes);
                }
                self.permute();
                data = rest;
                continue;
            }
            let (now, rest) = data.split_at(data.len().min(rate - self.place));
            for &byte in now {
                self.mix(self.place, byte);
                self.place += 1;
            }
            data = rest;
            if self.place == rate {
                self.permute();
                self.place = 0;
            }
        }
    }

    /// Ends the input and fills `out`.
    fn squeeze(mut self, rate: usize, suffix: u8, out: &mut [u8]) {
        self.mix(self.place, suffix);
        self.mix(rate - 1, 0x80);
        for block in out.chunks_mut(rate) {
            self.permute();
            for (index, byte) in block.iter_mut().enumerate() {
                *byte = (self.lanes[index / 8] >> (index % 8 * 8)) as u8;
            }
        }
    }
}

/// Declares a type of sponge: its layout, name, rate in bytes, suffix, digest size (0 where the caller chooses), and its digests.
macro_rules! sponge_type {
    ($type:ident, $full:literal, $name:literal, $rate:expr, $suffix:literal, $size:expr, $doc:literal, { $($digests:tt)* }) => {
        #[pytype(name = $full, doc = $doc, heap, immutable)]
        #[doc = concat!("A running hash of `", $name, "`.")]
        pub struct $type {
            base: Object,
            sponge: Cell<Sponge>,
            room: Room<16>,
        }

        habu_runtime::assert_layout!($type, size 240);

        #[pymethods]
        impl $type {
            #[slot(tp_new)]
            #[called("sha3_224")]
            #[signature(data = Optional::MISSING, /, *, usedforsecurity = true)]
            fn new(cls: &Type, data: Optional<Data>, usedforsecurity: bool) -> Result<Ref<$type>, Raised> {
                let _ = usedforsecurity;
                let mut sponge = Sponge::EMPTY;
                if let Some(data) = &data.0 {
                    sponge.absorb(data, $rate);
                }
                instantiate(cls, $type { base: Object::of::<$type>(), sponge: Cell::new(sponge), room: Room::new() })
            }

            /// Return a copy of the hash object.
            fn copy(&self) -> Result<Ref<$type>, Raised> {
                instantiate(self.ty(), $type { base: Object::of::<$type>(), sponge: self.sponge.clone(), room: Room::new() })
            }

            $($digests)*

            /// Update this hash object's state with the provided bytes-like object.
            fn update(&self, data: Data) -> Result<(), Raised> {
                let mut sponge = self.sponge.get();
                sponge.absorb(&data, $rate);
                self.sponge.set(sponge);
                Ok(())
            }

            #[getter]
            fn block_size(&self) -> Result<usize, Raised> {
                Ok($rate)
            }

            #[getter]
            fn digest_size(&self) -> Result<usize, Raised> {
                Ok($size)
            }

            #[getter]
            fn name(&self) -> Result<&'static str, Raised> {
                Ok($name)
            }

            #[getter]
            fn _capacity_bits(&self) -> Result<usize, Raised> {
                Ok((STATE - $rate) * 8)
            }

            #[getter]
            fn _rate_bits(&self) -> Result<usize, Raised> {
                Ok($rate * 8)
            }

            #[getter]
            fn _suffix(&self) -> Result<Ref<Bytes>, Raised> {
                Bytes::new(&[$suffix])
            }
        }
    };
}

macro_rules! sha3_type {
    ($type:ident, $full:literal, $name:literal, $size:literal, $doc:literal) => {
        sponge_type!($type, $full, $name, (STATE - 2 * $size), 6, $size, $doc, {
            /// Return the digest value as a bytes object.
            fn digest(&self) -> Result<Ref<Bytes>, Raised> {
                Bytes::build($size, |out| self.sponge.get().squeeze(STATE - 2 * $size, 6, out))
            }

            /// Return the digest value as a string of hexadecimal digits.
            fn hexdigest(&self) -> Result<Ref<Str>, Raised> {
                let mut out = [0; $size];
                self.sponge.get().squeeze(STATE - 2 * $size, 6, &mut out);
                hexadecimal(&out)
            }
        });
    };
}

macro_rules! shake_type {
    ($type:ident, $full:literal, $name:literal, $rate:literal, $doc:literal) => {
        sponge_type!($type, $full, $name, $rate, 0x1f, 0, $doc, {
            /// Return the digest value as a bytes object.
            fn digest(&self, length: Long) -> Result<Ref<Bytes>, Raised> {
                let length = checked_length(length)?;
                Bytes::build(length, |out| self.sponge.get().squeeze($rate, 0x1f, out))
            }

            /// Return the digest value as a string of hexadecimal digits.
            fn hexdigest(&self, length: Long) -> Result<Ref<Str>, Raised> {
                let mut out = Buffer::new();
                out.resize(checked_length(length)?, 0)?;
                self.sponge.get().squeeze($rate, 0x1f, &mut out);
                hexadecimal(&out)
            }
        });
    };
}

fn checked_length(length: Long) -> Result<usize, Raised> {
    if length.0 >= 1 << 29 {
        return Err(raise!(ValueError, "length is too large"));
    }
    Ok(length.0 as usize)
}

sha3_type!(
    Sha3_224,
    "_sha3.sha3_224",
    "sha3_224",
    28,
    "sha3_224([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 28 bytes."
);
sha3_type!(
    Sha3_256,
    "_sha3.sha3_256",
    "sha3_256",
    32,
    "sha3_256([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 32 bytes."
);
sha3_type!(
    Sha3_384,
    "_sha3.sha3_384",
    "sha3_384",
    48,
    "sha3_384([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 48 bytes."
);
sha3_type!(
    Sha3_512,
    "_sha3.sha3_512",
    "sha3_512",
    64,
    "sha3_512([data], *, usedforsecurity=True) -> SHA3 object\n\nReturn a new SHA3 hash object with a hashbit length of 64 bytes."
);
shake_type!(
    Shake128,
    "_sha3.shake_128",
    "shake_128",
    168,
    "shake_128([data], *, usedforsecurity=True) -> SHAKE object\n\nReturn a new SHAKE hash object."
);
shake_type!(
    Shake256,
    "_sha3.shake_256",
    "shake_256",
    136,
    "shake_256([data], *, usedforsecurity=True) -> SHAKE object\n\nReturn a new SHAKE hash object."
);

/// The module.
pub struct Sha3Module;

#[pymodule(name = "_sha3")]
impl Sha3Module {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "sha3_224", SHA3_224_TYPE)?;
        set_type(module, "sha3_256", SHA3_256_TYPE)?;
        set_type(module, "sha3_384", SHA3_384_TYPE)?;
        set_type(module, "sha3_512", SHA3_512_TYPE)?;
        set_type(module, "shake_128", SHAKE128_TYPE)?;
        set_type(module, "shake_256", SHAKE256_TYPE)?;
        module.set_int("keccakopt", 0)?;
        module.set_text("implementation", "keccak")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(data: &[u8], cut: usize) -> [u8; 32] {
        let (mut sponge, mut out) = (Sponge::EMPTY, [0; 32]);
        let (first, second) = data.split_at(cut);
        sponge.absorb(first, 136);
        sponge.absorb(second, 136);
        sponge.squeeze(136, 6, &mut out);
        out
    }

    #[test]
    fn sha3_256_of_the_standard() {
        assert_eq!(hash(b"", 0)[..4], [0xa7, 0xff, 0xc6, 0xf8]);
        assert_eq!(hash(b"abc", 1)[..4], [0x3a, 0x98, 0x5d, 0xa7]);
    }

    #[test]
    fn pieces_make_no_difference() {
        let data = [7; 600];
        let whole = hash(&data, 0);
        assert!([1, 135, 136, 137, 272, 600].iter().all(|cut| hash(&data, *cut) == whole));
    }
}
