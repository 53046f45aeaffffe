//! The small steps that the loop takes everywhere: reading an instruction, dropping values, entering and leaving frames.

use habu_bytecode::Opcode;

use super::frame::{Frame, Owner};
use super::value::{Value, incref, xdecref};
use super::{build, call, generators};
use crate::object::{Object, Raised};
use crate::threads::Thread;
use crate::threads::thread::recursion_error;
use crate::types::function::Function;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::tuple::value::items_pointer;

/// The instruction of a unit.
///
/// # Safety
/// The unit is of a code object's instructions.
#[inline(always)]
pub(super) unsafe fn opcode(unit: u16) -> Opcode {
    // SAFETY: code objects hold only numbers of instructions: the compiler or the verifier makes sure, and so does specialisation.
    unsafe { std::mem::transmute::<u8, Opcode>(unit as u8) }
}

/// Drops the topmost values, the one that was pushed first first, as CPython does: programs see in which order objects die.
#[inline(always)]
pub(super) unsafe fn drop_top(sp: &mut *mut Value, count: usize) {
    // SAFETY: the callers' values are owned and on the stack, where null stands for none.
    unsafe {
        *sp = sp.sub(count);
        for index in 0..count {
            xdecref(*sp.add(index));
        }
    }
}

/// Whether a function is called in the usual way, so that the loop may push its frame itself.
#[inline(always)]
pub(crate) fn is_python(function: &Object) -> bool {
    // SAFETY: the caller has checked that this is a function.
    unsafe { function.cast_unchecked::<Function>() }.vectorcall.get() as usize
        == call::function_vectorcall as *const () as usize
}

/// Counts a native recursion of the loop, and stops it before the native stack ends.
#[inline(always)]
pub(super) fn enter_native(thread: &Thread) -> Result<(), Raised> {
    let remaining = thread.recursion_remaining.get() - 1;
    let marker = 0u8;
    if remaining < 0 || (&raw const marker as usize) < thread.stack_limit.get() {
        return Err(recursion_error(""));
    }
    thread.recursion_remaining.set(remaining);
    Ok(())
}

/// Makes a frame the one that runs, called by `caller`, and counts the call; false if calls nest too deeply: then `unlink` is next.
///
/// # Safety
/// `caller` runs with the stack pointer `sp`, `new` is complete.
#[inline(always)]
pub(super) unsafe fn link(thread: &Thread, caller: *mut Frame, new: *mut Frame, sp: *mut Value) -> bool {
    // SAFETY: by the contract.
    unsafe {
        (*caller).stack_top = sp.offset_from((*caller).slots()) as i32;
        (*new).previous = caller;
        (*new).is_entry = false;
    }
    let remaining = thread.recursion_remaining.get() - 1;
    thread.recursion_remaining.set(remaining);
    thread.frame().set(new);
    remaining >= 0
}

/// Undoes `link`, and sets the RecursionError.
///
/// # Safety
/// `link` refused a call of this frame.
#[cold]
pub(super) unsafe fn unlink(thread: &Thread, caller: *mut Frame) {
    thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
    thread.frame().set(caller);
    let _ = recursion_error("");
    // SAFETY: by the contract.
    unsafe { (*caller).stack_top = -1 };
}

/// Leaves a frame that returned or raised: it is unlinked, ended if it lies on the thread's stack, and the caller is given unless the loop is
/// to be left.
///
/// # Safety
/// `frame` is the one that runs, with its `stack_top` set.
#[inline(always)]
pub(super) unsafe fn leave(thread: &Thread, frame: *mut Frame) -> Option<*mut Frame> {
    // SAFETY: by the contract.
    unsafe {
        let caller = (*frame).previous;
        let is_entry = (*frame).is_entry;
        thread.frame().set(caller);
        thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
        if (*frame).owner == Owner::Thread {
            Frame::end(frame);
            thread.eval.stack.pop(frame);
        } else if !is_entry {
            generators::leave(thread, frame);
        }
        if is_entry { None } else { Some(caller) }
    }
}

/// `UNPACK_SEQUENCE`: exact tuples and lists are taken apart directly.
#[inline(always)]
pub(super) unsafe fn unpack_exact(sequence: &Object, count: usize, top: *mut Value) -> Result<(), Raised> {
    let items = if let Some(tuple) = sequence.downcast_exact::<Tuple>().filter(|tuple| tuple.len() == count) {
        items_pointer(tuple).as_ptr().cast::<Value>()
    } else if let Some(list) = sequence.downcast_exact::<List>().filter(|list| list.len() == count) {
        list.items.get().cast::<Value>()
    } else {
        // SAFETY: by the caller's contract.
        return unsafe { build::unpack(sequence, count, None, top) };
    };
    // SAFETY: the sequence has `count` items, and the stack room for them.
    unsafe {
        for index in 0..count {
            let item = *items.add(index);
            incref(item);
            top.sub(index + 1).write(item);
        }
    }
    Ok(())
}
