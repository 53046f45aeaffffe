//! The module `atexit`: functions called when the interpreter ends.

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised, Ref, protocol};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::tuple::Tuple;

/// The module.
pub struct AtExit;

/// The registered functions, oldest first: tuples of function, arguments, keywords.
fn registered() -> Result<Ref<List>, Raised> {
    let place = &Thread::current().interpreter().at_exit;
    match place.get() {
        Some(list) => Ok(list),
        None => {
            let list = List::new()?;
            place.set(Some(list.clone()));
            Ok(list)
        }
    }
}

/// Calls the registered functions, the newest first; what they raise is reported, and the others are called all the same.
pub fn run_all() {
    let Ok(list) = registered().map_err(Raised::clear) else { return };
    while list.len() > 0 {
        let Some(entry) = list.get(list.len() - 1) else { break };
        let removed = protocol::sequence::set_index(&list, list.len() as isize - 1, None);
        if removed.map_err(Raised::clear).is_err() {
            break;
        }
        let Some(entry) = entry.downcast::<Tuple>() else { continue };
        if let [function, args, kwargs] = entry.as_slice()
            && let Some(args) = args.downcast::<Tuple>()
            && let Err(raised) = protocol::call_tuple(function, args, kwargs.downcast::<Dict>())
        {
            habu_runtime::exceptions::unraisable_with(raised, "Exception ignored in atexit callback", Some(function));
        }
    }
}

/// allow programmer to define multiple exit functions to be executed
/// upon normal program termination.
///
/// Two public functions, register and unregister, are defined.
#[pymodule(name = "atexit")]
impl AtExit {
    /// register(func, *args, **kwargs) -> func
    ///
    /// Register a function to be executed upon normal program termination
    ///
    ///     func - function to be called at exit
    ///     args - optional arguments to pass to func
    ///     kwargs - optional keyword arguments to pass to func
    ///
    ///     func is returned to facilitate usage as a decorator.
    #[raw]
    fn register(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let named = names.map_or(0, Tuple::len);
        let (positional, values) = args.split_at(args.len() - named);
        let Some((function, rest)) = positional.split_first() else {
            return Err(raise!(TypeError, "register() takes at least 1 argument (0 given)"));
        };
        if !protocol::is_callable(function) {
            return Err(raise!(TypeError, "the first argument must be callable"));
        }
        let kwargs = Dict::new()?;
        for (name, value) in names.map_or(&[][..], Tuple::as_slice).iter().zip(values) {
            kwargs.set(name, value)?;
        }
        let rest = Tuple::from_borrowed(rest)?;
        let entry = Tuple::from_refs([function.to_ref(), rest.into_object(), kwargs.into_object()])?;
        registered()?.push(entry.into_object())?;
        Ok(function.to_ref())
    }

    /// unregister(func) -> None
    ///
    /// Unregister an exit function which was previously registered using
    /// atexit.register
    ///
    ///     func - function to be unregistered
    #[no_signature]
    fn unregister(func: &Object) -> Result<(), Raised> {
        let list = registered()?;
        let mut index = 0;
        while let Some(entry) = list.get(index) {
            let known = entry.downcast::<Tuple>().and_then(|entry| entry.get(0));
            let same = match known {
                Some(known) => protocol::equal(&known, func)?,
                None => false,
            };
            // The comparison may have changed the list.
            if same && list.get(index).is_some_and(|now| now.is(&entry)) {
                protocol::sequence::set_index(&list, index as isize, None)?;
            } else {
                index += 1;
            }
        }
        Ok(())
    }

    /// _clear() -> None
    ///
    /// Clear the list of previously registered exit functions.
    #[name = "_clear"]
    #[no_signature]
    fn clear() -> Result<(), Raised> {
        Thread::current().interpreter().at_exit.set(None);
        Ok(())
    }

    /// _run_exitfuncs() -> None
    ///
    /// Run all registered exit functions.
    ///
    /// If a callback raises an exception, it is logged with sys.unraisablehook.
    #[name = "_run_exitfuncs"]
    #[no_signature]
    fn run_exitfuncs() -> Result<(), Raised> {
        run_all();
        Ok(())
    }

    /// _ncallbacks() -> int
    ///
    /// Return the number of registered exit functions.
    #[name = "_ncallbacks"]
    #[no_signature]
    fn ncallbacks() -> Result<usize, Raised> {
        Ok(registered()?.len())
    }
}
