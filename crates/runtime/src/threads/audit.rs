//! Audit events (PEP 578): what hooks of `sys.addaudithook` are told.

use super::Thread;
use crate::object::{Object, Raised, protocol};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Tells the hooks of an event; an exception of one stops what was about to happen. Costs one look where there are no hooks.
#[inline]
pub fn audit(event: &str, arguments: &[&Object]) -> Result<(), Raised> {
    if Thread::current().interpreter().audit_hooks.is_empty() {
        return Ok(());
    }
    tell(&*Str::intern(event)?, arguments)
}

/// As `audit`, for an event that is a string already.
#[cold]
pub fn tell(event: &Str, arguments: &[&Object]) -> Result<(), Raised> {
    let Some(hooks) = Thread::current().interpreter().audit_hooks.get() else { return Ok(()) };
    let arguments = Tuple::from_borrowed(arguments)?;
    for index in 0..hooks.len() {
        if let Some(hook) = hooks.get(index) {
            protocol::call(&hook, &[event, &arguments])?;
        }
    }
    Ok(())
}
