//! Importing: `__import__`, `sys.modules`, and the library's `importlib`.

use crate::object::{Raised, Ref};
use crate::types::str::Str;

/// `importlib.import_module(name)`
pub fn import_module(name: &str) -> Result<Ref, Raised> {
    let interpreter = crate::threads::Thread::current().interpreter();
    let Some(builtins) = interpreter.builtins.get() else {
        return Err(crate::raise!(RuntimeError, "no builtins"));
    };
    let Some(import) = builtins.get_name(crate::id!(__import__)) else {
        return Err(crate::raise!(RuntimeError, "__import__ not found"));
    };
    let name = Str::intern(name)?;
    crate::object::protocol::call1(&import, &name)?;
    let modules = interpreter.modules.get();
    match modules.and_then(|modules| modules.get_name(&name)) {
        Some(module) => Ok(module),
        None => Err(crate::raise!(KeyError, "{}", name)),
    }
}
