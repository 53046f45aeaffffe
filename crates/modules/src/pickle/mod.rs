//! `_pickle`: objects as bytes, and back.
//!
//! `pickler` and `unpickler` are what programs see: options, the memo, hooks for subclasses. `save`, `reduce` and `output` write;
//! `load`, `build` and `input` read. `buffer` is memory that travels beside a pickle; `state` holds the tables of the library.

pub mod buffer;
mod build;
mod input;
mod load;
mod memo;
mod opcodes;
mod output;
pub mod pickler;
mod reduce;
mod save;
mod state;
mod text;
pub mod unpickler;

use habu_macros::pymodule;
use habu_runtime::exceptions::raise_text;
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::types::buffer::ByteView;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

use self::buffer::PickleBuffer;
use self::input::Input;
use self::pickler::{Pickler, PicklerMemoProxy};
use self::unpickler::{Unpickler, UnpicklerMemoProxy};
use crate::fill::set_type;
use crate::system::state as kept;

/// The name under which an exception of the module is kept.
pub(crate) struct ErrorClass(&'static str);

/// `PicklingError`
pub(crate) static PICKLING_ERROR: ErrorClass = ErrorClass("_pickle.PicklingError");
/// `UnpicklingError`
pub(crate) static UNPICKLING_ERROR: ErrorClass = ErrorClass("_pickle.UnpicklingError");

/// Raises an exception of the module.
#[cold]
pub(crate) fn error(class: &ErrorClass, message: std::fmt::Arguments<'_>) -> Raised {
    let make = || -> Result<Raised, Raised> {
        match kept::get(class.0)? {
            Some(class) => {
                let text = Str::from_format(message)?;
                Ok(habu_runtime::exceptions::raise_object(habu_runtime::object::protocol::call1(&class, &text)?))
            }
            None => Ok(raise_text(habu_runtime::exceptions::exc::Exception(), message)),
        }
    };
    match make() {
        Ok(raised) | Err(raised) => raised,
    }
}

/// An unpickler for the functions of the module.
fn unpickler(
    fix_imports: bool,
    encoding: Option<&Str>,
    errors: Option<&Str>,
    buffers: Option<&Object>,
) -> Result<Ref<Unpickler>, Raised> {
    let made = Unpickler::unset(Unpickler::type_object())?;
    let (ascii, strict) = (Str::intern("ASCII")?, Str::intern("strict")?);
    made.configure(fix_imports, encoding.unwrap_or(&ascii), errors.unwrap_or(&strict), buffers)?;
    Ok(made)
}

/// The module.
pub struct Pickle;

/// Optimized C implementation for the Python pickle module.
#[pymodule(name = "_pickle")]
impl Pickle {
    /// Write a pickled representation of obj to the open file object file.
    ///
    /// This is equivalent to ``Pickler(file, protocol).dump(obj)``, but may
    /// be more efficient.
    #[signature(obj, file, protocol = None, *, fix_imports = true, buffer_callback = None)]
    fn dump(
        obj: &Object,
        file: &Object,
        protocol: Option<&Object>,
        fix_imports: bool,
        buffer_callback: Option<&Object>,
    ) -> Result<(), Raised> {
        let pickler = Pickler::unset(Pickler::type_object())?;
        pickler.configure(protocol, fix_imports, buffer_callback)?;
        pickler.set_file(file)?;
        pickler.run(obj, None).map(drop)
    }

    /// Return the pickled representation of the object as a bytes object.
    #[signature(obj, protocol = None, *, fix_imports = true, buffer_callback = None)]
    fn dumps(
        obj: &Object,
        protocol: Option<&Object>,
        fix_imports: bool,
        buffer_callback: Option<&Object>,
    ) -> Result<Ref, Raised> {
        let pickler = Pickler::unset(Pickler::type_object())?;
        pickler.configure(protocol, fix_imports, buffer_callback)?;
        pickler.run(obj, None)
    }

    /// Read and return an object from the pickle data stored in a file.
    ///
    /// This is equivalent to ``Unpickler(file).load()``, but may be more
    /// efficient.
    #[signature(file, *, fix_imports = true, encoding = None, errors = None, buffers = None)]
    fn load(
        file: &Object,
        fix_imports: bool,
        encoding: Option<&Str>,
        errors: Option<&Str>,
        buffers: Option<&Object>,
    ) -> Result<Ref, Raised> {
        let unpickler = unpickler(fix_imports, encoding, errors, buffers)?;
        unpickler.set_file(file)?;
        unpickler.run_file()
    }

    /// Read and return an object from the given pickle data.
    #[signature(data, /, *, fix_imports = true, encoding = None, errors = None, buffers = None)]
    fn loads(
        data: &Object,
        fix_imports: bool,
        encoding: Option<&Str>,
        errors: Option<&Str>,
        buffers: Option<&Object>,
    ) -> Result<Ref, Raised> {
        let unpickler = unpickler(fix_imports, encoding, errors, buffers)?;
        unpickler.run(Input::of_bytes(ByteView::new(data)?))
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        use habu_runtime::exceptions::exc;
        use habu_runtime::types::type_::ready::ready_static;
        state::fill()?;
        set_type(module, "PickleBuffer", PickleBuffer::static_type())?;
        set_type(module, "Pickler", Pickler::static_type())?;
        set_type(module, "Unpickler", Unpickler::static_type())?;
        ready_static(PicklerMemoProxy::static_type())?;
        ready_static(UnpicklerMemoProxy::static_type())?;
        let base = crate::system::new_exception("_pickle", "PickleError", &[exc::Exception()])?;
        module.set("PickleError", &base)?;
        for name in ["PicklingError", "UnpicklingError"] {
            let class = crate::system::new_exception("_pickle", name, &[&base])?;
            kept::set(&format!("_pickle.{name}"), &class)?;
            module.set(name, &class)?;
        }
        Ok(())
    }
}
