//! The module object (`PyModuleObject`).

use std::cell::Cell;
use std::ffi::c_void;

use habu_macros::{pymethods, pytype};

use crate::object::{Field, Object, Raised, Ref, Type, protocol};
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// Create a module object.
///
/// The name must be a string; the optional docstring can have any type.
#[pytype(name = "module", generic_set, c_name = "PyModule_Type", gc, basetype, dict = dict, weaklist = weaklist, doc = "module(name, doc=None)\n--\n\nCreate a module object.\n\nThe name must be a string; the optional docstring can have any type.")]
pub struct Module {
    /// The header.
    pub base: Object,
    /// The module's attributes.
    #[traverse]
    pub dict: Field<Dict>,
    /// The definition of a module made in C.
    pub definition: Cell<*const c_void>,
    /// The state of a module made in C.
    pub state: Cell<*mut c_void>,
    /// Weak references to the module.
    pub weaklist: Cell<*const Object>,
    /// The name, for messages.
    pub name: Field,
}

crate::assert_layout!(Module, size 56, dict @ 16, weaklist @ 40, name @ 48);

impl Module {
    fn empty() -> Module {
        Module {
            base: Object::of::<Module>(),
            dict: Field::empty(),
            definition: Cell::new(std::ptr::null()),
            state: Cell::new(std::ptr::null_mut()),
            weaklist: Cell::new(std::ptr::null()),
            name: Field::empty(),
        }
    }

    /// An empty module of this name.
    pub fn new(name: &str) -> Result<Ref<Module>, Raised> {
        let module = crate::object::create(Module::empty())?;
        module.set_up(&*Str::new(name)?, &none())?;
        Ok(module)
    }

    /// An empty module of this name.
    pub fn named(name: &Object) -> Result<Ref<Module>, Raised> {
        let module = crate::object::create(Module::empty())?;
        module.set_up(name, &none())?;
        Ok(module)
    }

    fn set_up(&self, name: &Object, doc: &Object) -> Result<(), Raised> {
        let dict = match self.dict.get() {
            Some(dict) => dict,
            None => {
                let dict = Dict::new()?;
                self.dict.set(Some(dict.clone()));
                dict
            }
        };
        dict.set(id!(__name__), name)?;
        dict.set(id!(__doc__), doc)?;
        dict.set(id!(__package__), &none())?;
        dict.set(id!(__loader__), &none())?;
        dict.set(id!(__spec__), &none())?;
        self.name.set(Some(name.to_ref()));
        Ok(())
    }

    /// The module's dictionary.
    pub fn dictionary(&self) -> Result<Ref<Dict>, Raised> {
        match self.dict.get() {
            Some(dict) => Ok(dict),
            None => {
                let dict = Dict::new()?;
                self.dict.set(Some(dict.clone()));
                Ok(dict)
            }
        }
    }

    /// The module's dictionary, borrowed from the module, which gets one once.
    pub fn namespace(&self) -> Result<&Dict, Raised> {
        drop(self.dictionary()?);
        // SAFETY: the field is written when it is empty, and emptied only when nobody holds the module.
        match unsafe { self.dict.borrow() } {
            Some(dict) => Ok(dict),
            None => Err(crate::raise!(SystemError, "a module has no dictionary")),
        }
    }

    /// `__name__`, when it is a string.
    pub fn name_text(&self) -> Option<String> {
        let name = self.dict.get()?.get_name(id!(__name__))?;
        Some(name.downcast::<Str>()?.to_string_lossy())
    }

    /// Whether the module is still being imported.
    fn is_initialising(&self, dict: &Dict) -> Result<bool, Raised> {
        let Some(spec) = dict.get_name(id!(__spec__)).filter(|spec| !is_none(spec)) else { return Ok(false) };
        match protocol::lookup_attribute(&spec, &*Str::intern("_initializing")?)? {
            Some(value) => protocol::truth(&value),
            None => Ok(false),
        }
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        let state = self.state.get();
        if let Some(definition) = super::definition_object::definition_of(self)
            && let Some(free) = definition.free
            && (definition.size <= 0 || !state.is_null())
        {
            // SAFETY: the module is still whole; the function came with it.
            unsafe { free(std::ptr::from_mut(self).cast()) }
        }
        // Modules written in Rust keep other things in this word.
        if !self.definition.get().is_null()
            && let Some(state) = std::ptr::NonNull::new(self.state.replace(std::ptr::null_mut()))
        {
            // SAFETY: state is allocated in the mem domain, and nobody else uses it any more.
            unsafe { habu_heap::free_unsized(habu_heap::Domain::Mem, state.cast()) }
        }
    }
}

