//! `_contextvars`: values that follow the flow of control, of tasks as of threads (PEP 567).
//!
//! `hamt` is the persistent map, `context` the mapping and which one is current, `variable` the variables and the tokens of their changes.
//! CPython's counterparts are `context.c` and `hamt.c`.

pub mod context;
mod hamt;
pub mod listed;
pub mod variable;

use habu_macros::pymodule;
use habu_runtime::object::{PyType, Raised, Ref};
use habu_runtime::types::module::Module;

use self::context::Context;
use self::variable::{ContextVar, Token, TokenMissing};
use crate::fill::set_type;
use crate::system::state;

const MISSING: &str = "_contextvars.MISSING";

/// `Token.MISSING`.
fn missing() -> Result<Ref, Raised> {
    if let Some(kept) = state::get(MISSING)? {
        return Ok(kept);
    }
    habu_runtime::types::type_::ready::ready_static(TokenMissing::static_type())?;
    let made = TokenMissing::create()?.into_object();
    state::set(MISSING, &made)?;
    Ok(made)
}

/// Readies the types, which the C API has whether or not the module is imported.
pub fn ready() -> Result<(), Raised> {
    [Context::static_type(), ContextVar::static_type(), Token::static_type()]
        .into_iter()
        .try_for_each(habu_runtime::types::type_::ready::ready_static)?;
    context::ready()?;
    match Token::type_object().tp_dict.get() {
        Some(dict) => dict.set_str("MISSING", &*missing()?),
        None => Ok(()),
    }
}

/// The module.
pub struct ContextVars;

/// Context Variables
#[pymodule(name = "_contextvars")]
impl ContextVars {
    fn copy_context() -> Result<Ref<Context>, Raised> {
        Context::current()?.duplicate()
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set_type(module, "Context", Context::static_type())?;
        set_type(module, "ContextVar", ContextVar::static_type())?;
        set_type(module, "Token", Token::static_type())?;
        ready()
    }
}
