//! `_blake2`: BLAKE2b and BLAKE2s (RFC 7693), with keys and the parameters of tree hashing.

use std::cell::RefCell;

use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::object::args::{FromArg, Signature};
use habu_runtime::object::{Object, PyType, Raised, Ref, Room, StaticType, Type, instantiate};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::int::Int;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use super::{Data, Long, hexadecimal};
use crate::fill::set_type;
use crate::system::Optional;

/// A node's offset: a C `unsigned long long`.
pub(crate) struct Offset(u64);

impl FromArg<'_> for Offset {
    fn from_arg(object: &Object, signature: &Signature, index: usize) -> Result<Offset, Raised> {
        match object.downcast::<Int>() {
            Some(number) if !number.is_negative() && number.to_u64().is_none() => {
                Err(raise!(OverflowError, "int too big to convert"))
            }
            _ => Long::from_arg(object, signature, index).map(|value| Offset(value.0)),
        }
    }
}

/// A number within bounds, or a ValueError.
fn bounded<T: TryFrom<i32>>(value: i32, least: i32, most: i32, message: std::fmt::Arguments<'_>) -> Result<T, Raised> {
    match T::try_from(value) {
        Ok(number) if (least..=most).contains(&value) => Ok(number),
        _ => Err(raise!(ValueError, "{message}")),
    }
}

fn fits(view: &Option<ByteView>, most: usize, what: &str) -> Result<(), Raised> {
    match view {
        Some(view) if view.len() > most => Err(raise!(ValueError, "maximum {what} length is {most} bytes")),
        _ => Ok(()),
    }
}

/// Declares one of the two types.
macro_rules! blake2_type {
    (
        $type:ident, $full:literal, $name:literal, $krate:ident, $doc:literal,
        digest $digest:literal, key $key:literal, salt $salt:literal, block $block:literal, offset $offset:expr,
        room $room:literal of $total:literal
    ) => {
        #[pytype(name = $full, doc = $doc, heap, immutable)]
        #[doc = concat!("A running hash of `", $name, "`.")]
        pub struct $type {
            base: Object,
            /// Never borrowed over Python code.
            state: RefCell<$krate::State>,
            size: u8,
            room: Room<$room>,
        }

        habu_runtime::assert_layout!($type, size $total);

        #[pymethods]
        impl $type {
            #[slot(tp_new)]
            #[signature(
                data = Optional::MISSING, /, *, digest_size = $digest, key = Optional::MISSING, salt = Optional::MISSING, person = Optional::MISSING, fanout = 1, depth = 1,
                leaf_size = Long(0), node_offset = Offset(0), node_depth = 0, inner_size = 0, last_node = false,
                usedforsecurity = true
            )]
            #[allow(clippy::too_many_arguments)]
            fn new(
                cls: &Type,
                data: Optional<Data>,
                digest_size: i32,
                key: Optional<ByteView>,
                salt: Optional<ByteView>,
                person: Optional<ByteView>,
                fanout: i32,
                depth: i32,
                leaf_size: Long,
                node_offset: Offset,
                node_depth: i32,
                inner_size: i32,
                last_node: bool,
                usedforsecurity: bool,
            ) -> Result<Ref<$type>, Raised> {
                let _ = usedforsecurity;
                let mut params = $krate::Params::new();
                let size: u8 =
                    bounded(digest_size, 1, $digest, format_args!("digest_size must be between 1 and {} bytes", $digest))?;
                params.hash_length(size.into());
                fits(&salt.0, $salt, "salt")?;
                fits(&person.0, $salt, "person")?;
                if let Some(salt) = &salt.0 {
                    params.salt(salt);
                }
                if let Some(person) = &person.0 {
                    params.personal(person);
                }
                params.fanout(bounded(fanout, 0, 255, format_args!("fanout must be between 0 and 255"))?);
                params.max_depth(bounded(depth, 1, 255, format_args!("depth must be between 1 and 255"))?);
                let Ok(leaf_size) = u32::try_from(leaf_size.0) else {
                    return Err(raise!(OverflowError, "leaf_size is too large"));
                };
                params.max_leaf_length(leaf_size);
                if node_offset.0 > $offset {
                    return Err(raise!(OverflowError, "node_offset is too large"));
                }
                params.node_offset(node_offset.0);
                params.node_depth(bounded(node_depth, 0, 255, format_args!("node_depth must be between 0 and 255"))?);
                let inner: u8 = bounded(
                    inner_size,
                    0,
                    $digest,
                    format_args!("inner_size must be between 0 and is {}", $digest),
                )?;
                params.inner_hash_length(inner.into());
                fits(&key.0, $key, "key")?;
                if let Some(key) = &key.0 {
                    params.key(key);
                }
                params.last_node(last_node);
                let mut state = params.to_state();
                if let Some(data) = &data.0 {
                    state.update(data);
                }
                instantiate(cls, $type { base: Object::of::<$type>(), state: RefCell::new(state), size, room: Room::new() })
            }

            /// Return a copy of the hash object.
            fn copy(&self) -> Result<Ref<$type>, Raised> {
                let state = RefCell::new(self.state.borrow().clone());
                instantiate(self.ty(), $type { base: Object::of::<$type>(), state, size: self.size, room: Room::new() })
            }

            /// Return the digest value as a bytes object.
            fn digest(&self) -> Result<Ref<Bytes>, Raised> {
                let digest = self.state.borrow().finalize();
                Bytes::new(digest.as_bytes())
            }

            /// Return the digest value as a string of hexadecimal digits.
            fn hexdigest(&self) -> Result<Ref<Str>, Raised> {
                let digest = self.state.borrow().finalize();
                hexadecimal(digest.as_bytes())
            }

            /// Update this hash object's state with the provided bytes-like object.
            fn update(&self, data: Data) -> Result<(), Raised> {
                self.state.borrow_mut().update(&data);
                Ok(())
            }

            #[getter]
            fn block_size(&self) -> Result<i64, Raised> {
                Ok($block)
            }

            #[getter]
            fn digest_size(&self) -> Result<u8, Raised> {
                Ok(self.size)
            }

            #[getter]
            fn name(&self) -> Result<&'static str, Raised> {
                Ok($name)
            }
        }
    };
}

