//! Helpers for filling modules.

use habu_runtime::object::{IntoObject, Raised};
use habu_runtime::raise;
use habu_runtime::types::module::Module;
use habu_runtime::types::str::Str;

/// `module.name = value`
pub(crate) fn set(module: &Module, name: &str, value: impl IntoObject) -> Result<(), Raised> {
    let value = value.into_object()?;
    match module.dict.get() {
        Some(dict) => dict.set(&*Str::intern(name)?, &value),
        None => Err(raise!(SystemError, "module without a dictionary")),
    }
}
