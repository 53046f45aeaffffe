//! Names of files: text in UTF-8 with `surrogateescape`, so that every name that the system has is some string.

use habu_heap::Buffer;
use habu_text::codec::handlers::Handler;

use super::errors::Errors;
use super::standard::Codec;
use crate::object::protocol::{call0, lookup_special};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::str::Str;

/// The name `bytes` as a string.
pub fn fs_decode(bytes: &[u8]) -> Result<Ref<Str>, Raised> {
    Ok(Codec::Utf8.decode(bytes, &Errors::Builtin(Handler::SurrogateEscape), true)?.0)
}

/// A string in the encoding of names of files.
pub fn path_text(text: &Str) -> Result<Ref<Bytes>, Raised> {
    Codec::Utf8.encode(text, &Errors::Builtin(Handler::SurrogateEscape))
}

/// A path (str, bytes, or something with `__fspath__`) as bytes without an end (`PyUnicode_FSConverter`).
///
/// Raises TypeError for other objects, ValueError for a NUL within.
pub fn fs_encode(object: &Object) -> Result<Buffer<u8>, Raised> {
    let path = path_object(object)?;
    let bytes = match path.downcast_into::<Bytes>() {
        Ok(bytes) => bytes,
        Err(path) => match path.downcast::<Str>() {
            Some(text) => path_text(text)?,
            None => return Err(raise!(TypeError, "expected str or bytes object, not {}", path.ty().full_name())),
        },
    };
    if bytes.as_slice().contains(&0) {
        return Err(raise!(ValueError, "embedded null byte"));
    }
    Ok(Buffer::from_slice(bytes.as_slice())?)
}

/// `os.fspath(object)`
pub fn path_object(object: &Object) -> Result<Ref, Raised> {
    if object.isinstance::<Str>() || object.isinstance::<Bytes>() {
        return Ok(object.to_ref());
    }
    let Some(method) = lookup_special(object, crate::id!(__fspath__))? else {
        let name = object.ty().name();
        return Err(raise!(TypeError, "expected str, bytes or os.PathLike object, not {name}"));
    };
    let path = call0(&method)?;
    if path.isinstance::<Str>() || path.isinstance::<Bytes>() {
        return Ok(path);
    }
    let (owner, got) = (object.ty().name(), path.ty().name());
    Err(raise!(TypeError, "expected {owner}.__fspath__() to return str or bytes, not {got}"))
}