blake2_type!(
    Blake2b, "_blake2.blake2b", "blake2b", blake2b_simd,
    "blake2b(data=b'', /, *, digest_size=_blake2.blake2b.MAX_DIGEST_SIZE,\n        key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0,\n        node_offset=0, node_depth=0, inner_size=0, last_node=False,\n        usedforsecurity=True)\n--\n\nReturn a new BLAKE2b hash object.",
    digest 64, key 64, salt 16, block 128, offset u64::MAX, room 183 of 448
);
blake2_type!(
    Blake2s, "_blake2.blake2s", "blake2s", blake2s_simd,
    "blake2s(data=b'', /, *, digest_size=_blake2.blake2s.MAX_DIGEST_SIZE,\n        key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0,\n        node_offset=0, node_depth=0, inner_size=0, last_node=False,\n        usedforsecurity=True)\n--\n\nReturn a new BLAKE2s hash object.",
    digest 32, key 32, salt 8, block 64, offset (1 << 48) - 1, room 103 of 240
);

/// The module.
pub struct Blake2Module;

impl Blake2Module {
    /// The sizes of one of the types, as attributes of it and of the module.
    fn sizes(module: &Module, ty: &'static StaticType, prefix: &str, largest: i64, extra: i64) -> Result<(), Raised> {
        let facts =
            [("SALT_SIZE", extra), ("PERSON_SIZE", extra), ("MAX_KEY_SIZE", largest), ("MAX_DIGEST_SIZE", largest)];
        for (name, value) in facts {
            module.set_int(&format!("{prefix}_{name}"), value)?;
            if let Some(dict) = ty.ty.tp_dict.get() {
                dict.set_str(name, &*Int::from_i64(value)?)?;
            }
        }
        Ok(())
    }
}

/// _blake2b provides BLAKE2b for hashlib
#[pymodule(name = "_blake2")]
impl Blake2Module {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "blake2b", BLAKE2B_TYPE)?;
        set_type(module, "blake2s", BLAKE2S_TYPE)?;
        Blake2Module::sizes(module, Blake2b::static_type(), "BLAKE2B", 64, 16)?;
        Blake2Module::sizes(module, Blake2s::static_type(), "BLAKE2S", 32, 8)
    }
}
