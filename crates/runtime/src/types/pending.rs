//! Bridges from types to functions, methods and frames, and to types that land on their own.

use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::method::Method;

/// Whether the object is a function written in Python.
pub fn is_function(object: &Object) -> bool {
    object.is_exact::<Function>()
}

/// A method bound to `receiver`.
pub fn bind_method(function: &Object, receiver: &Object) -> Result<Ref, Raised> {
    Ok(Method::new(function, receiver)?.into_object())
}

/// Fills a class cell; false when the object is no cell.
pub fn fill_cell(cell: &Object, class: &Type) -> bool {
    match cell.downcast::<Cell>() {
        Some(cell) => {
            cell.contents.set(Some(class.to_ref()));
            true
        }
        None => false,
    }
}

/// A read-only view of a dictionary.
pub fn mapping_proxy(dict: &Dict) -> Result<Ref, Raised> {
    crate::types::mappingproxy::MappingProxy::of(dict.to_ref()).map(Ref::into_object)
}

/// The class and first argument of the running method, for `super()`.
pub fn super_arguments() -> Result<(Ref, Ref), Raised> {
    // SAFETY: the frame that runs is alive.
    let Some(frame) = (unsafe { crate::eval::current_frame_raw().as_ref() }) else {
        return Err(raise!(RuntimeError, "super(): no current frame"));
    };
    let code = frame.code();
    if code.argcount.get() == 0 {
        return Err(raise!(RuntimeError, "super(): no arguments"));
    }
    // SAFETY: the first slot is the first argument: a value, or a cell of it, or null once it was deleted.
    let first = unsafe { (*frame.slots()).as_ref() };
    let first = match first.and_then(|first| first.downcast_exact::<Cell>()) {
        Some(cell)
            if code.localspluskinds().first().is_some_and(|kind| kind & habu_bytecode::code::CO_FAST_CELL != 0) =>
        {
            cell.contents.get()
        }
        _ => first.map(Object::to_ref),
    };
    let Some(first) = first else { return Err(raise!(RuntimeError, "super(): arg[0] deleted")) };
    let start = (code.nlocalsplus.get() - code.nfreevars.get()) as usize;
    for index in start..code.nlocalsplus.get() as usize {
        if !code.slot_name(index).equals("__class__") {
            continue;
        }
        // SAFETY: the slot of a free variable holds its cell, or null before COPY_FREE_VARS.
        let cell = unsafe { (*frame.slots().add(index)).as_ref() };
        let Some(cell) = cell.and_then(|cell| cell.downcast_exact::<Cell>()) else {
            return Err(raise!(RuntimeError, "super(): bad __class__ cell"));
        };
        let Some(class) = cell.contents.get() else {
            return Err(raise!(RuntimeError, "super(): empty __class__ cell"));
        };
        if !class.isinstance::<Type>() {
            return Err(raise!(RuntimeError, "super(): __class__ is not a type ({})", class.ty().full_name()));
        }
        return Ok((class, first));
    }
    Err(raise!(RuntimeError, "super(): __class__ cell not found"))
}

/// The globals of the running function.
pub fn current_globals() -> Option<Ref<Dict>> {
    crate::eval::globals()
}
