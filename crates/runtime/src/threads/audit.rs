//! Audit events (PEP 578): what hooks of `sys.addaudithook` are told.

use super::Thread;
use crate::object::{Object, Raised, Ref, protocol};
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

/// Whether there are hooks.
#[inline(always)]
pub fn is_on() -> bool {
    !Thread::current().interpreter().audit_hooks.is_empty()
}

/// Tells hooks of an event, whose arguments, anything that Python can see, are made only where there are hooks:
/// `audit!("os.chdir", path)?`.
#[macro_export]
macro_rules! audit {
    ($event:expr $(, $argument:expr)* $(,)?) => {
        match $crate::threads::audit::is_on() {
            false => Ok(()),
            true => $crate::threads::audit::tell_made($event, [$($crate::object::IntoObject::into_object($argument)),*]),
        }
    };
}

/// As `tell`, with arguments that were made for it.
#[cold]
pub fn tell_made<const N: usize>(event: &str, arguments: [Result<Ref, Raised>; N]) -> Result<(), Raised> {
    let mut made = habu_heap::Buffer::<Ref>::with_capacity(N)?;
    for argument in arguments {
        made.push(argument?)?;
    }
    call_hooks(&*Str::intern(event)?, &*Tuple::from_slice(&made)?)
}

/// As `audit`, for an event that is a string already.
#[cold]
pub fn tell(event: &Str, arguments: &[&Object]) -> Result<(), Raised> {
    if !is_on() {
        return Ok(());
    }
    call_hooks(event, &*Tuple::from_borrowed(arguments)?)
}

/// Calls the hooks. They are not traced, but for those whose attribute `__cantrace__` is true.
fn call_hooks(event: &Str, arguments: &Tuple) -> Result<(), Raised> {
    let thread = Thread::current();
    let Some(hooks) = thread.interpreter().audit_hooks.get() else { return Ok(()) };
    let tracing = &thread.eval.tracing;
    tracing.stepped(1, || {
        let mut index = 0;
        while let Some(hook) = hooks.get(index) {
            index += 1;
            let traced = match protocol::lookup_attribute(&hook, &*Str::intern("__cantrace__")?)? {
                Some(traced) => protocol::truth(&traced)?,
                None => false,
            };
            let call = || protocol::call(&hook, &[event, arguments]);
            if traced {
                tracing.stepped(-1, call)?
            } else {
                call()?
            };
        }
        Ok(())
    })
}
