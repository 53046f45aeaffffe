//! `_codecs`: the registry, and every built-in codec as a pair of functions that also say how much they took.

mod decoders;
mod encoders;

use habu_macros::pymodule;
use habu_runtime::object::{IntoObject, Object, Raised, Ref};
use habu_runtime::types::int::Int;
use habu_runtime::types::str::Str;
use habu_runtime::types::str::codecs::registry;
use habu_runtime::types::tuple::Tuple;

/// The module.
pub struct Codecs;

/// A result with how much of the input it is made of.
fn pair(result: impl IntoObject, taken: usize) -> Result<Ref<Tuple>, Raised> {
    Tuple::from_refs([result.into_object()?, Int::from_u64(taken as u64)?.into_object()])
}

#[pymodule(name = "_codecs", with(DECODERS, ENCODERS))]
impl Codecs {
    /// Register a codec search function.
    ///
    /// Search functions are expected to take one argument, the encoding name in
    /// all lower case letters, and either return None, or a tuple of functions
    /// (encoder, decoder, stream_reader, stream_writer) (or a CodecInfo object).
    fn register(search_function: &Object) -> Result<(), Raised> {
        registry::register(search_function)
    }

    /// Unregister a codec search function and clear the registry's cache.
    ///
    /// If the search function is not registered, do nothing.
    fn unregister(search_function: &Object) -> Result<(), Raised> {
        registry::unregister(search_function)
    }

    /// Looks up a codec tuple in the Python codec registry and returns a CodecInfo object.
    fn lookup(encoding: &Str) -> Result<Ref<Tuple>, Raised> {
        registry::lookup(encoding)
    }

    /// Encodes obj using the codec registered for encoding.
    ///
    /// The default encoding is 'utf-8'.  errors may be given to set a
    /// different error handling scheme.  Default is 'strict' meaning that encoding
    /// errors raise a ValueError.  Other possible values are 'ignore', 'replace'
    /// and 'backslashreplace' as well as any other name registered with
    /// codecs.register_error that can handle ValueErrors.
    #[signature(obj, encoding = None, errors = None)]
    #[shown("($module, /, obj, encoding='utf-8', errors='strict')")]
    fn encode(obj: &Object, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref, Raised> {
        convert(0, obj, encoding, errors)
    }

    /// Decodes obj using the codec registered for encoding.
    ///
    /// Default encoding is 'utf-8'.  errors may be given to set a
    /// different error handling scheme.  Default is 'strict' meaning that encoding
    /// errors raise a ValueError.  Other possible values are 'ignore', 'replace'
    /// and 'backslashreplace' as well as any other name registered with
    /// codecs.register_error that can handle ValueErrors.
    #[signature(obj, encoding = None, errors = None)]
    #[shown("($module, /, obj, encoding='utf-8', errors='strict')")]
    fn decode(obj: &Object, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref, Raised> {
        convert(1, obj, encoding, errors)
    }

    /// Register the specified error handler under the name errors.
    ///
    /// handler must be a callable object, that will be called with an exception
    /// instance containing information about the location of the encoding/decoding
    /// error and must return a (replacement, new position) tuple.
    #[signature(errors, handler, /)]
    fn register_error(errors: &Str, handler: &Object) -> Result<(), Raised> {
        registry::register_error(errors, handler)
    }

    /// lookup_error(errors) -> handler
    ///
    /// Return the error handler for the specified error handling name or raise a
    /// LookupError, if no handler exists under this name.
    fn lookup_error(name: &Str) -> Result<Ref, Raised> {
        habu_runtime::types::str::codecs::check_no_nul(Some(name))?;
        registry::lookup_error(Some(name))
    }
}

/// Calls the encoder (0) or decoder (1) of any codec.
fn convert(which: usize, object: &Object, encoding: Option<&Str>, errors: Option<&Str>) -> Result<Ref, Raised> {
    let default;
    let encoding = match encoding {
        Some(encoding) => encoding,
        None => {
            default = Str::intern("utf-8")?;
            &default
        }
    };
    let codec = registry::lookup(encoding)?;
    registry::convert(&codec, which, object, errors, encoding)
}
