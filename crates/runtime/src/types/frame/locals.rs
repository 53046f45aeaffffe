//! `f_locals`: the slots of a frame as a dictionary, and back.

use habu_bytecode::code::{CO_FAST_CELL, CO_FAST_FREE, CO_OPTIMIZED};

use crate::eval::frame::Frame;
use crate::eval::value::{NULL, own_optional, value};
use crate::object::{Object, Raised, Ref, protocol};
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::str::Str;

/// The mapping of a frame's locals, made if there is none.
///
/// # Safety
/// `frame` is alive.
pub unsafe fn locals_mapping(frame: *mut Frame) -> Result<Ref, Raised> {
    // SAFETY: by the contract.
    unsafe {
        if (*frame).locals.is_null() {
            (*frame).locals = value(Dict::new()?);
        }
        Ok((*(*frame).locals).to_ref())
    }
}

/// What the slot `index` holds for Python: the content of a cell, the value itself otherwise.
///
/// # Safety
/// `frame` is alive and the index one of its slots.
unsafe fn slot_value(frame: *mut Frame, index: usize, kind: u8) -> Option<Ref> {
    // SAFETY: by the contract.
    unsafe {
        let held = *(*frame).slots().add(index);
        let object: &Object = held.as_ref()?;
        if kind & (CO_FAST_FREE | CO_FAST_CELL) != 0
            && let Some(cell) = object.downcast_exact::<Cell>()
        {
            // A parameter that is a cell is a plain value until MAKE_CELL ran; no value is itself a cell there before.
            if kind & CO_FAST_FREE != 0 || (*frame).unit_index() >= 0 {
                return cell.contents.get();
            }
        }
        Some(object.to_ref())
    }
}

/// Free variables are in their slots only once COPY_FREE_VARS ran; before, they come from the closure here.
///
/// # Safety
/// `frame` is alive.
unsafe fn copy_free_variables(frame: *mut Frame) {
    // SAFETY: by the contract; the slots of free variables are the last ones.
    unsafe {
        if (*frame).unit_index() >= 0 {
            return;
        }
        let code = (*frame).code();
        let first = (code.nlocalsplus.get() - code.nfreevars.get()) as usize;
        if let Some(closure) = (*frame).function().closure.get() {
            for (index, cell) in closure.as_slice().iter().enumerate().take(code.nfreevars.get() as usize) {
                let slot = (*frame).slots().add(first + index);
                if (*slot).is_null() {
                    *slot = value(cell.clone());
                }
            }
        }
    }
}

/// Brings the mapping of locals up to date with the slots, and gives it (`PyFrame_FastToLocals`).
///
/// # Safety
/// `frame` is alive.
pub unsafe fn fast_to_locals(frame: *mut Frame) -> Result<Ref, Raised> {
    // SAFETY: by the contract.
    unsafe {
        let mapping = locals_mapping(frame)?;
        copy_free_variables(frame);
        let code = Ref::from_borrowed((*frame).code());
        for (index, kind) in code.localspluskinds().iter().enumerate() {
            // A class body's free variables are no locals of it.
            if kind & CO_FAST_FREE != 0 && !code.has_flags(CO_OPTIMIZED) {
                continue;
            }
            let name = code.slot_name(index);
            match slot_value(frame, index, *kind) {
                Some(held) => protocol::set_item(&mapping, &name, &held)?,
                None => remove(&mapping, &name)?,
            }
        }
        Ok(mapping)
    }
}

fn remove(mapping: &Object, name: &Str) -> Result<(), Raised> {
    if let Some(dict) = mapping.downcast_exact::<Dict>() {
        drop(dict.remove(name)?);
        return Ok(());
    }
    match protocol::delete_item(mapping, name) {
        Ok(()) => Ok(()),
        Err(raised) => {
            protocol::attribute::ignore::<()>(raised, crate::exceptions::exc::KeyError())?;
            Ok(())
        }
    }
}

/// Brings the slots up to date with the mapping of locals (`PyFrame_LocalsToFast`); with `clear` names that it lacks become unbound.
///
/// # Safety
/// `frame` is alive.
pub unsafe fn locals_to_fast(frame: *mut Frame, clear: bool) {
    // SAFETY: by the contract; a slot is replaced before what it held is dropped.
    unsafe {
        let Some(mapping) = (*frame).locals.as_ref().map(Object::to_ref) else { return };
        let code = Ref::from_borrowed((*frame).code());
        for (index, kind) in code.localspluskinds().iter().enumerate() {
            if kind & CO_FAST_FREE != 0 && !code.has_flags(CO_OPTIMIZED) {
                continue;
            }
            let found = match protocol::get_item(&mapping, &code.slot_name(index)) {
                Ok(found) => Some(found),
                Err(raised) => {
                    raised.clear();
                    None
                }
            };
            if found.is_none() && !clear {
                continue;
            }
            let slot = (*frame).slots().add(index);
            let cell = (*slot).as_ref().and_then(Object::downcast_exact::<Cell>);
            match cell.filter(|_| kind & (CO_FAST_FREE | CO_FAST_CELL) != 0) {
                Some(cell) => cell.contents.set(found),
                None => drop(own_optional(std::mem::replace(&mut *slot, found.map_or(NULL, value)))),
            }
        }
    }
}
