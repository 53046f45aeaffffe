//! `except*`: putting together again what its clauses raised and what they left.

use crate::exceptions::{BaseException, exc};
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::thread::NativeCall;
use crate::types::list::List;
use crate::types::singletons::{is_none, none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// `PREP_RERAISE_STAR`: of the exception that was caught and a list of what clauses raised or left, the exception to raise, or None.
pub fn prepare_reraise(original: &Object, results: &Object) -> Result<Ref, Raised> {
    let results = protocol::to_tuple(results)?;
    if !is_group(original) {
        // A naked exception was either raised again or not.
        return Ok(results.get(0).unwrap_or_else(none));
    }
    let raised = List::new()?;
    let mut left = habu_heap::Buffer::<Ref>::new();
    for result in results.as_slice().iter().filter(|result| !is_none(result)) {
        if same_metadata(result, original) {
            leaves(result, &mut left)?;
        } else {
            raised.push(result.clone())?;
        }
    }
    let left = project(original, &left)?;
    if raised.len() == 0 {
        return Ok(left.unwrap_or_else(none));
    }
    if let Some(left) = left {
        raised.push(left)?;
    }
    match raised.get(0) {
        Some(only) if raised.len() == 1 => Ok(only),
        _ => protocol::call(&*exc::ExceptionGroup()?, &[&*crate::types::str::intern::empty(), &raised]),
    }
}

fn is_group(object: &Object) -> bool {
    object.ty().is_subtype(exc::BaseExceptionGroup())
}

/// Whether a group is a part of the original one that was left or raised again, not one that a clause raised.
fn same_metadata(part: &Object, original: &Object) -> bool {
    let (Some(part), Some(original)) = (part.downcast::<BaseException>(), original.downcast::<BaseException>()) else {
        return false;
    };
    is_group(part)
        && is_group(original)
        && std::ptr::eq(part.notes.pointer(), original.notes.pointer())
        && std::ptr::eq(part.traceback.pointer(), original.traceback.pointer())
        && std::ptr::eq(part.cause.pointer(), original.cause.pointer())
        && std::ptr::eq(part.context.pointer(), original.context.pointer())
}

/// The exceptions of a group.
fn members(group: &Object) -> Result<Ref<Tuple>, Raised> {
    let members = protocol::get_attribute(group, &*Str::intern("exceptions")?)?;
    protocol::to_tuple(&members)
}

/// Collects the exceptions at the leaves of a group.
fn leaves(object: &Object, into: &mut habu_heap::Buffer<Ref>) -> Result<(), Raised> {
    let _depth = NativeCall::enter(" in exception_group_projection")?;
    if !is_group(object) {
        return Ok(into.push(object.to_ref())?);
    }
    members(object)?.as_slice().iter().try_for_each(|member| leaves(member, into))
}

/// The part of a group that has these leaves, in the group's shape; nothing when it has none of them.
fn project(object: &Object, keep: &[Ref]) -> Result<Option<Ref>, Raised> {
    let _depth = NativeCall::enter(" in exception_group_projection")?;
    if !is_group(object) {
        return Ok(keep.iter().any(|kept| kept.is(object)).then(|| object.to_ref()));
    }
    let all = members(object)?;
    let kept = List::new()?;
    let mut complete = true;
    for member in all.as_slice() {
        match project(member, keep)? {
            Some(part) => {
                complete &= part.is(member);
                kept.push(part)?;
            }
            None => complete = false,
        }
    }
    if kept.len() == 0 {
        return Ok(None);
    }
    if complete {
        return Ok(Some(object.to_ref()));
    }
    let derived = protocol::call_method(object, &*Str::intern("derive")?, &[&kept])?;
    let (Some(to), Some(from)) = (derived.downcast::<BaseException>(), object.downcast::<BaseException>()) else {
        return Err(raise!(TypeError, "derive must return an instance of BaseExceptionGroup"));
    };
    to.traceback.set(from.traceback.get());
    to.context.set(from.context.get());
    to.cause.set(from.cause.get());
    to.suppress_context.set(from.suppress_context.get());
    to.notes.set(from.notes.get());
    Ok(Some(derived))
}
