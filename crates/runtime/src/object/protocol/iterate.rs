//! Iteration: `iter`, `next`, and loops over any iterable in Rust.

use crate::exceptions::exc;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::threads::Thread;
use crate::types::iterators::SequenceIterator;
use crate::types::list::List;
use crate::types::tuple::Tuple;

/// Whether the object is an iterator: its type has a `__next__` that is not the placeholder for an abstract one.
#[inline]
pub fn is_iterator(object: &Object) -> bool {
    object.ty().tp_iternext.get().is_some_and(|slot| slot as usize != next_not_implemented as *const () as usize)
}

/// The `tp_iternext` of classes without `__next__` (`_PyObject_NextNotImplemented`).
///
/// # Safety
/// As every `tp_iternext`: the object is alive.
pub unsafe extern "C" fn next_not_implemented(object: &Object) -> Option<Ref> {
    let _ = raise!(TypeError, "'{}' object is not iterable", object.ty().full_name());
    None
}

/// `iter(object)`
pub fn iterator(object: &Object) -> Result<Ref, Raised> {
    let Some(slot) = object.ty().tp_iter.get() else {
        if super::sequence::is_sequence(object) {
            return Ok(SequenceIterator::new(object.to_ref())?.into_object());
        }
        return Err(raise!(TypeError, "'{}' object is not iterable", object.ty().full_name()));
    };
    // SAFETY: the slot belongs to the object's own type.
    let result = unsafe { slot(object) }?;
    if !is_iterator(&result) {
        return Err(raise!(TypeError, "iter() returned non-iterator of type '{}'", result.ty().full_name()));
    }
    Ok(result)
}

/// The next item of an iterator, or nothing at its end: a StopIteration that it raised is the end too.
#[inline]
pub fn next(iterator: &Object) -> Result<Option<Ref>, Raised> {
    let Some(slot) = iterator.ty().tp_iternext.get() else {
        return Err(raise!(TypeError, "'{}' object is not an iterator", iterator.ty().full_name()));
    };
    // Iterators over iterators nest as deeply as a program makes them.
    crate::threads::thread::check_native_stack()?;
    // SAFETY: the slot belongs to the iterator's own type.
    match unsafe { slot(iterator) } {
        Some(item) => Ok(Some(item)),
        None => ended(),
    }
}

/// The items of an iterable, for a loop in Rust: as `iterator` and `next`, but the native stack is looked at once.
pub struct Items(Ref);

impl Items {
    /// Asks for an iterator.
    pub fn of(iterable: &Object) -> Result<Items, Raised> {
        Items::from(iterator(iterable)?)
    }

    /// What an iterator has left.
    pub fn from(iterator: Ref) -> Result<Items, Raised> {
        crate::threads::thread::check_native_stack()?;
        Ok(Items(iterator))
    }

    /// The next item, or nothing at the end.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "an error ends the loop by `?`")]
    pub fn next(&mut self) -> Result<Option<Ref>, Raised> {
        let iterator = &self.0;
        let Some(slot) = iterator.ty().tp_iternext.get() else { return next(iterator) };
        // SAFETY: the slot belongs to the iterator's own type.
        match unsafe { slot(iterator) } {
            Some(item) => Ok(Some(item)),
            None => ended(),
        }
    }
}

/// What an iterator's end without an item means: an error when one other than StopIteration is set.
#[inline]
pub fn ended() -> Result<Option<Ref>, Raised> {
    let thread = Thread::current();
    if !thread.has_exception() {
        return Ok(None);
    }
    super::attribute::ignore(Raised::set(), exc::StopIteration())
}

/// Calls `each` with every item of an iterable.  Exact lists and tuples are walked without an iterator object; a list may change
/// meanwhile.
pub fn for_each(iterable: &Object, mut each: impl FnMut(Ref) -> Result<(), Raised>) -> Result<(), Raised> {
    if let Some(tuple) = iterable.downcast_exact::<Tuple>() {
        return tuple.as_slice().iter().try_for_each(|item| each(item.clone()));
    }
    if let Some(list) = iterable.downcast_exact::<List>() {
        let mut index = 0;
        while let Some(item) = list.get(index) {
            each(item)?;
            index += 1;
        }
        return Ok(());
    }
    let mut items = Items::of(iterable)?;
    while let Some(item) = items.next()? {
        each(item)?;
    }
    Ok(())
}

/// `aiter(object)`
pub fn async_iterator(object: &Object) -> Result<Ref, Raised> {
    let Some(slot) = object.ty().asynchronous().and_then(|suite| suite.am_aiter.get()) else {
        return Err(raise!(TypeError, "'{}' object is not an async iterable", object.ty().full_name()));
    };
    // SAFETY: the slot belongs to the object's own type.
    let result = unsafe { slot(object) }?;
    if result.ty().asynchronous().is_none_or(|suite| suite.am_anext.get().is_none()) {
        return Err(raise!(TypeError, "aiter() returned not an async iterator of type '{}'", result.ty().full_name()));
    }
    Ok(result)
}
