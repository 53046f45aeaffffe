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

use super::frame::{Frame, Owner, Returns};
use super::specialize::{self, Site};
use super::steps::{drop_top, enter_native, is_python, leave, opcode, unpack_exact};
use super::unwind::Failure;
use super::value::{NULL, Value, decref, incref, new_value, own, value, xdecref};
use super::{build, call, fast, generators, names as naming, operators, raise, unwind};
use crate::exceptions::exc;
use crate::object::slots::VECTORCALL_ARGUMENTS_OFFSET;
use crate::object::{PyType, Raised, Ref, Type, protocol};
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
use crate::types::singletons::{boolean_static, none_static};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::tuple::value::items_pointer;

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
        let mut sp: *mut Value;
        let mut ip: *mut u16;
        let mut consts: *const Value;
        let mut keywords: *const Tuple = std::ptr::null();

        macro_rules! load_frame {
            () => {{
                let code = (*frame).code();
                consts = items_pointer(code.consts()).as_ptr().cast();
                sp = (*frame).slots().add((*frame).stack_top as usize);
                ip = (*frame).previous_unit.wrapping_add(1);
                (*frame).stack_top = -1;
            }};
        }
        load_frame!();
        let mut failure = if throwing { Some(Failure::Raised) } else { None };
        if throwing && eval.tracing.active.get() {
            // What a hook raises takes the place of what is thrown.
            let _ = super::trace::enter(thread, frame);
        }
        // Where an exception that RERAISE raises again came from; the handler is found by the RERAISE itself.
        let mut reraised_at: Option<isize> = None;
        loop {
            if let Some(kind) = failure {
                let Some(resumed) = unwind::recover(thread, frame, sp, kind, reraised_at.take()) else {
                    return Err(Raised::set());
                };
                if frame != resumed.frame {
                    frame = resumed.frame;
                    load_frame!();
                }
                sp = resumed.stack;
                ip = resumed.unit;
                keywords = std::ptr::null();
            }
            failure = Some('run: loop {
                let mut unit = *ip;
                let mut op = opcode(unit);
                if eval.tracing.active.get() {
                    let before = std::mem::replace(&mut (*frame).previous_unit, ip);
                    (*frame).stack_top = sp.offset_from(fast) as i32;
                    let stepped = super::trace::step(thread, frame, before);
                    sp = fast.add((*frame).stack_top as usize);
                    (*frame).stack_top = -1;
                    if let Err(failure) = stepped {
                        break 'run failure;
                    }
                    ip = (*frame).previous_unit;
                    unit = *ip;
                    op = opcode(unit).deopt();
                }
                (*frame).previous_unit = ip;
                ip = ip.add(1);
                let mut arg = (unit >> 8) as usize;
                'dispatch: loop {
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
                            (*naming::name_at(frame, $index))
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
                    macro_rules! load_local {
                        ($index:expr) => {{
                            let held = *(*frame).slots().add($index);
                            if held.is_null() {
                                fail!(naming::unbound_local(&*frame, $index));
                            }
                            incref(held);
                            push!(held);
                        }};
                    }
                    macro_rules! cell {
                        ($index:expr) => {
                            (*(*(*frame).slots().add($index))).cast_unchecked::<Cell>()
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
                    // The instruction that runs, with its caches.
                    macro_rules! site {
                        () => {
                            Site::new(ip.sub(1))
                        };
                    }
                    // An adaptive instruction: looks at its operands when it is time, then runs as what it is then.
                    macro_rules! adapt {
                        ($base:ident, $look:expr) => {{
                            if site!().is_due() {
                                $look;
                                op = opcode(*ip.sub(1));
                                if op.deopt() as u8 != op as u8 && !site!().is_adaptive() {
                                    continue 'dispatch;
                                }
                            }
                            op = Opcode::$base;
                            continue 'dispatch;
                        }};
                    }
                    // A specialised instruction whose operands are not as expected: the general one runs.
                    macro_rules! miss {
                        ($adaptive:ident, $base:ident) => {{
                            site!().missed(Opcode::$adaptive);
                            op = Opcode::$base;
                            continue 'dispatch;
                        }};
                    }
                    // Replaces the two topmost values by a result, and skips the caches.
                    macro_rules! finish_two {
                        ($result:expr, $caches:literal) => {{
                            let result: Value = $result;
                            sp = sp.sub(1);
                            *sp.sub(1) = result;
                            ip = ip.add($caches);
                        }};
                    }
                    // Arithmetic on two integers or floats.
                    macro_rules! arithmetic {
                        ($operands:ident, $result:ident, $operation:expr) => {{
                            let (left, right) = (peek!(2), peek!(1));
                            let Some((a, b)) = fast::$operands(left, right) else { miss!(BinaryOpAdaptive, BinaryOp) };
                            let Some(computed) = $operation(a, b) else {
                                op = Opcode::BinaryOp;
                                continue 'dispatch;
                            };
                            let result = attempt!(fast::$result(left, right, computed));
                            finish_two!(result, 1);
                        }};
                    }
                    // A comparison and the jump behind it.
                    macro_rules! compare_jump {
                        ($outcome:expr) => {{
                            let mask = site!().entry(1);
                            let outcome: u16 = $outcome;
                            let (right, left) = (pop!(), pop!());
                            decref(right);
                            decref(left);
                            // The jump's unit stands behind the two caches.
                            let distance = usize::from(*ip.add(2) >> 8);
                            ip = ip.add(3);
                            if mask & outcome != 0 {
                                if mask & 16 != 0 {
                                    ip = ip.sub(distance);
                                    check_breaker!();
                                } else {
                                    ip = ip.add(distance);
                                }
                            }
                        }};
                    }
                    // Whether the type of an object has the version that the caches know.
                    macro_rules! has_version {
                        ($object:expr) => {
                            (*$object).ty().tp_version_tag.get() == site!().wide(1)
                        };
                    }
                    // Goes on in the frame of a generator, whose values are in place; it is taken off again if calls nest too deeply.
                    macro_rules! enter_generator {
                        ($new:expr) => {{
                            let new: *mut Frame = $new;
                            let remaining = thread.recursion_remaining.get() - 1;
                            if remaining < 0 {
                                let _ = recursion_error("");
                                generators::step_out(thread, new);
                                fail!();
                            }
                            thread.recursion_remaining.set(remaining);
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
                            (*new).previous = frame;
                            (*new).is_entry = false;
                            eval.frame.set(new);
                            frame = new;
                            load_frame!();
                        }};
                    }
                    // Goes on in a new frame.
                    macro_rules! enter {
                        ($new:expr) => {{
                            let new: *mut Frame = $new;
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
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

                    match op {
                        Opcode::Nop | Opcode::Cache => {}
                        Opcode::Resume => {
                            specialize::warm_up((*frame).code());
                            if arg < 2 {
                                check_breaker!();
                            }
                        }
                        Opcode::ResumeQuick => {
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
                            load_local!(arg);
                        }
                        Opcode::LoadConst => {
                            let constant = *consts.add(arg);
                            incref(constant);
                            push!(constant);
                        }
                        Opcode::StoreFast => {
                            let new = pop!();
                            let slot = (*frame).slots().add(arg);
                            let old = *slot;
                            *slot = new;
                            xdecref(old);
                        }
                        Opcode::LoadFastLoadFast | Opcode::StoreFastLoadFast => {
                            if op == Opcode::StoreFastLoadFast {
                                let new = pop!();
                                let old = std::mem::replace(&mut *(*frame).slots().add(arg), new);
                                xdecref(old);
                            } else {
                                load_local!(arg);
                            }
                            let second = usize::from(*ip >> 8);
                            ip = ip.add(1);
                            load_local!(second);
                        }
                        Opcode::LoadFastLoadConst => {
                            load_local!(arg);
                            let constant = *consts.add(usize::from(*ip >> 8));
                            ip = ip.add(1);
                            incref(constant);
                            push!(constant);
                        }
                        Opcode::LoadConstLoadFast => {
                            let constant = *consts.add(arg);
                            incref(constant);
                            push!(constant);
                            let second = usize::from(*ip >> 8);
                            ip = ip.add(1);
                            load_local!(second);
                        }
                        Opcode::StoreFastStoreFast => {
                            let second = usize::from(*ip >> 8);
                            ip = ip.add(1);
                            for slot in [arg, second] {
                                let new = pop!();
                                let old = std::mem::replace(&mut *(*frame).slots().add(slot), new);
                                xdecref(old);
                            }
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
                        Opcode::UnaryNegative => replace!(1, protocol::operator::negative(object!(1))),
                        Opcode::UnaryNot => {
                            let truth = attempt!(operators::truth(object!(1)));
                            decref(pop!());
                            push!(new_value(boolean_static(!truth)));
                        }
                        Opcode::BinaryOp => {
                            replace!(2, protocol::operator::binary_op_argument(object!(2), object!(1), arg as u8));
                            ip = ip.add(1);
                        }
                        Opcode::BinaryOpAdaptive => adapt!(BinaryOp, {
                            let next = *ip.add(1);
                            let left = peek!(2);
                            let stores =
                                fast::stores_local(next) && std::ptr::eq(*(*frame).slots().add(usize::from(next >> 8)), left);
                            specialize::binary_op(site!(), &*left, object!(1), arg, stores)
                        }),
                        Opcode::BinaryOpAddInt => arithmetic!(ints, int_result, |a: i64, b: i64| Some(a + b)),
                        Opcode::BinaryOpSubtractInt => arithmetic!(ints, int_result, |a: i64, b: i64| Some(a - b)),
                        Opcode::BinaryOpMultiplyInt => arithmetic!(ints, int_result, i64::checked_mul),
                        Opcode::BinaryOpAddFloat => arithmetic!(floats, float_result, |a: f64, b: f64| Some(a + b)),
                        Opcode::BinaryOpSubtractFloat => {
                            arithmetic!(floats, float_result, |a: f64, b: f64| Some(a - b));
                        }
                        Opcode::BinaryOpMultiplyFloat => {
                            arithmetic!(floats, float_result, |a: f64, b: f64| Some(a * b));
                        }
                        Opcode::BinaryOpAddUnicode => {
                            let (left, right) = (peek!(2), peek!(1));
                            let Some((a, b)) = fast::strings(left, right) else { miss!(BinaryOpAdaptive, BinaryOp) };
                            let joined = value(attempt!(Str::concat(a, b)));
                            decref(left);
                            decref(right);
                            finish_two!(joined, 1);
                        }
                        Opcode::BinaryOpInplaceAddUnicode => {
                            let (left, right) = (peek!(2), peek!(1));
                            let next = *ip.add(1);
                            let slot = (*frame).slots().add(usize::from(next >> 8));
                            let same = fast::stores_local(next) && std::ptr::eq(*slot, left);
                            if !same || fast::strings(left, right).is_none() {
                                miss!(BinaryOpAdaptive, BinaryOp);
                            }
                            // The variable gives its reference up, so that the string may grow in place; the STORE_FAST is done here.
                            *slot = NULL;
                            decref(left);
                            sp = sp.sub(2);
                            let target = own(left).cast_into_unchecked::<Str>();
                            let joined = Str::append_in_place(target, (*right).cast_unchecked::<Str>());
                            decref(right);
                            *slot = value(attempt!(joined));
                            ip = ip.add(2);
                        }
                        Opcode::CompareOp => {
                            if let Some(truth) = fast::compare(object!(2), object!(1), arg as u8) {
                                decref(pop!());
                                decref(pop!());
                                push!(new_value(boolean_static(truth)));
                            } else {
                                replace!(2, operators::compare(object!(2), object!(1), arg as u8));
                            }
                            ip = ip.add(2);
                        }
                        Opcode::CompareOpAdaptive => {
                            adapt!(CompareOp, specialize::compare_op(site!(), object!(2), object!(1), arg, *ip.add(2)))
                        }
                        Opcode::CompareOpIntJump => {
                            let Some((a, b)) = fast::ints(peek!(2), peek!(1)) else {
                                miss!(CompareOpAdaptive, CompareOp)
                            };
                            compare_jump!(fast::outcome(Some(a.cmp(&b))));
                        }
                        Opcode::CompareOpFloatJump => {
                            let Some((a, b)) = fast::floats(peek!(2), peek!(1)) else {
                                miss!(CompareOpAdaptive, CompareOp)
                            };
                            compare_jump!(fast::outcome(a.partial_cmp(&b)));
                        }
                        Opcode::CompareOpStrJump => {
                            let Some((a, b)) = fast::strings(peek!(2), peek!(1)) else {
                                miss!(CompareOpAdaptive, CompareOp)
                            };
                            compare_jump!(if std::ptr::eq(a, b) || a.same_text(b) { 2 } else { 1 });
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
                        Opcode::BinarySubscrAdaptive => {
                            adapt!(BinarySubscr, specialize::binary_subscr(site!(), object!(2), object!(1)))
                        }
                        Opcode::BinarySubscrListInt | Opcode::BinarySubscrTupleInt => {
                            let (container, key) = (peek!(2), peek!(1));
                            let item = if op == Opcode::BinarySubscrListInt {
                                fast::list_item(container, key)
                            } else {
                                fast::tuple_item(container, key)
                            };
                            let Some(item) = item else { miss!(BinarySubscrAdaptive, BinarySubscr) };
                            decref(key);
                            decref(container);
                            finish_two!(item, 4);
                        }
                        Opcode::BinarySubscrDict => match fast::dict_item(object!(2), object!(1)) {
                            Some(Ok(Some(item))) => {
                                let (container, key) = (peek!(2), peek!(1));
                                decref(key);
                                decref(container);
                                finish_two!(value(item), 4);
                            }
                            Some(Err(raised)) => fail!(raised),
                            Some(Ok(None)) => {
                                op = Opcode::BinarySubscr;
                                continue 'dispatch;
                            }
                            None => miss!(BinarySubscrAdaptive, BinarySubscr),
                        },
                        Opcode::StoreSubscrAdaptive => {
                            adapt!(StoreSubscr, specialize::store_subscr(site!(), object!(2), object!(1)))
                        }
                        Opcode::StoreSubscrListInt => {
                            let (container, key) = (peek!(2), peek!(1));
                            if !fast::store_list_item(container, key, peek!(3)) {
                                miss!(StoreSubscrAdaptive, StoreSubscr);
                            }
                            sp = sp.sub(3);
                            decref(key);
                            decref(container);
                            ip = ip.add(1);
                        }
                        Opcode::StoreSubscrDict => {
                            let Some(dict) = object!(2).downcast_exact::<Dict>() else {
                                miss!(StoreSubscrAdaptive, StoreSubscr)
                            };
                            attempt!(dict.set(object!(1), object!(3)));
                            for _ in 0..3 {
                                decref(pop!());
                            }
                            ip = ip.add(1);
                        }
                        Opcode::StoreSubscr => {
                            attempt!(protocol::set_item(object!(2), object!(1), object!(3)));
                            for _ in 0..3 {
                                decref(pop!());
                            }
                            ip = ip.add(1);
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
                        Opcode::LoadGlobalAdaptive => adapt!(
                            LoadGlobal,
                            specialize::load_global(site!(), (*frame).globals(), (*frame).builtins(), name!(arg >> 1))
                        ),
                        Opcode::LoadGlobalModule | Opcode::LoadGlobalBuiltin => {
                            let site = site!();
                            let globals = (*frame).globals();
                            let mut dict = globals;
                            let mut known = globals.keys_version() == site.wide(2);
                            if op == Opcode::LoadGlobalBuiltin {
                                // Builtins that are no dictionary are never specialised on, and do not change for a frame's function.
                                dict = &*(*frame).builtins.cast::<Dict>();
                                known &= (*frame).builtins().is_exact::<Dict>()
                                    && dict.keys_version() == u32::from(site.entry(4));
                            }
                            let found = if known { dict.unicode_value(usize::from(site.entry(1))) } else { None };
                            let Some(found) = found else { miss!(LoadGlobalAdaptive, LoadGlobal) };
                            if arg & 1 != 0 {
                                push!(NULL);
                            }
                            push!(new_value(found));
                            ip = ip.add(5);
                        }
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
                        Opcode::LoadAttrAdaptive => {
                            adapt!(LoadAttr, specialize::load_attr(site!(), object!(1), name!(arg)))
                        }
                        Opcode::LoadAttrInstanceValue
                        | Opcode::LoadAttrWithHint
                        | Opcode::LoadAttrSlot
                        | Opcode::LoadAttrModule => {
                            let owner = peek!(1);
                            let index = usize::from(site!().entry(3));
                            let found = match op {
                                Opcode::LoadAttrInstanceValue if has_version!(owner) => {
                                    fast::instance_value(owner, index)
                                }
                                Opcode::LoadAttrWithHint if has_version!(owner) => {
                                    fast::hinted_value(owner, index, name!(arg))
                                }
                                Opcode::LoadAttrSlot if has_version!(owner) => fast::slot_value(owner, index),
                                Opcode::LoadAttrModule => fast::module_value(owner, site!().wide(1), index),
                                _ => NULL,
                            };
                            if found.is_null() {
                                miss!(LoadAttrAdaptive, LoadAttr);
                            }
                            incref(found);
                            *sp.sub(1) = found;
                            decref(owner);
                            ip = ip.add(4);
                        }
                        Opcode::StoreAttrAdaptive => {
                            adapt!(StoreAttr, specialize::store_attr(site!(), object!(1), name!(arg)))
                        }
                        Opcode::StoreAttrInstanceValue | Opcode::StoreAttrWithHint | Opcode::StoreAttrSlot => {
                            let (owner, new) = (peek!(1), peek!(2));
                            let index = usize::from(site!().entry(3));
                            let stored = has_version!(owner)
                                && match op {
                                    Opcode::StoreAttrInstanceValue => fast::store_instance_value(owner, index, new),
                                    Opcode::StoreAttrWithHint => fast::store_hinted(owner, index, name!(arg), new),
                                    _ => fast::store_slot(owner, index, new),
                                };
                            if !stored {
                                miss!(StoreAttrAdaptive, StoreAttr);
                            }
                            sp = sp.sub(2);
                            decref(owner);
                            ip = ip.add(4);
                        }
                        Opcode::LoadMethod => {
                            let (found, unbound) = attempt!(operators::get_method(object!(1), name!(arg)));
                            let owner = pop!();
                            if unbound {
                                push!(value(found));
                                push!(owner);
                            } else {
                                push!(NULL);
                                push!(value(found));
                                decref(owner);
                            }
                            ip = ip.add(10);
                        }
                        Opcode::LoadMethodAdaptive => {
                            adapt!(LoadMethod, specialize::load_method(site!(), object!(1), name!(arg)))
                        }
                        Opcode::LoadMethodNoDict | Opcode::LoadMethodWithValues | Opcode::LoadMethodWithDict => {
                            let owner = peek!(1);
                            let known = has_version!(owner)
                                && match op {
                                    Opcode::LoadMethodWithValues => fast::has_shared_keys(owner, site!().wide(4)),
                                    Opcode::LoadMethodWithDict => fast::lacks(owner, name!(arg)),
                                    _ => true,
                                };
                            if !known {
                                miss!(LoadMethodAdaptive, LoadMethod);
                            }
                            *sp.sub(1) = new_value(&*site!().object(6));
                            push!(owner);
                            ip = ip.add(10);
                        }
                        Opcode::LoadMethodClass | Opcode::LoadMethodModule => {
                            let owner = peek!(1);
                            let found = if op == Opcode::LoadMethodModule {
                                fast::module_value(owner, site!().wide(1), usize::from(site!().entry(3)))
                            } else if fast::is_class_version(owner, site!().wide(1)) {
                                site!().object(6).cast_mut()
                            } else {
                                NULL
                            };
                            if found.is_null() {
                                miss!(LoadMethodAdaptive, LoadMethod);
                            }
                            incref(found);
                            *sp.sub(1) = NULL;
                            push!(found);
                            decref(owner);
                            ip = ip.add(10);
                        }
                        Opcode::LoadDeref => match cell!(arg).contents.get() {
                            Some(held) => push!(value(held)),
                            None => fail!(naming::unbound_cell(&*frame, arg)),
                        },
                        Opcode::StoreDeref => {
                            let new = own(pop!());
                            cell!(arg).contents.set(Some(new));
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
                        Opcode::ListAppend => {
                            let item = own(pop!());
                            attempt!(object!(arg).cast_unchecked::<List>().push(item));
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
                        // Jumps and loops.
                        Opcode::JumpForward => ip = ip.add(arg),
                        Opcode::JumpBackward => {
                            specialize::warm_up((*frame).code());
                            ip = ip.sub(arg);
                            check_breaker!();
                        }
                        Opcode::JumpBackwardQuick => {
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
                            if let Some(item) = fast::next_item(iterator) {
                                push!(item);
                                break 'dispatch;
                            }
                            if (*iterator).is_exact::<Generator>()
                                && arg <= 0xFF
                                && let Some(new) = generators::step_into(iterator, NULL, Returns::IterationEnd)
                            {
                                enter_generator!(new);
                                break 'dispatch;
                            }
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
                                let exact = if named.is_none() {
                                    call::push_exact(thread, callable.cast(), arguments, count)
                                } else {
                                    None
                                };
                                let new = match exact {
                                    Some(new) => new,
                                    None => {
                                        let function = own(callable).cast_into_unchecked::<Function>();
                                        attempt!(call::push_frame(thread, function, NULL, arguments, count, named))
                                    }
                                };
                                (*frame).previous_unit = ip.add(3);
                                enter!(new);
                                break 'dispatch;
                            }
                            if std::ptr::eq((*callable).ty.get(), Type::type_object())
                                && (*base).is_null()
                                && let Some(made) = operators::plain_instance(&*callable)
                            {
                                // The instance takes the place of the null; it is the first argument, and stays as the result.
                                let (instance, init) = attempt!(made);
                                *base = new_value(&instance);
                                let class = std::mem::replace(&mut *base.add(1), value(instance));
                                decref(class);
                                sp = base.add(1);
                                let first = base.add(1);
                                let new = attempt!(call::push_frame(thread, init, NULL, first, count + 1, named));
                                (*new).returns = Returns::Instance;
                                (*frame).previous_unit = ip.add(3);
                                enter!(new);
                                break 'dispatch;
                            }
                            let result = if eval.tracing.active.get() {
                                super::trace::call(thread, &*callable, arguments.cast_const().cast(), count, named)
                            } else if named.is_none() {
                                fast::call(&*callable, arguments.cast_const().cast(), count)
                            } else {
                                protocol::call::vectorcall_raw(
                                    &*callable,
                                    arguments.cast_const().cast(),
                                    count | VECTORCALL_ARGUMENTS_OFFSET,
                                    named,
                                )
                            };
                            drop_top(&mut sp, total + 1);
                            sp = base;
                            push!(value(attempt!(result)));
                            ip = ip.add(4);
                        }
                        Opcode::ReturnValue => {
                            let result = pop!();
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
                            let returns = (*frame).returns;
                            let caller = leave(thread, frame);
                            if returns == Returns::Value {
                                return_to_caller!(caller, result);
                                break 'dispatch;
                            }
                            let Some(caller) = caller else { return Ok(own(result)) };
                            frame = caller;
                            load_frame!();
                            match returns {
                                Returns::Instance => {
                                    if !std::ptr::eq(result, none_static()) {
                                        let raised = operators::init_returned(&*result);
                                        decref(result);
                                        fail!(raised);
                                    }
                                    decref(result);
                                }
                                Returns::IterationEnd => {
                                    // The caller stands at its FOR_ITER: the generator on top of its stack has ended.
                                    ip = ip.add(usize::from(*ip.sub(1) >> 8));
                                    decref(result);
                                    decref(pop!());
                                }
                                _ => {
                                    ip = ip.add(usize::from(*ip.sub(1) >> 8));
                                    decref(pop!());
                                    push!(result);
                                }
                            }
                        }
                        // Exceptions and context managers.
                        Opcode::RaiseVarargs => break 'run raise::raise_varargs(thread, arg, sp),
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
                        // Generators and coroutines.
                        Opcode::ReturnGenerator => {
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
                            let (made, caller) = attempt!(generators::detach(thread, frame));
                            return_to_caller!(caller, made);
                        }
                        Opcode::YieldValue => {
                            let result = pop!();
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
                            let generator = &*super::frame::generator_of(frame);
                            generator.frame_state.set(State::Suspended);
                            let caller = (*frame).previous;
                            eval.frame.set(caller);
                            thread.recursion_remaining.set(thread.recursion_remaining.get() + 1);
                            (*frame).previous = std::ptr::null_mut();
                            if (*frame).is_entry {
                                return Ok(own(result));
                            }
                            crate::types::generator::resume::end(thread, generator);
                            frame = caller;
                            load_frame!();
                            push!(result);
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
                            if arg <= 0xFF
                                && generators::is_resumable(&*receiver)
                                && let Some(new) = generators::step_into(receiver, peek!(1), Returns::SendEnd)
                            {
                                sp = sp.sub(1);
                                enter_generator!(new);
                                break 'dispatch;
                            }
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
                        _ => sp = attempt!(super::rare::run(thread, frame, op, arg, sp)),
                    }
                    break 'dispatch;
                }
            });
        }
    }
}