/// Whether a submodule of that name is being imported right now.
fn is_uninitialised_submodule(dict: &Dict, name: &Str) -> Result<bool, Raised> {
    let Some(spec) = dict.get_name(id!(__spec__)).filter(|spec| !is_none(spec)) else { return Ok(false) };
    match protocol::lookup_attribute(&spec, &*Str::intern("_uninitialized_submodules")?)? {
        Some(names) => protocol::sequence::contains(&names, name),
        None => Ok(false),
    }
}

#[pymethods]
impl Module {
    #[slot(tp_traverse)]
    fn traverse(&self, visit: &crate::object::Visit) -> Result<(), crate::object::Stopped> {
        use crate::object::Traverse;
        if let Some(definition) = super::definition_object::definition_of(self)
            && let Some(traverse) = definition.traverse
            && (definition.size <= 0 || !self.state.get().is_null())
        {
            // SAFETY: the function came with the module; it runs no Python code.
            unsafe { visit.by(traverse, self) }?;
        }
        // The name is not shown, as in CPython.
        self.dict.traverse(visit)
    }

    #[slot(tp_clear)]
    fn clear(&self) {
        if let Some(definition) = super::definition_object::definition_of(self)
            && let Some(clear) = definition.clear
            && (definition.size <= 0 || !self.state.get().is_null())
        {
            // SAFETY: the function came with the module.
            let _ = unsafe { clear(self) };
        }
        self.dict.set(None);
    }

    #[slot(tp_new)]
    fn py_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Module>, Raised> {
        let _ = (args, kwargs);
        let module = crate::object::instantiate(cls, Module::empty())?;
        module.dict.set(Some(Dict::new()?));
        Ok(module)
    }

    #[slot(tp_init)]
    #[signature(name, doc = None)]
    fn init(&self, name: &Str, doc: Option<&Object>) -> Result<(), Raised> {
        let none = none();
        self.set_up(name, doc.unwrap_or(&none))
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref, Raised> {
        let importlib = crate::import::bootstrap_module();
        match importlib {
            Some(importlib) => protocol::call_method(&importlib, &*Str::intern("_module_repr")?, &[self]),
            None => {
                Ok(Str::from_format(format_args!("<module '{}'>", self.name_text().unwrap_or_default()))?.into_object())
            }
        }
    }

    #[slot(tp_getattro)]
    fn get(&self, name: &Object) -> Result<Ref, Raised> {
        let Some(text) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        if let Some(value) = crate::types::object::generic_get(self, text)? {
            return Ok(value);
        }
        let dict = self.dictionary()?;
        if let Some(getattr) = dict.get_name(id!(__getattr__)) {
            return protocol::call1(&getattr, name);
        }
        let message = match self.name_text() {
            Some(name) if self.is_initialising(&dict)? => format!(
                "partially initialized module '{name}' has no attribute '{text}' (most likely due to a circular import)"
            ),
            Some(name) if is_uninitialised_submodule(&dict, text)? => {
                format!("cannot access submodule '{text}' of module '{name}' (most likely due to a circular import)")
            }
            Some(name) => format!("module '{name}' has no attribute '{text}'"),
            None => format!("module has no attribute '{text}'"),
        };
        Err(crate::exceptions::raise_attribute_error(self, text, format_args!("{message}")))
    }

    /// __dir__() -> list
    /// specialized dir() implementation
    #[no_signature]
    fn __dir__(&self) -> Result<Ref, Raised> {
        let dict = protocol::get_attribute(self, id!(__dict__))?;
        let Some(dict) = dict.downcast::<Dict>() else {
            return Err(raise!(TypeError, "{}.__dict__ is not a dictionary", self.name_text().unwrap_or_default()));
        };
        if let Some(function) = dict.get_name(id!(__dir__)) {
            return protocol::call0(&function);
        }
        protocol::mapping::keys(dict).map(Ref::<List>::into_object)
    }

    #[getter]
    fn __dict__(&self) -> Result<Ref<Dict>, Raised> {
        self.dictionary()
    }

    #[getter]
    fn __annotations__(&self) -> Result<Ref, Raised> {
        let dict = self.dictionary()?;
        if let Some(annotations) = dict.get_name(id!(__annotations__)) {
            return Ok(annotations);
        }
        let annotations = Dict::new()?.into_object();
        dict.set(id!(__annotations__), &annotations)?;
        Ok(annotations)
    }

    #[setter]
    fn set___annotations__(&self, value: Option<&Object>) -> Result<(), Raised> {
        let dict = self.dictionary()?;
        match value {
            Some(value) => dict.set(id!(__annotations__), value),
            None => match dict.remove(id!(__annotations__))? {
                Some(_) => Ok(()),
                None => Err(raise!(AttributeError, "__annotations__")),
            },
        }
    }
}
