//! The evaluation loop.
//!
//! One `match` over code units. What every instruction needs (instruction pointer, stack pointer, locals, constants, names) is in local
//! variables; an instruction's own meaning is in the files of its family, and here is only how values move between it and the stack. Calls
//! from Python to Python push a frame and go on in the same loop; what may fail breaks out of the inner loop to where the stack is
//! unwound.
//!
//! Invariants: `(*frame).previous_unit` is the instruction that runs; operands stay on the stack until nothing can fail any more, so that
//! unwinding drops them; code is what the compiler made or the verifier passed, so operands are within their tables and depths fit.

#![allow(clippy::undocumented_unsafe_blocks, reason = "see the SAFETY comment of `run`, which covers all of the loop")]

use habu_bytecode::Opcode;
use habu_bytecode::code::{CO_ASYNC_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE};

use super::frame::{Frame, Owner};
use super::value::{NULL, Value, decref, incref, new_value, own, value, xdecref};
use super::{build, call, generators, imports, names as naming, operators, patterns, raise, unwind};
use crate::exceptions::exc;
use crate::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
use crate::object::typeobject::flags;
use crate::object::{Object, Raised, Ref, protocol};
use crate::raise;
use crate::threads::Thread;
use crate::threads::thread::recursion_error;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::generator::{Generator, State};
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::method::Method;
use crate::types::singletons::{boolean_static, none_static, not_implemented_static};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::tuple::value::items_pointer;

/// Why the inner loop was left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// An instruction raised: the frame goes into the traceback.
    Raised,
    /// An exception goes on that passed here before: its traceback has the frame.
    Reraised,
}

