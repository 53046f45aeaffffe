//! The module `marshal`: objects as bytes, as `.pyc` files hold them.

pub mod reading;
pub mod writing;

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

/// The version of the format.
pub const VERSION: i32 = 4;

/// The module.
pub struct Marshal;

/// This module contains functions that can read and write Python values in
/// a binary format. The format is specific to Python, but independent of
/// machine architecture issues.
#[pymodule(name = "marshal")]
impl Marshal {
    /// Write the value on the open file.
    ///
    ///   value
    ///     Must be a supported type.
    ///   file
    ///     Must be a writeable binary file.
    ///   version
    ///     Indicates the data format that dump should use.
    ///
    /// If the value has (or contains an object that has) an unsupported type, a
    /// ValueError exception is raised - but garbage data will also be written to the
    /// file. The object will not be properly read back by load().
    #[signature(value, file, version = 4, /)]
    #[shown("($module, value, file, version=version, /)")]
    fn dump(value: &Object, file: &Object, version: i32) -> Result<Ref, Raised> {
        habu_runtime::audit!("marshal.dumps", value.to_ref(), version)?;
        let bytes = writing::dumps(value, version)?;
        protocol::call_method(file, &*Str::intern("write")?, &[&bytes])
    }

    /// Read one value from the open file and return it.
    ///
    ///   file
    ///     Must be readable binary file.
    ///
    /// If no valid value is read (e.g. because the data has a different Python
    /// version's incompatible marshal format), raise EOFError, ValueError or
    /// TypeError.
    ///
    /// Note: If an object containing an unsupported type was marshalled with
    /// dump(), load() will substitute None for the unmarshallable type.
    fn load(file: &Object) -> Result<Ref, Raised> {
        habu_runtime::audit!("marshal.load")?;
        reading::load(file)
    }

    /// Return the bytes object that would be written to a file by dump(value, file).
    ///
    ///   value
    ///     Must be a supported type.
    ///   version
    ///     Indicates the data format that dumps should use.
    ///
    /// Raise a ValueError exception if value has (or contains an object that has) an
    /// unsupported type.
    #[signature(value, version = 4, /)]
    #[shown("($module, value, version=version, /)")]
    fn dumps(value: &Object, version: i32) -> Result<Ref<Bytes>, Raised> {
        habu_runtime::audit!("marshal.dumps", value.to_ref(), version)?;
        writing::dumps(value, version)
    }

    /// Convert the bytes-like object to a value.
    ///
    /// If no valid value is found, raise EOFError, ValueError or TypeError.  Extra
    /// bytes in the input are ignored.
    #[signature(bytes, /)]
    fn loads(bytes: &Object) -> Result<Ref, Raised> {
        let view = ByteView::new(bytes)?;
        habu_runtime::audit!("marshal.loads", Bytes::new(view.as_slice())?)?;
        reading::loads(view.as_slice())
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.set_int("version", i64::from(VERSION))
    }
}

/// The exception of what the format's reader or writer found wrong.
pub(crate) fn raise_marshal(error: &habu_bytecode::marshal::MarshalError) -> Raised {
    use habu_bytecode::marshal::MarshalError;
    match error {
        MarshalError::NoObject | MarshalError::TooShort => raise!(EOFError, "{error}"),
        MarshalError::Null(_) => raise!(TypeError, "{error}"),
        MarshalError::BadCode => raise!(SystemError, "{error}"),
        MarshalError::NoMemory => habu_runtime::exceptions::memory_error(),
        _ => raise!(ValueError, "{error}"),
    }
}
