//! What a built-in module is made from, and making it.

use std::ffi::CStr;

use super::value::Module;
use crate::id;
use crate::object::descriptor_tables::split_doc;
use crate::object::{MethodDef, Object, Raised, Ref, StaticType};
use crate::types::builtin_function::BuiltinFunction;
use crate::types::singletons::none;
use crate::types::str::Str;

/// What a built-in module is made from; `#[pymodule]` writes it.
pub struct ModuleDef {
    /// The name.
    pub name: &'static str,
    /// The docstring.
    pub doc: Option<&'static CStr>,
    /// The functions, in tables.
    pub functions: &'static [&'static [MethodDef]],
    /// Fills the module with what is not a function.
    pub exec: Option<fn(&Module) -> Result<(), Raised>>,
}

impl Module {
    /// A module made from its definition, with its functions and all that `exec` adds.
    pub fn from_definition(definition: &'static ModuleDef) -> Result<Ref<Module>, Raised> {
        let module = Module::new(definition.name)?;
        module.fill(definition)?;
        Ok(module)
    }

    /// Adds the functions of a definition and runs its `exec`.
    pub fn fill(&self, definition: &'static ModuleDef) -> Result<(), Raised> {
        let name = Str::intern(definition.name)?;
        if let Some(doc) = definition.doc {
            let text = doc.to_str().unwrap_or("");
            self.dictionary()?.set(id!(__doc__), &*Str::new(split_doc(definition.name, text).1)?)?;
        }
        for method in definition.functions.iter().copied().flatten() {
            let function = BuiltinFunction::new(method, Some(self.to_ref()), Some(name.clone().into_object()))?;
            self.set(method.name(), &function)?;
        }
        match definition.exec {
            Some(exec) => exec(self),
            None => Ok(()),
        }
    }

    /// Sets an attribute.
    pub fn set(&self, name: &str, value: &Object) -> Result<(), Raised> {
        self.dictionary()?.set_str(name, value)
    }

    /// Sets an attribute to an integer.
    pub fn set_int(&self, name: &str, value: i64) -> Result<(), Raised> {
        self.set(name, &*crate::types::int::Int::from_i64(value)?)
    }

    /// Sets an attribute to a string.
    pub fn set_text(&self, name: &str, value: &str) -> Result<(), Raised> {
        self.set(name, &*Str::new(value)?)
    }

    /// Sets an attribute to None.
    pub fn set_none(&self, name: &str) -> Result<(), Raised> {
        self.set(name, &none())
    }

    /// Readies a built-in type that belongs to the module.
    pub fn ready_type(&self, ty: &'static StaticType) -> Result<(), Raised> {
        crate::types::type_::ready::ready_static(ty)?;
        ty.bind(self);
        Ok(())
    }

    /// Readies a built-in type and sets an attribute of its name to it.
    pub fn add_type(&self, ty: &'static StaticType) -> Result<(), Raised> {
        self.ready_type(ty)?;
        self.set(ty.ty.name(), &ty.ty)
    }
}
