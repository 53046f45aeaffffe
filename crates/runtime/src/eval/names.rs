//! Names: globals, builtins, the locals of modules and class bodies, cells; and the errors of those that are not there.

use super::frame::Frame;
use crate::exceptions::exc;
use crate::exceptions::raise::raise_name_error;
use crate::object::protocol;
use crate::object::protocol::attribute::ignore;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::str::Str;

/// The builtins that code with these globals sees: `__builtins__`, a module or a dictionary; else the current ones.
pub fn builtins_of_globals(globals: &Dict) -> Result<Ref, Raised> {
    match globals.get(crate::id!(__builtins__))? {
        Some(builtins) => match builtins.downcast::<Module>().map(|module| module.dict.get()) {
            Some(Some(dict)) => Ok(dict.into_object()),
            _ => Ok(builtins),
        },
        None => Ok(super::builtins()),
    }
}

/// The name at `index` of the names of a frame's code.
///
/// # Safety
/// `frame` is alive, and the index is an operand of its code, which the compiler made or the verifier passed.
#[inline(always)]
pub unsafe fn name_at<'a>(frame: *mut Frame, index: usize) -> &'a Str {
    // SAFETY: by the contract; the frame keeps its code alive while the instruction runs.
    unsafe {
        let names = crate::types::tuple::value::items_pointer((*frame).code().names()).as_ptr().cast::<*const Object>();
        (**names.add(index)).cast_unchecked::<Str>()
    }
}

/// `LOAD_GLOBAL`
pub fn load_global(frame: &Frame, name: &Str) -> Result<Ref, Raised> {
    let globals = frame.globals();
    // A subclass of dict may answer for names that are not in it.
    let found = if globals.is_exact::<Dict>() { globals.get(name)? } else { find_in_mapping(globals, name)? };
    if let Some(found) = found {
        return Ok(found);
    }
    match find_builtin(frame, name)? {
        Some(found) => Ok(found),
        None => Err(not_defined(name)),
    }
}

/// A name among the builtins.
fn find_builtin(frame: &Frame, name: &Str) -> Result<Option<Ref>, Raised> {
    let builtins = frame.builtins();
    match builtins.downcast_exact::<Dict>() {
        Some(dict) => dict.get(name),
        None => find_in_mapping(builtins, name),
    }
}

/// An item of a mapping, or nothing for a KeyError.
fn find_in_mapping(mapping: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    match protocol::get_item(mapping, name) {
        Ok(found) => Ok(Some(found)),
        Err(raised) => ignore(raised, exc::KeyError()),
    }
}

/// The locals of a module or class body.
fn locals(frame: &Frame, doing: &str, name: &Str) -> Result<Ref, Raised> {
    // SAFETY: the frame owns its locals.
    match unsafe { frame.locals.as_ref() } {
        Some(locals) => Ok(locals.to_ref()),
        None => Err(no_locals(doing, name)),
    }
}

#[cold]
fn no_locals(doing: &str, name: &Str) -> Raised {
    match protocol::repr(name) {
        Ok(name) => raise!(SystemError, "no locals {doing} {name}"),
        Err(raised) => raised,
    }
}

/// `LOAD_NAME`
pub fn load_name(frame: &Frame, name: &Str) -> Result<Ref, Raised> {
    let locals = locals(frame, "when loading", name)?;
    let found = match locals.downcast_exact::<Dict>() {
        Some(dict) => dict.get(name)?,
        None => find_in_mapping(&locals, name)?,
    };
    match found {
        Some(found) => Ok(found),
        None => load_global(frame, name),
    }
}

/// `STORE_NAME`
pub fn store_name(frame: &Frame, name: &Str, value: &Object) -> Result<(), Raised> {
    let locals = locals(frame, "found when storing", name)?;
    match locals.downcast_exact::<Dict>() {
        Some(dict) => dict.set(name, value),
        None => protocol::set_item(&locals, name, value),
    }
}

/// `DELETE_NAME`
pub fn delete_name(frame: &Frame, name: &Str) -> Result<(), Raised> {
    let locals = locals(frame, "when deleting", name)?;
    if let Some(dict) = locals.downcast_exact::<Dict>() {
        return match dict.remove(name)? {
            Some(_) => Ok(()),
            None => Err(not_defined(name)),
        };
    }
    match protocol::delete_item(&locals, name) {
        Ok(()) => Ok(()),
        Err(raised) => {
            ignore::<()>(raised, exc::KeyError())?;
            Err(not_defined(name))
        }
    }
}

/// `DELETE_GLOBAL`
pub fn delete_global(frame: &Frame, name: &Str) -> Result<(), Raised> {
    match frame.globals().remove(name)? {
        Some(_) => Ok(()),
        None => Err(not_defined(name)),
    }
}

/// `LOAD_CLASSDEREF`: a free variable in a class body, where the body's own names come first.
pub fn load_class_deref(frame: &Frame, index: usize, cell: &Cell) -> Result<Ref, Raised> {
    let name = frame.code().slot_name(index);
    let locals = locals(frame, "when loading", &name)?;
    let found = match locals.downcast_exact::<Dict>() {
        Some(dict) => dict.get(&name)?,
        None => find_in_mapping(&locals, &name)?,
    };
    match found.or_else(|| cell.contents.get()) {
        Some(found) => Ok(found),
        None => Err(unbound_cell(frame, index)),
    }
}

/// The error of a name that is nowhere; the exception has the name, so that a similar one can be suggested.
#[cold]
#[inline(never)]
pub fn not_defined(name: &Str) -> Raised {
    raise_name_error(exc::NameError(), name, format_args!("name '{name}' is not defined"))
}

/// The error of a local variable that is not bound.
#[cold]
#[inline(never)]
pub fn unbound_local(frame: &Frame, index: usize) -> Raised {
    let name = frame.code().slot_name(index);
    let text = format_args!("cannot access local variable '{name}' where it is not associated with a value");
    raise_name_error(exc::UnboundLocalError(), &name, text)
}

/// The error of a cell that is empty.
#[cold]
#[inline(never)]
pub fn unbound_cell(frame: &Frame, index: usize) -> Raised {
    let code = frame.code();
    let name = code.slot_name(index);
    if (index as i32) < code.nlocalsplus.get() - code.nfreevars.get() {
        return unbound_local(frame, index);
    }
    let text =
        format_args!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope");
    raise_name_error(exc::NameError(), &name, text)
}
