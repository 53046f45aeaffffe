//! `_functools`: partial application, folding, keys from comparisons, caches.

mod cache;
mod key;
mod partial;

use habu_macros::pymodule;
use habu_runtime::exceptions::exc;
use habu_runtime::object::protocol::{call, iterator, next};
use habu_runtime::object::{Field, Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;

/// Tools that operate on functions.
pub struct Functools;

#[pymodule(name = "_functools")]
impl Functools {
    /// reduce(function, iterable[, initial]) -> value
    ///
    /// Apply a function of two arguments cumulatively to the items of a sequence
    /// or iterable, from left to right, so as to reduce the iterable to a single
    /// value.  For example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5]) calculates
    /// ((((1+2)+3)+4)+5).  If initial is present, it is placed before the items
    /// of the iterable in the calculation, and serves as a default when the
    /// iterable is empty.
    #[signature(function, iterable, initial = None, /)]
    #[no_signature]
    fn reduce(function: &Object, iterable: &Object, initial: Option<&Object>) -> Result<Ref, Raised> {
        let items = iterator(&iterable.to_ref()).map_err(|raised| {
            if !Thread::current().exception().is_some_and(|error| error.ty().is_subtype(exc::TypeError())) {
                return raised;
            }
            raised.clear();
            raise!(TypeError, "reduce() arg 2 must support iteration")
        })?;
        let mut result = initial.map(Object::to_ref);
        while let Some(item) = next(&items)? {
            result = Some(match result {
                Some(result) => call(function, &[&result, &item])?,
                None => item,
            });
        }
        result.ok_or_else(|| raise!(TypeError, "reduce() of empty iterable with no initial value"))
    }

    /// Convert a cmp= function into a key= function.
    #[signature(mycmp)]
    #[no_signature]
    fn cmp_to_key(mycmp: &Object) -> Result<Ref, Raised> {
        key::key_function(mycmp)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.ready_type(key::KEY_WRAPPER_TYPE)?;
        module.ready_type(cache::LINK_TYPE)?;
        module.add_type(partial::PARTIAL_TYPE)?;
        module.add_type(cache::CACHE_TYPE)
    }
}

/// The attributes of an object, which are made when they are first asked for.
pub(crate) fn own_dict(field: &Field<Dict>) -> Result<Ref<Dict>, Raised> {
    if let Some(dict) = field.get() {
        return Ok(dict);
    }
    let dict = Dict::new()?;
    field.set(Some(dict.clone()));
    Ok(dict)
}

/// Sets the attributes of an object.
pub(crate) fn set_own_dict(field: &Field<Dict>, value: Option<&Object>) -> Result<(), Raised> {
    let Some(value) = value else { return Err(raise!(TypeError, "cannot delete __dict__")) };
    let Some(dict) = value.downcast::<Dict>() else {
        let name = value.ty().full_name();
        return Err(raise!(TypeError, "__dict__ must be set to a dictionary, not a '{name}'"));
    };
    field.set(Some(Ref::from_borrowed(dict)));
    Ok(())
}
