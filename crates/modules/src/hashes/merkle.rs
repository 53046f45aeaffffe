//! MD5 and the SHA-1 and SHA-2 families: objects that only their functions make.

use std::cell::UnsafeCell;

use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::object::{Object, Raised, Ref, Room, create};
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;
use sha2::Digest;

use super::{Data, hexadecimal};
use crate::fill::set_type;
use crate::system::Optional;

/// Declares the type of a hash: its layout, its name for Python, its state, `name`, the size of a block, and the
/// room that is left of CPython's layout of so many bytes.
macro_rules! hash_type {
    ($type:ident, $full:literal, $state:ty, $name:literal, $block:literal, room $room:literal of $size:literal) => {
        #[doc = concat!("A running hash of `", $name, "`.")]
        #[pytype(name = $full, doc = "", gc, heap, immutable, flag = DISALLOW_INSTANTIATION)]
        pub(super) struct $type {
            base: Object,
            state: UnsafeCell<$state>,
            room: Room<$room>,
        }

        habu_runtime::assert_layout!($type, size $size);

        impl $type {
            fn of(state: $state) -> Result<Ref<$type>, Raised> {
                create($type { base: Object::of::<$type>(), state: UnsafeCell::new(state), room: Room::new() })
            }

            fn state(&self) -> $state {
                // SAFETY: `update` alone changes the state, and runs no Python code meanwhile.
                unsafe { &*self.state.get() }.clone()
            }

            fn start(data: Option<Data>) -> Result<Ref<$type>, Raised> {
                let mut state = <$state>::new();
                if let Some(data) = &data {
                    state.update(&**data);
                }
                $type::of(state)
            }
        }

        #[pymethods]
        impl $type {
            /// Return a copy of the hash object.
            #[of_class]
            fn copy(&self) -> Result<Ref<$type>, Raised> {
                $type::of(self.state())
            }

            /// Return the digest value as a bytes object.
            fn digest(&self) -> Result<Ref<Bytes>, Raised> {
                let digest = self.state().finalize();
                Bytes::new(&digest)
            }

            /// Return the digest value as a string of hexadecimal digits.
            fn hexdigest(&self) -> Result<Ref<Str>, Raised> {
                let digest = self.state().finalize();
                hexadecimal(&digest)
            }

            /// Update this hash object's state with the provided string.
            fn update(&self, obj: Data) -> Result<(), Raised> {
                // SAFETY: the bytes are lent, and no Python code runs until they are taken in.
                unsafe { &mut *self.state.get() }.update(&*obj);
                Ok(())
            }

            #[getter]
            fn block_size(&self) -> Result<i64, Raised> {
                Ok($block)
            }

            #[getter]
            fn digest_size(&self) -> Result<usize, Raised> {
                Ok(<$state as Digest>::output_size())
            }

            #[getter]
            fn name(&self) -> Result<&'static str, Raised> {
                Ok($name)
            }
        }
    };
}

hash_type!(Md5, "_md5.md5", md5::Md5, "md5", 64, room 8 of 112);
hash_type!(Sha1, "_sha1.sha1", sha1::Sha1, "sha1", 64, room 0 of 112);
hash_type!(Sha224, "_sha256.sha224", sha2::Sha224, "sha224", 64, room 8 of 128);
hash_type!(Sha256, "_sha256.sha256", sha2::Sha256, "sha256", 64, room 8 of 128);
hash_type!(Sha384, "_sha512.sha384", sha2::Sha384, "sha384", 128, room 0 of 224);
hash_type!(Sha512, "_sha512.sha512", sha2::Sha512, "sha512", 128, room 0 of 224);

/// The module `_md5`.
pub struct Md5Module;

#[pymodule(name = "_md5")]
impl Md5Module {
    /// Return a new MD5 hash object; optionally initialized with a string.
    #[signature(string = Optional::MISSING, *, usedforsecurity = true)]
    #[shown("($module, /, string=b'', *, usedforsecurity=True)")]
    fn md5(string: Optional<Data>, usedforsecurity: bool) -> Result<Ref<Md5>, Raised> {
        let _ = usedforsecurity;
        Md5::start(string.0)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "MD5Type", MD5_TYPE)
    }
}

/// The module `_sha1`.
pub struct Sha1Module;

#[pymodule(name = "_sha1")]
impl Sha1Module {
    /// Return a new SHA1 hash object; optionally initialized with a string.
    #[signature(string = Optional::MISSING, *, usedforsecurity = true)]
    #[shown("($module, /, string=b'', *, usedforsecurity=True)")]
    fn sha1(string: Optional<Data>, usedforsecurity: bool) -> Result<Ref<Sha1>, Raised> {
        let _ = usedforsecurity;
        Sha1::start(string.0)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "SHA1Type", SHA1_TYPE)
    }
}

/// The module `_sha256`.
pub struct Sha256Module;

#[pymodule(name = "_sha256")]
impl Sha256Module {
    /// Return a new SHA-256 hash object; optionally initialized with a string.
    #[signature(string = Optional::MISSING, *, usedforsecurity = true)]
    #[shown("($module, /, string=b'', *, usedforsecurity=True)")]
    fn sha256(string: Optional<Data>, usedforsecurity: bool) -> Result<Ref<Sha256>, Raised> {
        let _ = usedforsecurity;
        Sha256::start(string.0)
    }

    /// Return a new SHA-224 hash object; optionally initialized with a string.
    #[signature(string = Optional::MISSING, *, usedforsecurity = true)]
    #[shown("($module, /, string=b'', *, usedforsecurity=True)")]
    fn sha224(string: Optional<Data>, usedforsecurity: bool) -> Result<Ref<Sha224>, Raised> {
        let _ = usedforsecurity;
        Sha224::start(string.0)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "SHA224Type", SHA224_TYPE)?;
        set_type(module, "SHA256Type", SHA256_TYPE)
    }
}

/// The module `_sha512`.
pub struct Sha512Module;

#[pymodule(name = "_sha512")]
impl Sha512Module {
    /// Return a new SHA-512 hash object; optionally initialized with a string.
    #[signature(string = Optional::MISSING, *, usedforsecurity = true)]
    #[shown("($module, /, string=b'', *, usedforsecurity=True)")]
    fn sha512(string: Optional<Data>, usedforsecurity: bool) -> Result<Ref<Sha512>, Raised> {
        let _ = usedforsecurity;
        Sha512::start(string.0)
    }

    /// Return a new SHA-384 hash object; optionally initialized with a string.
    #[signature(string = Optional::MISSING, *, usedforsecurity = true)]
    #[shown("($module, /, string=b'', *, usedforsecurity=True)")]
    fn sha384(string: Optional<Data>, usedforsecurity: bool) -> Result<Ref<Sha384>, Raised> {
        let _ = usedforsecurity;
        Sha384::start(string.0)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "SHA384Type", SHA384_TYPE)?;
        set_type(module, "SHA512Type", SHA512_TYPE)
    }
}
