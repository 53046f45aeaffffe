//! `getattr` and its like, `dir`, `vars`, `globals`, `locals`.

use habu_macros::pymodule;
use habu_runtime::eval;
use habu_runtime::object::protocol;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;
use habu_runtime::{id, raise};

use super::Builtins;

/// The attribute's name, which must be a string.
fn name_of<'a>(name: &'a Object, function: &str) -> Result<&'a Str, Raised> {
    name.downcast::<Str>().ok_or_else(|| match function {
        "" => raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()),
        _ => raise!(TypeError, "{function}(): attribute name must be string"),
    })
}

#[pymodule(table = ATTRIBUTES)]
impl Builtins {
    /// getattr(object, name[, default]) -> value
    ///
    /// Get a named attribute from an object; getattr(x, 'y') is equivalent to x.y.
    /// When a default argument is given, it is returned when the attribute doesn't
    /// exist; without it, an exception is raised in that case.
    #[no_signature]
    #[signature(object, name, default = None, /)]
    fn getattr(object: &Object, name: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        let name = name_of(name, "")?;
        match default {
            Some(default) => Ok(protocol::lookup_attribute(object, name)?.unwrap_or_else(|| default.to_ref())),
            None => protocol::get_attribute(object, name),
        }
    }

    /// Return whether the object has an attribute with the given name.
    ///
    /// This is done by calling getattr(obj, name) and catching AttributeError.
    fn hasattr(obj: &Object, name: &Object) -> Result<bool, Raised> {
        protocol::has_attribute(obj, name_of(name, "")?)
    }

    /// Sets the named attribute on the given object to the specified value.
    ///
    /// setattr(x, 'y', v) is equivalent to ``x.y = v``
    fn setattr(obj: &Object, name: &Object, value: &Object) -> Result<(), Raised> {
        protocol::set_attribute(obj, name_of(name, "")?, Some(value))
    }

    /// Deletes the named attribute from the given object.
    ///
    /// delattr(x, 'y') is equivalent to ``del x.y``
    fn delattr(obj: &Object, name: &Object) -> Result<(), Raised> {
        protocol::set_attribute(obj, name_of(name, "")?, None)
    }

    /// Return the dictionary containing the current scope's global variables.
    ///
    /// NOTE: Updates to this dictionary *will* affect name lookups in the current
    /// global scope and vice-versa.
    fn globals() -> Result<Option<Ref<Dict>>, Raised> {
        Ok(eval::globals())
    }

    /// Return a dictionary containing the current scope's local variables.
    ///
    /// NOTE: Whether or not updates to this dictionary will affect name lookups in
    /// the local scope and vice-versa is *implementation dependent* and not
    /// covered by any backwards compatibility guarantees.
    fn locals() -> Result<Ref, Raised> {
        eval::locals()
    }

    /// vars([object]) -> dictionary
    ///
    /// Without arguments, equivalent to locals().
    /// With an argument, equivalent to object.__dict__.
    #[no_signature]
    #[signature(object = None, /)]
    fn vars(object: Option<&Object>) -> Result<Ref, Raised> {
        let Some(object) = object else { return eval::locals() };
        match protocol::lookup_attribute(object, id!(__dict__))? {
            Some(dict) => Ok(dict),
            None => Err(raise!(TypeError, "vars() argument must have __dict__ attribute")),
        }
    }

    /// dir([object]) -> list of strings
    ///
    /// If called without an argument, return the names in the current scope.
    /// Else, return an alphabetized list of names comprising (some of) the attributes
    /// of the given object, and of attributes reachable from it.
    /// If the object supplies a method named __dir__, it will be used; otherwise
    /// the default dir() logic is used and returns:
    ///   for a module object: the module's attributes.
    ///   for a class object:  its attributes, and recursively the attributes
    ///     of its bases.
    ///   for any other object: its attributes, its class's attributes, and
    ///     recursively the attributes of its class's base classes.
    #[no_signature]
    #[signature(object = None, /)]
    fn dir(object: Option<&Object>) -> Result<Ref<List>, Raised> {
        let names = match object {
            None => protocol::mapping::keys(&*eval::locals()?)?,
            Some(object) => {
                let object = object.to_ref();
                let Some(method) = protocol::lookup_special(&object, id!(__dir__))? else {
                    return Err(raise!(TypeError, "object does not provide __dir__"));
                };
                protocol::sequence::to_list(&*protocol::call0(&method)?)?
            }
        };
        habu_runtime::types::list::sort(&names, None, false)?;
        Ok(names)
    }
}
