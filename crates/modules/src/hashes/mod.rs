//! The hash functions that `hashlib` falls back to: `_md5`, `_sha1`, `_sha256`, `_sha512`, `_sha3`, `_blake2`.
//!
//! Each has a state that can be copied; a digest is taken of a copy, so that the state can take more afterwards. CPython's counterparts
//! are the modules of the same names.

pub mod blake2;
mod merkle;
pub mod sha3;

use habu_runtime::object::args::{FromArg, Signature};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::buffer::{ByteView, get_buffer, release_buffer, request, supports_buffer};
use habu_runtime::types::bytes::common;
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;

pub use merkle::{Md5Module, Sha1Module, Sha256Module, Sha512Module};

/// What can be hashed: bytes that an object lends, in one dimension.
pub(crate) struct Data(ByteView);

impl Data {
    fn new(object: &Object) -> Result<Data, Raised> {
        if object.isinstance::<Str>() {
            return Err(raise!(TypeError, "Strings must be encoded before hashing"));
        }
        if !supports_buffer(object) {
            return Err(raise!(TypeError, "object supporting the buffer API required"));
        }
        let mut view = habu_runtime::object::slots::BufferView::empty();
        // SAFETY: the view stays here until it is released, below.
        let dimensions = unsafe {
            get_buffer(object, &raw mut view, request::ND)?;
            let dimensions = view.ndim;
            release_buffer(&raw mut view);
            dimensions
        };
        if dimensions > 1 {
            return Err(raise!(BufferError, "Buffer must be single dimension"));
        }
        ByteView::new(object).map(Data)
    }
}

impl std::ops::Deref for Data {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl FromArg<'_> for Data {
    fn from_arg(object: &Object, _: &Signature, _: usize) -> Result<Data, Raised> {
        Data::new(object)
    }
}

/// A C `unsigned long` as an argument.
pub(crate) struct Long(u64);

impl FromArg<'_> for Long {
    fn from_arg(object: &Object, _: &Signature, _: usize) -> Result<Long, Raised> {
        let Some(number) = object.downcast::<Int>() else {
            return Err(raise!(TypeError, "an integer is required"));
        };
        if number.is_negative() {
            return Err(raise!(ValueError, "value must be positive"));
        }
        match number.to_u64() {
            Some(value) => Ok(Long(value)),
            None => Err(raise!(OverflowError, "Python int too large to convert to C unsigned long")),
        }
    }
}

/// A digest as hexadecimal digits.
fn hexadecimal(digest: &[u8]) -> Result<Ref<Str>, Raised> {
    common::hex(digest, None, 0)
}