/// Runs a frame until it returns, yields or raises. A frame of the thread's stack is ended and taken off; a generator's stays with the
/// generator. With `throwing` the exception that is set is raised where the frame stands.
///
/// # Safety
/// `entry` is complete: a new frame, or one that a generator suspended; it is linked to nothing.
pub unsafe fn run(thread: &Thread, entry: *mut Frame, throwing: bool) -> Result<Ref, Raised> {
    // SAFETY (for the whole loop): frames on the thread's stack and their code, constants and names live while they run. Values between
    // `fast` and `sp` are owned by the frame; locals may be null, stack values are not, but where an instruction pushes null by its
    // definition. The verifier has checked operand ranges and the depth of the stack, and the compiler's code is made to the same rules.
    unsafe {
        let eval = &thread.eval;
        (*entry).previous = eval.frame.get();
        (*entry).is_entry = true;
        if let Err(raised) = enter_native(thread) {
            if (*entry).owner == Owner::Thread {
                Frame::end(entry);
                eval.stack.pop(entry);
            }
            return Err(raised);
        }
        eval.frame.set(entry);
        let mut frame = entry;
        let mut fast: *mut Value;
        let mut sp: *mut Value;
        let mut ip: *mut u16;
        let mut consts: *const Value;
        let mut names: *const Value;
        let mut keywords: *const Tuple = std::ptr::null();

        macro_rules! load_frame {
            () => {{
                let code = (*frame).code();
                consts = items_pointer(code.consts()).as_ptr().cast();
                names = items_pointer(code.names()).as_ptr().cast();
                fast = (*frame).slots();
                sp = fast.add((*frame).stack_top as usize);
                ip = (*frame).previous_unit.wrapping_add(1);
                (*frame).stack_top = -1;
            }};
        }
        load_frame!();
        let mut failure = if throwing { Some(Failure::Raised) } else { None };
        // Where an exception that RERAISE raises again came from; the handler is found by the RERAISE itself.
        let mut reraised_at: Option<isize> = None;
        loop {
            if let Some(kind) = failure {
                let mut kind = kind;
                loop {
                    if kind == Failure::Raised {
                        unwind::add_traceback(thread, frame);
                    }
                    if let Some(handler) = unwind::find_handler(thread, frame, sp, reraised_at.take()) {
                        sp = handler.stack;
                        ip = (*frame).code().first_unit().add(handler.unit);
                        keywords = std::ptr::null();
                        break;
                    }
                    (*frame).stack_top = (*frame).code().nlocalsplus.get();
                    match leave(thread, frame) {
                        None => return Err(Raised::set()),
                        Some(caller) => {
                            frame = caller;
                            load_frame!();
                            kind = Failure::Raised;
                        }
                    }
                }
            }
            failure = Some('run: loop {
                macro_rules! peek {
                    ($n:expr) => {
                        *sp.sub($n)
                    };
                }
                macro_rules! object {
                    ($n:expr) => {
                        (&*(*sp.sub($n)))
                    };
                }
                macro_rules! push {
                    ($value:expr) => {{
                        let pushed: Value = $value;
                        sp.write(pushed);
                        sp = sp.add(1);
                    }};
                }
                macro_rules! pop {
                    () => {{
                        sp = sp.sub(1);
                        *sp
                    }};
                }
                macro_rules! fail {
                    () => {
                        break 'run Failure::Raised
                    };
                    ($raised:expr) => {{
                        let _ = $raised;
                        break 'run Failure::Raised;
                    }};
                }
                macro_rules! attempt {
                    ($result:expr) => {
                        match $result {
                            Ok(result) => result,
                            Err(raised) => fail!(raised),
                        }
                    };
                }
                // Replaces the `n` topmost values, which are dropped, by the result of an expression that may fail.
                macro_rules! replace {
                    ($n:literal, $result:expr) => {{
                        let result = value(attempt!($result));
                        for _ in 0..$n {
                            decref(pop!());
                        }
                        push!(result);
                    }};
                }
                macro_rules! name {
                    ($index:expr) => {
                        (*(*names.add($index))).cast_unchecked::<Str>()
                    };
                }
                macro_rules! check_breaker {
                    () => {
                        if eval.breaker.load(std::sync::atomic::Ordering::Relaxed) != 0 {
                            attempt!(super::breaker::answer(thread));
                        }
                    };
                }
                // Jumps when the truth of the topmost value, which is dropped, is as given.
                macro_rules! jump_if {
                    ($when:literal, $jump:expr) => {{
                        let condition = *sp.sub(1);
                        let truth = attempt!(operators::truth(&*condition));
                        sp = sp.sub(1);
                        decref(condition);
                        if truth == $when {
                            ip = $jump;
                        }
                    }};
                }
                macro_rules! jump_if_none {
                    ($when:literal, $jump:expr) => {{
                        let condition = pop!();
                        let none = std::ptr::eq(condition, none_static());
                        decref(condition);
                        if none == $when {
                            ip = $jump;
                        }
                    }};
                }
                macro_rules! cell {
                    ($index:expr) => {
                        (*(*fast.add($index))).cast_unchecked::<Cell>()
                    };
                }
                // Gives a value to the caller of the frame, which has been left.
                macro_rules! return_to_caller {
                    ($caller:expr, $result:expr) => {
                        match $caller {
                            None => return Ok(own($result)),
                            Some(caller) => {
                                frame = caller;
                                load_frame!();
                                push!($result);
                            }
                        }
                    };
                }
                // Goes on in a new frame.
                macro_rules! enter {
                    ($new:expr) => {{
                        let new: *mut Frame = $new;
                        (*frame).stack_top = sp.offset_from(fast) as i32;
                        (*new).previous = frame;
                        let remaining = thread.recursion_remaining.get() - 1;
                        thread.recursion_remaining.set(remaining);
                        eval.frame.set(new);
                        if remaining < 0 {
                            thread.recursion_remaining.set(remaining + 1);
                            let _ = recursion_error("");
                            eval.frame.set(frame);
                            Frame::end(new);
                            eval.stack.pop(new);
                            (*frame).stack_top = -1;
                            fail!();
                        }
                        frame = new;
                        load_frame!();
                    }};
                }

                let unit = *ip;
                (*frame).previous_unit = ip;
                ip = ip.add(1);
                let mut op = opcode(unit);
                let mut arg = (unit >> 8) as usize;
                'dispatch: loop {
                    match op {
                        Opcode::Nop | Opcode::Cache => {}
                        Opcode::Resume | Opcode::ResumeQuick => {
                            if arg < 2 {
                                check_breaker!();
                            }
                        }
                        Opcode::ExtendedArg | Opcode::ExtendedArgQuick => {
                            let unit = *ip;
                            (*frame).previous_unit = ip;
                            ip = ip.add(1);
                            op = opcode(unit);
                            arg = arg << 8 | (unit >> 8) as usize;
                            continue 'dispatch;
                        }
                        Opcode::LoadClosure | Opcode::LoadFast => {
                            let held = *fast.add(arg);
                            if held.is_null() {
                                fail!(naming::unbound_local(&*frame, arg));
                            }
                            incref(held);
                            push!(held);
                        }
                        Opcode::LoadConst => {
                            let constant = *consts.add(arg);
                            incref(constant);
                            push!(constant);
                        }
                        Opcode::StoreFast => {
                            let new = pop!();
                            let slot = fast.add(arg);
                            let old = *slot;
                            *slot = new;
                            xdecref(old);
                        }
                        Opcode::DeleteFast => {
                            let slot = fast.add(arg);
                            let old = *slot;
                            if old.is_null() {
                                fail!(naming::unbound_local(&*frame, arg));
                            }
                            *slot = NULL;
                            decref(old);
                        }
                        Opcode::PopTop => decref(pop!()),
                        Opcode::PushNull => push!(NULL),
                        Opcode::Copy => {
                            let copied = peek!(arg);
                            incref(copied);
                            push!(copied);
                        }
                        Opcode::Swap => {
                            let (top, other) = (sp.sub(1), sp.sub(arg));
                            std::ptr::swap(top, other);
                        }
                        Opcode::UnaryPositive => replace!(1, protocol::operator::positive(object!(1))),
                        Opcode::UnaryNegative => replace!(1, protocol::operator::negative(object!(1))),
                        Opcode::UnaryInvert => replace!(1, protocol::operator::invert(object!(1))),
                        Opcode::UnaryNot => {
                            let truth = attempt!(operators::truth(object!(1)));
                            decref(pop!());
                            push!(new_value(boolean_static(!truth)));
                        }
                        Opcode::BinaryOp => {
                            replace!(2, protocol::operator::binary_op_argument(object!(2), object!(1), arg as u8));
                            ip = ip.add(1);
                        }
                        Opcode::CompareOp => {
                            replace!(2, operators::compare(object!(2), object!(1), arg as u8));
                            ip = ip.add(2);
                        }
                        Opcode::IsOp => {
                            let (right, left) = (pop!(), pop!());
                            let same = std::ptr::eq(left, right) != (arg != 0);
                            decref(right);
                            decref(left);
                            push!(new_value(boolean_static(same)));
                        }
                        Opcode::ContainsOp => {
                            let found = attempt!(protocol::contains(object!(1), object!(2)));
                            decref(pop!());
                            decref(pop!());
                            push!(new_value(boolean_static(found != (arg != 0))));
                        }
                        Opcode::BinarySubscr => {
                            replace!(2, protocol::get_item(object!(2), object!(1)));
                            ip = ip.add(4);
                        }
                        Opcode::StoreSubscr => {
                            attempt!(protocol::set_item(object!(2), object!(1), object!(3)));
                            for _ in 0..3 {
                                decref(pop!());
                            }
                            ip = ip.add(1);
                        }
                        Opcode::DeleteSubscr => {
                            attempt!(protocol::delete_item(object!(2), object!(1)));
                            decref(pop!());
                            decref(pop!());
                        }

                        // Names and attributes.
                        Opcode::LoadGlobal => {
                            let found = value(attempt!(naming::load_global(&*frame, name!(arg >> 1))));
                            if arg & 1 != 0 {
                                push!(NULL);
                            }
                            push!(found);
                            ip = ip.add(5);
                        }
                        Opcode::StoreGlobal => {
                            attempt!((*frame).globals().set(name!(arg), object!(1)));
                            decref(pop!());
                        }
                        Opcode::DeleteGlobal => attempt!(naming::delete_global(&*frame, name!(arg))),
                        Opcode::LoadName => push!(value(attempt!(naming::load_name(&*frame, name!(arg))))),
                        Opcode::StoreName => {
                            attempt!(naming::store_name(&*frame, name!(arg), object!(1)));
                            decref(pop!());
                        }
                        Opcode::DeleteName => attempt!(naming::delete_name(&*frame, name!(arg))),
                        Opcode::LoadAttr => {
                            replace!(1, protocol::get_attribute(object!(1), name!(arg)));
                            ip = ip.add(4);
                        }
                        Opcode::StoreAttr => {
                            attempt!(protocol::set_attribute(object!(1), name!(arg), Some(object!(2))));
                            decref(pop!());
                            decref(pop!());
                            ip = ip.add(4);
                        }
                        Opcode::DeleteAttr => {
                            attempt!(protocol::set_attribute(object!(1), name!(arg), None));
                            decref(pop!());
                        }
                        Opcode::LoadMethod => {
                            let found = value(attempt!(protocol::get_attribute(object!(1), name!(arg))));
                            decref(pop!());
                            push!(NULL);
                            push!(found);
                            ip = ip.add(10);
                        }
                        Opcode::MakeCell => {
                            let slot = fast.add(arg);
                            let cell = attempt!(Cell::new(None));
                            cell.contents.set(super::value::own_optional(*slot));
                            *slot = value(cell);
                        }
                        Opcode::LoadDeref => match cell!(arg).contents.get() {
                            Some(held) => push!(value(held)),
                            None => fail!(naming::unbound_cell(&*frame, arg)),
                        },
                        Opcode::StoreDeref => {
                            let new = own(pop!());
                            cell!(arg).contents.set(Some(new));
                        }
                        Opcode::DeleteDeref => match cell!(arg).contents.take() {
                            Some(held) => drop(held),
                            None => fail!(naming::unbound_cell(&*frame, arg)),
                        },
                        Opcode::LoadClassderef => {
                            push!(value(attempt!(naming::load_class_deref(&*frame, arg, cell!(arg)))));
                        }
                        Opcode::CopyFreeVars => {
                            // SAFETY: a function with free variables has a closure of as many cells: checked when it is made.
                            let closure =
                                (*frame).function().closure.borrow().map_or(&[][..], |closure| closure.as_slice());
                            let first = (*frame).code().nlocalsplus.get() as usize - arg;
                            for (index, cell) in closure.iter().enumerate().take(arg) {
                                *fast.add(first + index) = new_value(cell);
                            }
                        }

                        // Containers and strings.
                        Opcode::BuildTuple => {
                            let built = value(attempt!(build::tuple(sp.sub(arg), arg)));
                            sp = sp.sub(arg);
                            push!(built);
                        }
                        Opcode::BuildList => {
                            let built = value(attempt!(build::list(sp.sub(arg), arg)));
                            sp = sp.sub(arg);
                            push!(built);
                        }
                        Opcode::BuildSet => {
                            let built = value(attempt!(build::set(sp.sub(arg), arg)));
                            drop_top(&mut sp, arg);
                            push!(built);
                        }
                        Opcode::BuildMap => {
                            let built = value(attempt!(build::map(sp.sub(arg * 2), arg)));
                            drop_top(&mut sp, arg * 2);
                            push!(built);
                        }
                        Opcode::BuildConstKeyMap => {
                            let built = value(attempt!(build::const_key_map(object!(1), sp.sub(arg + 1), arg)));
                            drop_top(&mut sp, arg + 1);
                            push!(built);
                        }
                        Opcode::BuildString => {
                            let built = value(attempt!(build::string(sp.sub(arg), arg)));
                            drop_top(&mut sp, arg);
                            push!(built);
                        }
                        Opcode::BuildSlice => {
                            let count = if arg == 3 { 3 } else { 2 };
                            let step = if arg == 3 { Some(object!(1)) } else { None };
                            let built = value(attempt!(build::slice(object!(count), object!(count - 1), step)));
                            drop_top(&mut sp, count);
                            push!(built);
                        }
                        Opcode::ListAppend => {
                            let item = own(pop!());
                            attempt!(object!(arg).cast_unchecked::<List>().push(item));
                        }
                        Opcode::SetAdd => {
                            attempt!(super::pending::set_add(object!(arg + 1), object!(1)));
                            decref(pop!());
                        }
                        Opcode::MapAdd => {
                            attempt!(object!(arg + 2).cast_unchecked::<Dict>().set(object!(2), object!(1)));
                            decref(pop!());
                            decref(pop!());
                        }
                        Opcode::ListExtend => {
                            attempt!(build::list_extend(object!(arg + 1), object!(1)));
                            decref(pop!());
                        }
                        Opcode::SetUpdate => {
                            attempt!(build::set_update(object!(arg + 1), object!(1)));
                            decref(pop!());
                        }
                        Opcode::DictUpdate => {
                            attempt!(build::dict_update(object!(arg + 1), object!(1)));
                            decref(pop!());
                        }
                        Opcode::DictMerge => {
                            attempt!(build::dict_merge(object!(arg + 1), object!(1), object!(arg + 3)));
                            decref(pop!());
                        }
                        Opcode::ListToTuple => {
                            replace!(1, protocol::to_tuple(object!(1)));
                        }
                        Opcode::FormatValue => {
                            let has_spec = arg & 4 != 0;
                            let spec = if has_spec { Some(object!(1)) } else { None };
                            let position = if has_spec { 2 } else { 1 };
                            let text =
                                value(attempt!(operators::format_value(object!(position), spec, (arg & 3) as u8)));
                            drop_top(&mut sp, position);
                            push!(text);
                        }
                        Opcode::UnpackSequence => {
                            let sequence = peek!(1);
                            // The room is that of the sequence and above it: items may be written over it, it is kept here.
                            let top = sp.sub(1).add(arg);
                            attempt!(unpack_exact(&*sequence, arg, top));
                            sp = top;
                            decref(sequence);
                            ip = ip.add(1);
                        }
                        Opcode::UnpackEx => {
                            let sequence = peek!(1);
                            let (before, after) = (arg & 0xFF, arg >> 8);
                            let top = sp.sub(1).add(before + 1 + after);
                            attempt!(build::unpack(&*sequence, before, Some(after), top));
                            sp = top;
                            decref(sequence);
                        }

                        // Jumps and loops.
                        Opcode::JumpForward => ip = ip.add(arg),
                        Opcode::JumpBackward | Opcode::JumpBackwardQuick => {
                            ip = ip.sub(arg);
                            check_breaker!();
                        }
                        Opcode::JumpBackwardNoInterrupt => ip = ip.sub(arg),
                        Opcode::PopJumpForwardIfFalse => jump_if!(false, ip.add(arg)),
                        Opcode::PopJumpForwardIfTrue => jump_if!(true, ip.add(arg)),
                        Opcode::PopJumpBackwardIfFalse => jump_if!(false, ip.sub(arg)),
                        Opcode::PopJumpBackwardIfTrue => jump_if!(true, ip.sub(arg)),
                        Opcode::PopJumpForwardIfNone => jump_if_none!(true, ip.add(arg)),
                        Opcode::PopJumpForwardIfNotNone => jump_if_none!(false, ip.add(arg)),
                        Opcode::PopJumpBackwardIfNone => jump_if_none!(true, ip.sub(arg)),
                        Opcode::PopJumpBackwardIfNotNone => jump_if_none!(false, ip.sub(arg)),
                        Opcode::JumpIfFalseOrPop | Opcode::JumpIfTrueOrPop => {
                            let truth = attempt!(operators::truth(object!(1)));
                            if truth == (op == Opcode::JumpIfTrueOrPop) {
                                ip = ip.add(arg);
                            } else {
                                decref(pop!());
                            }
                        }
                        Opcode::GetIter => replace!(1, protocol::iterator(object!(1))),
                        Opcode::ForIter => {
                            let iterator = peek!(1);
                            let found = match (*iterator).ty().tp_iternext.get() {
                                Some(next) => next(&*iterator),
                                None => {
                                    fail!(raise!(TypeError, "'{}' object is not an iterator", (*iterator).ty().name()))
                                }
                            };
                            match found {
                                Some(item) => push!(value(item)),
                                None => {
                                    attempt!(generators::iteration_ended(thread));
                                    sp = sp.sub(1);
                                    decref(iterator);
                                    ip = ip.add(arg);
                                }
                            }
                        }

                        // Functions and calls.
                        Opcode::MakeFunction => {
                            let function = value(attempt!(operators::make_function(&*frame, arg as u32, sp)));
                            sp = sp.sub(1 + (arg & 15).count_ones() as usize);
                            push!(function);
                        }
                        Opcode::KwNames => keywords = (*consts.add(arg)).cast(),
                        Opcode::Precall => {
                            if peek!(arg + 2).is_null() && object!(arg + 1).is_exact::<Method>() {
                                let bound = peek!(arg + 1);
                                let method = (*bound).cast_unchecked::<Method>();
                                *sp.sub(arg + 2) = new_value(method.function());
                                *sp.sub(arg + 1) = new_value(method.receiver());
                                decref(bound);
                            }
                            ip = ip.add(1);
                        }
                        Opcode::Call => {
                            let base = sp.sub(arg + 2);
                            let total = arg + usize::from(!(*base).is_null());
                            let callable = peek!(total + 1);
                            let arguments = sp.sub(total);
                            let named = std::mem::replace(&mut keywords, std::ptr::null()).as_ref();
                            let count = total - named.map_or(0, Tuple::len);
                            if (*callable).is_exact::<Function>() && is_python(&*callable) {
                                // SAFETY: the callable and the arguments move from the stack to the frame.
                                sp = base;
                                let function = own(callable).cast_into_unchecked::<Function>();
                                let new = attempt!(call::push_frame(thread, function, NULL, arguments, count, named));
                                (*frame).previous_unit = ip.add(3);
                                enter!(new);
                            } else {
                                let result = protocol::call::vectorcall_raw(
                                    &*callable,
                                    arguments.cast_const().cast(),
                                    count | VECTORCALL_ARGUMENTS_OFFSET,
                                    named,
                                );
                                drop_top(&mut sp, total + 1);
                                sp = base;
                                push!(value(attempt!(result)));
                                ip = ip.add(4);
                            }
                        }
                        Opcode::CallFunctionEx => {
                            let has_keywords = arg & 1 != 0;
                            let keywords = if has_keywords { Some(object!(1)) } else { None };
                            let at = 1 + arg;
                            let arguments = attempt!(operators::arguments_tuple(object!(at + 1), object!(at)));
                            let result = generators::call_extended(object!(at + 1), &arguments, keywords);
                            drop(arguments);
                            let result = value(attempt!(result));
                            drop_top(&mut sp, at + 1);
                            // Under the callable stands a null.
                            sp = sp.sub(1);
                            push!(result);
                        }
                        Opcode::ReturnValue => {
                            let result = pop!();
                            (*frame).stack_top = sp.offset_from(fast) as i32;
                            let caller = leave(thread, frame);
                            return_to_caller!(caller, result);
                        }
                        Opcode::LoadBuildClass => push!(value(attempt!(operators::load_build_class(&*frame)))),
                        Opcode::LoadAssertionError => push!(value(operators::assertion_error())),
                        Opcode::SetupAnnotations => attempt!(operators::setup_annotations(&*frame)),
                        Opcode::PrintExpr => {
                            attempt!(operators::print_expression(object!(1)));
                            decref(pop!());
                        }
                        Opcode::ImportName => {
                            replace!(2, imports::import_name(&*frame, name!(arg), object!(1), object!(2)));
                        }
                        Opcode::ImportFrom => {
                            push!(value(attempt!(imports::import_from(object!(1), name!(arg)))));
                        }
                        Opcode::ImportStar => {
                            (*frame).stack_top = -1;
                            attempt!(imports::import_star(frame, object!(1)));
                            decref(pop!());
                        }

                        // Exceptions and context managers.
                        Opcode::RaiseVarargs => {
                            let raised = match arg {
                                0 => raise::reraise_current(),
                                1 => raise::raise_from(object!(1), None),
                                _ => raise::raise_from(object!(2), Some(object!(1))),
                            };
                            let _ = raised;
                            if arg == 0 {
                                break 'run if thread.has_exception() { Failure::Reraised } else { Failure::Raised };
                            }
                            fail!();
                        }
                        Opcode::Reraise => {
                            if arg > 0
                                && let Some(index) = object!(arg + 1).downcast::<Int>().and_then(Int::to_i64)
                            {
                                reraised_at = Some(index as isize);
                            }
                            let exception = own(pop!());
                            match exception.downcast_into() {
                                Ok(exception) => {
                                    let _ = thread.set_exception(exception);
                                }
                                Err(_) => fail!(raise!(SystemError, "RERAISE without an exception")),
                            }
                            break 'run Failure::Reraised;
                        }
                        Opcode::PushExcInfo => {
                            let exception = pop!();
                            push!(unwind::push_handled(thread, &*exception));
                            push!(exception);
                        }
                        Opcode::PopExcept => unwind::pop_handled(thread, own(pop!())),
                        Opcode::CheckExcMatch => {
                            let matches = attempt!(raise::matches(object!(2), object!(1)));
                            decref(pop!());
                            push!(new_value(boolean_static(matches)));
                        }
                        Opcode::CheckEgMatch => {
                            let (taken, rest) = attempt!(raise::match_group(object!(2), object!(1)));
                            decref(pop!());
                            match taken {
                                None => push!(new_value(none_static())),
                                Some(taken) => {
                                    let old = pop!();
                                    push!(rest.map_or_else(|| new_value(none_static()), value));
                                    unwind::replace_handled(thread, &taken);
                                    push!(value(taken));
                                    decref(old);
                                }
                            }
                        }
                        Opcode::PrepReraiseStar => {
                            replace!(2, super::groups::prepare_reraise(object!(2), object!(1)));
                        }
                        Opcode::BeforeWith | Opcode::BeforeAsyncWith => {
                            let asynchronous = op == Opcode::BeforeAsyncWith;
                            let (enter, exit) = attempt!(operators::context_methods(object!(1), asynchronous));
                            let entered = value(attempt!(protocol::call0(&enter)));
                            drop(enter);
                            decref(pop!());
                            push!(value(exit));
                            push!(entered);
                        }
                        Opcode::WithExceptStart => {
                            push!(value(attempt!(operators::call_exit(object!(4), object!(1)))));
                        }

                        // Pattern matching.
                        Opcode::GetLen => {
                            let length = attempt!(protocol::length(object!(1)));
                            push!(value(attempt!(Int::from_i64(length as i64))));
                        }
                        Opcode::MatchMapping => {
                            let matches = object!(1).ty().has_flag(flags::MAPPING);
                            push!(new_value(boolean_static(matches)));
                        }
                        Opcode::MatchSequence => {
                            let matches = object!(1).ty().has_flag(flags::SEQUENCE);
                            push!(new_value(boolean_static(matches)));
                        }
                        Opcode::MatchKeys => match attempt!(patterns::match_keys(object!(2), object!(1))) {
                            Some(values) => push!(value(values)),
                            None => push!(new_value(none_static())),
                        },
                        Opcode::MatchClass => {
                            let matched = attempt!(patterns::match_class(object!(3), object!(2), arg, object!(1)));
                            drop_top(&mut sp, 3);
                            match matched {
                                Some(values) => push!(value(values)),
                                None => push!(new_value(none_static())),
                            }
                        }

                        // Generators and coroutines.
                        Opcode::ReturnGenerator => {
                            (*frame).stack_top = sp.offset_from(fast) as i32;
                            let flags = (*frame).code().flags.get();
                            let ty = generators::type_for(flags);
                            let made = match Generator::of_frame(ty, frame) {
                                Ok(made) => made,
                                Err(raised) => fail!(raised),
                            };
                            if flags & CO_COROUTINE != 0 {
                                generators::note_origin(thread, &made, (*frame).previous);
                            }
                            // The frame's values belong to the generator now: only its memory is given back.
                            let caller = (*frame).previous;
                            let is_entry = (*frame).is_entry;
                            eval.frame.set(caller);
                            thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
                            eval.stack.pop(frame);
                            let caller = if is_entry { None } else { Some(caller) };
                            let made = value(made);
                            return_to_caller!(caller, made);
                        }
                        Opcode::YieldValue => {
                            let result = pop!();
                            (*frame).stack_top = sp.offset_from(fast) as i32;
                            let generator = &*super::frame::generator_of(frame);
                            generator.frame_state.set(State::Suspended);
                            let caller = (*frame).previous;
                            eval.frame.set(caller);
                            thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
                            return Ok(own(result));
                        }
                        Opcode::AsyncGenWrap => {
                            replace!(1, crate::types::async_generator::wrap(object!(1)));
                        }
                        Opcode::GetYieldFromIter => {
                            let iterable = object!(1);
                            let allowed = (*frame).code().flags.get() & (CO_COROUTINE | CO_ITERABLE_COROUTINE) != 0;
                            replace!(1, generators::yield_from_iterator(iterable, allowed));
                        }
                        Opcode::GetAwaitable => replace!(1, generators::awaitable(object!(1), arg)),
                        Opcode::GetAiter => replace!(1, generators::async_iterator(object!(1))),
                        Opcode::GetAnext => {
                            push!(value(attempt!(generators::async_next(object!(1)))));
                        }
                        Opcode::EndAsyncFor => {
                            let exception = peek!(1);
                            if (*exception).ty().is_subtype(exc::StopAsyncIteration()) {
                                decref(pop!());
                                decref(pop!());
                            } else {
                                sp = sp.sub(1);
                                if let Ok(exception) = own(exception).downcast_into() {
                                    let _ = thread.set_exception(exception);
                                }
                                break 'run Failure::Reraised;
                            }
                        }
                        Opcode::Send => {
                            let receiver = peek!(2);
                            match generators::send(thread, &*receiver, object!(1)) {
                                generators::Sent::Yielded(item) => {
                                    decref(pop!());
                                    push!(value(item));
                                }
                                generators::Sent::Returned(item) => {
                                    decref(pop!());
                                    decref(pop!());
                                    push!(value(item));
                                    ip = ip.add(arg);
                                }
                                generators::Sent::Raised(raised) => fail!(raised),
                            }
                        }
                        _ => fail!(raise!(SystemError, "unknown opcode")),
                    }
                    break 'dispatch;
                }
            });
        }
    }
}

