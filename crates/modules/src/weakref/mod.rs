//! The module `_weakref`.

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::weakref::value::list_of;
use habu_runtime::types::weakref::{WeakReference, proxy};

/// The module.
pub struct WeakRefs;

/// Weak-reference support module.
#[pymodule(name = "_weakref")]
impl WeakRefs {
    /// Return the number of weak references to 'object'.
    fn getweakrefcount(object: &Object) -> Result<usize, Raised> {
        let mut count = 0;
        let mut next = list_of(object).map_or(std::ptr::null(), |list| list.get());
        // SAFETY: references in the list are alive.
        while let Some(reference) = unsafe { next.as_ref() } {
            count += 1;
            next = reference.next.get();
        }
        Ok(count)
    }

    /// getweakrefs(object) -- return a list of all weak reference objects
    /// that point to 'object'.
    fn getweakrefs(object: &Object) -> Result<Ref<List>, Raised> {
        let list = List::new()?;
        let mut next = list_of(object).map_or(std::ptr::null(), |list| list.get());
        // SAFETY: references in the list are alive; adding to a list of this function's own runs no Python code.
        while let Some(reference) = unsafe { next.as_ref() } {
            list.push(Ref::from_borrowed(reference).into_object())?;
            next = reference.next.get();
        }
        Ok(list)
    }

    /// proxy(object[, callback]) -- create a proxy object that weakly
    /// references 'object'.  'callback', if given, is called with a
    /// reference to the proxy when 'object' is about to be finalized.
    #[signature(object, callback = None, /)]
    fn proxy(object: &Object, callback: Option<&Object>) -> Result<Ref, Raised> {
        proxy::make(object, callback)
    }

    /// Atomically remove key from dict if it points to a dead weakref.
    #[name = "_remove_dead_weakref"]
    fn remove_dead_weakref(dct: &Dict, key: &Object) -> Result<(), Raised> {
        let dead = match dct.get(key)? {
            Some(value) => value.downcast::<WeakReference>().is_some_and(|reference| reference.target().is_none()),
            None => false,
        };
        if dead {
            dct.remove(key)?;
        }
        Ok(())
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.set("ref", WeakReference::type_object())?;
        module.set("ReferenceType", WeakReference::type_object())?;
        module.set("ProxyType", proxy::Proxy::type_object())?;
        module.set("CallableProxyType", proxy::CallableProxy::type_object())
    }
}