/// The instruction of a unit.
///
/// # Safety
/// The unit is of a code object's instructions.
#[inline(always)]
unsafe fn opcode(unit: u16) -> Opcode {
    // SAFETY: code objects hold only numbers of instructions: the compiler or the verifier makes sure, and so does specialisation.
    unsafe { std::mem::transmute::<u8, Opcode>(unit as u8) }
}

/// Drops the topmost values.
#[inline(always)]
unsafe fn drop_top(sp: &mut *mut Value, count: usize) {
    // SAFETY: the callers' values are owned and on the stack, where null stands for none.
    unsafe {
        for _ in 0..count {
            *sp = sp.sub(1);
            xdecref(**sp);
        }
    }
}

/// Whether a function is called in the usual way, so that the loop may push its frame itself.
#[inline(always)]
pub(super) fn is_python(function: &Object) -> bool {
    // SAFETY: the caller has checked that this is a function.
    unsafe { function.cast_unchecked::<Function>() }.vectorcall.get() as usize == call::function_vectorcall as usize
}

/// Counts a native recursion of the loop, and stops it before the native stack ends.
#[inline(always)]
fn enter_native(thread: &Thread) -> Result<(), Raised> {
    let remaining = thread.recursion_remaining.get() - 1;
    let marker = 0u8;
    if remaining < 0 || (&raw const marker as usize) < thread.stack_limit.get() {
        return Err(recursion_error(""));
    }
    thread.recursion_remaining.set(remaining);
    Ok(())
}

/// Leaves a frame that returned or raised: it is unlinked, ended if it lies on the thread's stack, and the caller is given unless the loop is
/// to be left.
///
/// # Safety
/// `frame` is the one that runs, with its `stack_top` set.
#[inline(always)]
unsafe fn leave(thread: &Thread, frame: *mut Frame) -> Option<*mut Frame> {
    // SAFETY: by the contract.
    unsafe {
        let caller = (*frame).previous;
        let is_entry = (*frame).is_entry;
        thread.eval.frame.set(caller);
        thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
        if (*frame).owner == Owner::Thread {
            Frame::end(frame);
            thread.eval.stack.pop(frame);
        }
        if is_entry { None } else { Some(caller) }
    }
}

/// `UNPACK_SEQUENCE`: exact tuples and lists are taken apart directly.
#[inline(always)]
unsafe fn unpack_exact(sequence: &Object, count: usize, top: *mut Value) -> Result<(), Raised> {
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
    let _ = (not_implemented_static, CO_ASYNC_GENERATOR);
    Ok(())
}
