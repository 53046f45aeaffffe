//! The evaluation loop.
//!
//! One `match` over code units. What every instruction needs (frame, instruction pointer, stack pointer, constants) is in local
//! variables; an instruction's own meaning is in the files of its family, and here is only how values move between it and the stack. Calls
//! from Python to Python push a frame and go on in the same loop; what may fail breaks out of the inner loop to where the stack is
//! unwound.
//!
//! Invariants: `(*frame).previous_unit` is the instruction that runs; operands stay on the stack until nothing can fail any more, so that
//! unwinding drops them; code is what the compiler made or the verifier passed, so operands are within their tables and depths fit.

#![allow(clippy::undocumented_unsafe_blocks, reason = "see the SAFETY comment of `run`, which covers all of the loop")]
#![allow(unused_assignments, reason = "a frame is loaded whole, also where unwinding then says another place")]

use habu_bytecode::Opcode;
use habu_bytecode::opcode::DEOPT;

use super::frame::{Frame, Owner, Returns};
use super::specialize::{self, Site};
use super::steps::{drop_top, enter_native, is_python, leave, link, opcode, unlink, unpack_exact};
use super::unwind::Failure;
use super::value::{NULL, Value, decref, decref_float, decref_int, incref, new_value, own, value, xdecref};
use super::{
    arithmetic, build, call, fast, fast_calls, generators, names as naming, opcodes, operators, raise, unwind,
};
use crate::exceptions::exc;
use crate::object::{PyType, Raised, Ref, Type, protocol};
use crate::threads::Thread;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::types::int::{Int, arithmetic as integers};
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
    // its slots and `sp` are owned by the frame; locals may be null, stack values are not, but where an instruction pushes null by its
    // definition. The verifier has checked operand ranges and the depth of the stack, and the compiler's code is made to the same rules.
    unsafe {
        let eval = &thread.eval;
        (*entry).previous = thread.frame().get();
        (*entry).is_entry = true;
        if let Err(raised) = enter_native(thread) {
            if (*entry).owner == Owner::Thread {
                Frame::end(entry);
                eval.stack.pop(entry);
            }
            return Err(raised);
        }
        thread.frame().set(entry);
        let mut frame = entry;
        let mut sp: *mut Value;
        let mut ip: *mut u16;
        let mut consts: *const Value;
        let mut keywords: *const Tuple = std::ptr::null();
        // The frame and the instruction that a hook was told of last.
        let mut told: super::trace::Told = (std::ptr::null_mut(), std::ptr::null_mut());

        macro_rules! load_frame {
            () => {{
                let code = (*frame).code();
                consts = items_pointer(code.consts()).as_ptr().cast();
                sp = (*frame).slots().add((*frame).stack_top as usize);
                ip = (*frame).previous_unit.wrapping_add(1);
                (*frame).stack_top = -1;
                (*frame).traced = 0;
                if eval.tracing.hooked.get() {
                    (*frame).traced = u8::MAX;
                    told = (frame, (*frame).previous_unit);
                }
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
                // One block of code up to the jump, so that the compiler can put it at the end of every instruction.
                let unit = *ip;
                let mut op = unit as u8 | (*frame).traced;
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
                    // A function that is not inlined is lent a copy of the stack pointer: the loop's own would have no register any more.
                    macro_rules! lend_top {
                        (|$top:ident| $used:expr) => {{
                            let mut $top = sp;
                            let result = $used;
                            sp = $top;
                            result
                        }};
                    }
                    // Replaces the `n` topmost values, which are dropped, by the result of an expression that may fail.
                    macro_rules! replace {
                        ($n:expr, $result:expr) => {{
                            let result = value(attempt!($result));
                            drop_top(&mut sp, $n);
                            push!(result);
                        }};
                    }
                    macro_rules! name {
                        ($index:expr) => {
                            naming::name_at(frame, $index)
                        };
                    }
                    macro_rules! check_breaker {
                        () => {
                            if eval.breaker.load(std::sync::atomic::Ordering::Relaxed) != 0 {
                                attempt!(super::breaker::answer(thread));
                            }
                        };
                    }
                    macro_rules! and_check_breaker {
                        ($backwards:expr) => {{
                            $backwards;
                            check_breaker!();
                        }};
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
                            let index: usize = $index;
                            let held = *(*frame).slots().add(index);
                            if held.is_null() {
                                fail!(naming::unbound_local(&*frame, index));
                            }
                            incref(held);
                            push!(held);
                        }};
                    }
                    macro_rules! load_const {
                        ($index:expr) => {{
                            let constant = *consts.add($index);
                            incref(constant);
                            push!(constant);
                        }};
                    }
                    macro_rules! store_local {
                        ($index:expr) => {{
                            let new = pop!();
                            let old = std::mem::replace(&mut *(*frame).slots().add($index), new);
                            xdecref(old);
                        }};
                    }
                    // The operand of the second half of an instruction that stands for two.
                    macro_rules! second {
                        () => {{
                            let second = usize::from(*ip >> 8);
                            ip = ip.add(1);
                            second
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
                    // A specialised instruction whose operands are not as expected: the general one runs.
                    macro_rules! miss {
                        ($adaptive:ident, $base:ident) => {{
                            site!().missed(Opcode::$adaptive);
                            op = opcodes::$base;
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
                    // Arithmetic on two floats.
                    macro_rules! float_arithmetic {
                        ($operation:expr) => {{
                            let (left, right) = (peek!(2), peek!(1));
                            let Some((a, b)) = fast::floats(left, right) else { miss!(BinaryOpAdaptive, BinaryOp) };
                            finish_two!(attempt!(fast::float_result(left, right, $operation(a, b))), 1);
                        }};
                    }
                    // Arithmetic on two integers, which may be longer than a digit.
                    macro_rules! int_arithmetic {
                        ($operation:expr, $long:path) => {{
                            let (left, right) = (peek!(2), peek!(1));
                            let result = match fast::ints(left, right).and_then($operation) {
                                Some(computed) => fast::int_result(left, right, computed),
                                None => match fast::long_result(left, right, $long) {
                                    Some(result) => result,
                                    None => miss!(BinaryOpAdaptive, BinaryOp),
                                },
                            };
                            finish_two!(attempt!(result), 1);
                        }};
                    }
                    // A comparison of two operands of one type, and the jump behind it.
                    macro_rules! compare_jump {
                        ($operands:ident, $compare:expr, $drop:ident) => {{
                            let Some((a, b)) = fast::$operands(peek!(2), peek!(1)) else {
                                miss!(CompareOpAdaptive, CompareOp)
                            };
                            let mask = site!().entry(1);
                            let outcome: u16 = $compare(a, b);
                            let (right, left) = (pop!(), pop!());
                            $drop(right);
                            $drop(left);
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
                    // Goes on in a frame, which is given up by an expression if calls nest too deeply.
                    macro_rules! go_on_in {
                        ($new:expr, |$given_up:ident| $give_up:expr) => {{
                            let $given_up: *mut Frame = $new;
                            if !link(thread, frame, $given_up, sp) {
                                unlink(thread, frame);
                                $give_up;
                                fail!();
                            }
                            frame = $given_up;
                            load_frame!();
                        }};
                    }
                    // Goes on in the frame of a generator, whose values are in place.
                    macro_rules! enter_generator {
                        ($new:expr) => {
                            go_on_in!($new, |new| generators::step_out(thread, new))
                        };
                    }
                    // Goes on in a new frame.
                    macro_rules! enter {
                        ($new:expr) => {
                            go_on_in!($new, |new| lend_top!(|top| call::give_up(thread, frame, new, &mut top)))
                        };
                    }

                    // Ends a specialised BINARY_SUBSCR by an integer.
                    macro_rules! subscript_by_int {
                        ($item:ident) => {{
                            let (container, key) = (peek!(2), peek!(1));
                            let Some(item) = fast::$item(container, key) else {
                                miss!(BinarySubscrAdaptive, BinarySubscr)
                            };
                            decref_int(key);
                            decref(container);
                            finish_two!(item, 4);
                        }};
                    }
                    // Ends a specialised LOAD_GLOBAL with what was found, if it was.
                    macro_rules! finish_global {
                        ($found:expr) => {{
                            let found: Option<&crate::object::Object> = $found;
                            let Some(found) = found else { miss!(LoadGlobalAdaptive, LoadGlobal) };
                            let found = new_value(found);
                            if arg & 1 != 0 {
                                push!(NULL);
                            }
                            push!(found);
                            ip = ip.add(5);
                        }};
                    }
                    // Ends a specialised LOAD_ATTR with a borrowed value, null for none.
                    macro_rules! finish_attribute {
                        ($found:expr) => {{
                            let found: Value = $found;
                            if found.is_null() {
                                miss!(LoadAttrAdaptive, LoadAttr);
                            }
                            incref(found);
                            let owner = peek!(1);
                            *sp.sub(1) = found;
                            decref(owner);
                            ip = ip.add(4);
                        }};
                    }
                    // LOAD_ATTR of an instance whose type is known.
                    macro_rules! attribute_form {
                        ($find:ident $(, $name:expr)?) => {{
                            let owner = peek!(1);
                            let index = usize::from(site!().entry(3));
                            let found = if has_version!(owner) { fast::$find(owner, index $(, $name)?) } else { NULL };
                            finish_attribute!(found);
                        }};
                    }
                    // STORE_ATTR of an instance whose type is known; the value moves.
                    macro_rules! store_form {
                        ($store:ident $(, $name:expr)?) => {{
                            let (owner, new) = (peek!(1), peek!(2));
                            let index = usize::from(site!().entry(3));
                            if !(has_version!(owner) && fast::$store(owner, index $(, $name)?, new)) {
                                miss!(StoreAttrAdaptive, StoreAttr);
                            }
                            sp = sp.sub(2);
                            decref(owner);
                            ip = ip.add(4);
                        }};
                    }
                    // Ends a specialised LOAD_METHOD of a method of the type: whether nothing of the instance hides it.
                    macro_rules! finish_method {
                        ($known:expr) => {{
                            let owner = peek!(1);
                            if !(has_version!(owner) && $known) {
                                miss!(LoadMethodAdaptive, LoadMethod);
                            }
                            *sp.sub(1) = new_value(&*site!().object(6));
                            push!(owner);
                            ip = ip.add(10);
                        }};
                    }

                    // A specialised PRECALL, which calls; its cache and the CALL with its caches are skipped.
                    macro_rules! call_form {
                        ($form:ident) => {{
                            let base = sp.sub(arg + 2);
                            let called = if keywords.is_null() { fast_calls::$form(base, arg) } else { None };
                            let Some(result) = called else { miss!(PrecallAdaptive, Precall) };
                            sp = base;
                            push!(attempt!(result));
                            ip = ip.add(6);
                            check_breaker!();
                        }};
                    }

                    match op {
                        // The empty statement keeps the jump to the next instruction from being one of the dispatch to itself.
                        opcodes::Nop | opcodes::Cache => std::hint::black_box(()),
                        // There is a hook: it is told, then the instruction runs in its general form.
                        opcodes::Tracing => {
                            sp = match super::trace::tell(thread, frame, sp, &mut told) {
                                Ok(top) => top,
                                Err(failure) => break 'run failure,
                            };
                            ip = (*frame).previous_unit;
                            op = DEOPT[usize::from(*ip as u8)];
                            arg = usize::from(*ip >> 8);
                            ip = ip.add(1);
                            continue 'dispatch;
                        }
                        opcodes::Resume => {
                            specialize::warm_up((*frame).code());
                            if arg < 2 {
                                check_breaker!();
                            }
                        }
                        opcodes::ResumeQuick if arg < 2 => check_breaker!(),
                        opcodes::ResumeQuick => {}
                        opcodes::ExtendedArg | opcodes::ExtendedArgQuick => {
                            let unit = *ip;
                            (*frame).previous_unit = ip;
                            ip = ip.add(1);
                            op = unit as u8;
                            arg = arg << 8 | (unit >> 8) as usize;
                            continue 'dispatch;
                        }
                        // An adaptive instruction: looks at its operands when it is time, then runs as what it is then.
                        opcodes::adaptive!() => {
                            op = if site!().is_due() {
                                specialize::look(op, frame, ip, sp, arg, !keywords.is_null())
                            } else {
                                DEOPT[usize::from(op)]
                            };
                            continue 'dispatch;
                        }
                        opcodes::LoadClosure | opcodes::LoadFast => load_local!(arg),
                        opcodes::LoadConst => load_const!(arg),
                        opcodes::StoreFast => store_local!(arg),
                        opcodes::StoreFastLoadFast => {
                            store_local!(arg);
                            load_local!(second!());
                        }
                        opcodes::LoadFastLoadFast => {
                            load_local!(arg);
                            load_local!(second!());
                        }
                        opcodes::LoadFastLoadConst => {
                            load_local!(arg);
                            load_const!(second!());
                        }
                        opcodes::LoadConstLoadFast => {
                            load_const!(arg);
                            load_local!(second!());
                        }
                        opcodes::StoreFastStoreFast => {
                            store_local!(arg);
                            store_local!(second!());
                        }
                        opcodes::PopTop => decref(pop!()),
                        opcodes::PushNull => push!(NULL),
                        opcodes::Copy => {
                            let copied = peek!(arg);
                            incref(copied);
                            push!(copied);
                        }
                        opcodes::Swap => {
                            let (top, other) = (sp.sub(1), sp.sub(arg));
                            std::ptr::swap(top, other);
                        }
                        opcodes::UnaryNegative => replace!(1, protocol::operator::negative(object!(1))),
                        opcodes::UnaryNot => {
                            let truth = attempt!(operators::truth(object!(1)));
                            decref(pop!());
                            push!(new_value(boolean_static(!truth)));
                        }
                        opcodes::BinaryOp => {
                            if let Some(result) = arithmetic::binary(peek!(2), peek!(1), arg) {
                                let result = attempt!(result);
                                finish_two!(result, 1);
                            } else {
                                replace!(2, arithmetic::general(object!(2), object!(1), arg));
                                ip = ip.add(1);
                            }
                        }
                        opcodes::BinaryOpAddInt => int_arithmetic!(|(a, b)| Some(a + b), integers::add_long),
                        opcodes::BinaryOpSubtractInt => int_arithmetic!(|(a, b)| Some(a - b), integers::subtract_long),
                        opcodes::BinaryOpMultiplyInt => {
                            int_arithmetic!(|(a, b)| i64::checked_mul(a, b), integers::multiply_long)
                        }
                        opcodes::BinaryOpAddFloat => float_arithmetic!(|a, b| a + b),
                        opcodes::BinaryOpSubtractFloat => float_arithmetic!(|a, b| a - b),
                        opcodes::BinaryOpMultiplyFloat => float_arithmetic!(|a, b| a * b),
                        opcodes::BinaryOpAddUnicode => {
                            let (left, right) = (peek!(2), peek!(1));
                            let Some((a, b)) = fast::strings(left, right) else { miss!(BinaryOpAdaptive, BinaryOp) };
                            finish_two!(attempt!(fast::text_result(left, right, Str::concat(a, b))), 1);
                        }
                        opcodes::BinaryOpInplaceAddUnicode => {
                            let (left, right) = (peek!(2), peek!(1));
                            let next = *ip.add(1);
                            let slot = (*frame).slots().add(usize::from(next >> 8));
                            let same = fast::stores_local(next) && std::ptr::eq(*slot, left);
                            if !same || fast::strings(left, right).is_none() {
                                miss!(BinaryOpAdaptive, BinaryOp);
                            }
                            // The STORE_FAST is done here.
                            sp = sp.sub(2);
                            attempt!(fast::append_to_variable(slot, left, right));
                            ip = ip.add(2);
                        }
                        opcodes::CompareOp => {
                            if let Some(truth) = fast::compare(object!(2), object!(1), arg as u8) {
                                drop_top(&mut sp, 2);
                                push!(new_value(boolean_static(truth)));
                            } else {
                                replace!(2, operators::compare(object!(2), object!(1), arg as u8));
                            }
                            ip = ip.add(2);
                        }
                        opcodes::CompareOpIntJump => compare_jump!(ints, fast::int_outcome, decref_int),
                        opcodes::CompareOpFloatJump => compare_jump!(floats, fast::float_outcome, decref_float),
                        opcodes::CompareOpStrJump => compare_jump!(strings, fast::text_outcome, decref),
                        opcodes::IsOp => {
                            let same = std::ptr::eq(peek!(2), peek!(1)) != (arg != 0);
                            drop_top(&mut sp, 2);
                            push!(new_value(boolean_static(same)));
                        }
                        opcodes::ContainsOp => {
                            let found = attempt!(protocol::contains(object!(1), object!(2)));
                            drop_top(&mut sp, 2);
                            push!(new_value(boolean_static(found != (arg != 0))));
                        }
                        opcodes::BuildSlice => replace!(arg, build::slice(sp, arg)),
                        opcodes::BuildString => replace!(arg, build::string(sp.sub(arg), arg)),
                        // A string as it is stays where it is.
                        opcodes::FormatValue if arg != 0 || !object!(1).is_exact::<Str>() => {
                            replace!(1 + (arg >> 2 & 1), operators::format_top(sp, arg))
                        }
                        opcodes::FormatValue => {}
                        opcodes::BinarySubscr => {
                            replace!(2, protocol::get_item(object!(2), object!(1)));
                            ip = ip.add(4);
                        }
                        opcodes::BinarySubscrListInt => subscript_by_int!(list_item),
                        opcodes::BinarySubscrTupleInt => subscript_by_int!(tuple_item),
                        opcodes::BinarySubscrGetitem => {
                            let Some(new) = call::push_subscript(thread, sp.sub(2)) else {
                                miss!(BinarySubscrAdaptive, BinarySubscr)
                            };
                            sp = sp.sub(2);
                            (*frame).previous_unit = ip.add(3);
                            enter!(new);
                        }
                        opcodes::BinarySubscrDict => match fast::dict_item(peek!(2), peek!(1)) {
                            Some(Ok(Some(item))) => finish_two!(item, 4),
                            Some(Err(raised)) => fail!(raised),
                            Some(Ok(None)) => {
                                op = opcodes::BinarySubscr;
                                // An empty block would be a jump under a condition, of which the dispatch is not copied into the others.
                                std::hint::black_box(());
                                continue 'dispatch;
                            }
                            None => miss!(BinarySubscrAdaptive, BinarySubscr),
                        },
                        opcodes::StoreSubscrListInt => {
                            let (container, key) = (peek!(2), peek!(1));
                            if !fast::store_list_item(container, key, peek!(3)) {
                                miss!(StoreSubscrAdaptive, StoreSubscr);
                            }
                            sp = sp.sub(3);
                            decref(key);
                            decref(container);
                            ip = ip.add(1);
                        }
                        opcodes::StoreSubscrDict => {
                            let Some(dict) = object!(2).downcast_exact::<Dict>() else {
                                miss!(StoreSubscrAdaptive, StoreSubscr)
                            };
                            attempt!(dict.set_given(object!(1), object!(3)));
                            drop_top(&mut sp, 3);
                            ip = ip.add(1);
                        }
                        opcodes::StoreSubscr => {
                            attempt!(protocol::set_item(object!(2), object!(1), object!(3)));
                            drop_top(&mut sp, 3);
                            ip = ip.add(1);
                        }
                        // Names and attributes.
                        opcodes::LoadGlobal => {
                            let found = value(attempt!(naming::load_global(&*frame, name!(arg >> 1))));
                            if arg & 1 != 0 {
                                push!(NULL);
                            }
                            push!(found);
                            ip = ip.add(5);
                        }
                        opcodes::LoadGlobalModule => {
                            let globals = (*frame).globals();
                            let known = globals.keys_version() == site!().wide(2);
                            let index = usize::from(site!().entry(1));
                            finish_global!(if known { globals.unicode_value(index) } else { None });
                        }
                        opcodes::LoadGlobalBuiltin => {
                            // Builtins that are no dictionary are never specialised on, and do not change for a frame's function.
                            let builtins = &*(*frame).builtins.cast::<Dict>();
                            let known = (*frame).globals().keys_version() == site!().wide(2)
                                && (*frame).builtins().is_exact::<Dict>()
                                && builtins.keys_version() == u32::from(site!().entry(4));
                            let index = usize::from(site!().entry(1));
                            finish_global!(if known { builtins.unicode_value(index) } else { None });
                        }
                        opcodes::LoadAttr => {
                            replace!(1, protocol::get_attribute(object!(1), name!(arg)));
                            ip = ip.add(4);
                        }
                        opcodes::StoreAttr => {
                            attempt!(protocol::set_attribute(object!(1), name!(arg), Some(object!(2))));
                            drop_top(&mut sp, 2);
                            ip = ip.add(4);
                        }
                        opcodes::LoadAttrInstanceValue => attribute_form!(instance_value),
                        opcodes::LoadAttrSlot => attribute_form!(slot_value),
                        opcodes::LoadAttrWithHint => attribute_form!(hinted_value, name!(arg)),
                        opcodes::LoadAttrModule => {
                            let index = usize::from(site!().entry(3));
                            finish_attribute!(fast::module_value(peek!(1), site!().wide(1), index));
                        }
                        opcodes::StoreAttrInstanceValue => store_form!(store_instance_value),
                        opcodes::StoreAttrWithHint => store_form!(store_hinted, name!(arg)),
                        opcodes::StoreAttrSlot => store_form!(store_slot),
                        opcodes::LoadMethod => {
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
                        opcodes::LoadMethodNoDict => finish_method!(true),
                        opcodes::LoadMethodWithValues => {
                            finish_method!(fast::has_shared_keys(peek!(1), site!().wide(4)));
                        }
                        opcodes::LoadMethodWithDict => finish_method!(fast::lacks(peek!(1), name!(arg))),
                        opcodes::LoadMethodClass | opcodes::LoadMethodModule => {
                            let owner = peek!(1);
                            let found = if op == opcodes::LoadMethodModule {
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
                        opcodes::LoadDeref => match cell!(arg).contents.get() {
                            Some(held) => push!(value(held)),
                            None => fail!(naming::unbound_cell(&*frame, arg)),
                        },
                        opcodes::StoreDeref => {
                            let new = own(pop!());
                            cell!(arg).contents.set(Some(new));
                        }
                        // Containers and strings.
                        opcodes::BuildTuple => {
                            let built = value(attempt!(build::tuple(sp.sub(arg), arg)));
                            sp = sp.sub(arg);
                            push!(built);
                        }
                        opcodes::BuildList => {
                            let built = value(attempt!(build::list(sp.sub(arg), arg)));
                            sp = sp.sub(arg);
                            push!(built);
                        }
                        opcodes::ListAppend => {
                            let item = own(pop!());
                            attempt!(object!(arg).cast_unchecked::<List>().push(item));
                        }
                        // Both forms do what the general one does with their kind.
                        opcodes::UnpackSequence | opcodes::UnpackSequenceTuple | opcodes::UnpackSequenceList => {
                            let sequence = peek!(1);
                            // The room is that of the sequence and above it: items may be written over it, it is kept here.
                            let top = sp.sub(1).add(arg);
                            attempt!(unpack_exact(&*sequence, arg, top));
                            sp = top;
                            decref(sequence);
                            ip = ip.add(1);
                        }
                        opcodes::UnpackSequenceTwoTuple => {
                            let sequence = peek!(1);
                            let Some([first, second]) = fast::pair(sequence) else {
                                miss!(UnpackSequenceAdaptive, UnpackSequence)
                            };
                            *sp.sub(1) = second;
                            push!(first);
                            decref(sequence);
                            ip = ip.add(1);
                        }
                        // Jumps and loops.
                        opcodes::JumpForward => ip = ip.add(arg),
                        opcodes::JumpBackward => {
                            specialize::warm_up((*frame).code());
                            ip = ip.sub(arg);
                            check_breaker!();
                        }
                        opcodes::JumpBackwardQuick => and_check_breaker!(ip = ip.sub(arg)),
                        opcodes::JumpBackwardNoInterrupt => ip = ip.sub(arg),
                        opcodes::PopJumpForwardIfFalse => jump_if!(false, ip.add(arg)),
                        opcodes::PopJumpForwardIfTrue => jump_if!(true, ip.add(arg)),
                        opcodes::PopJumpBackwardIfFalse => and_check_breaker!(jump_if!(false, ip.sub(arg))),
                        opcodes::PopJumpBackwardIfTrue => and_check_breaker!(jump_if!(true, ip.sub(arg))),
                        opcodes::PopJumpForwardIfNone => jump_if_none!(true, ip.add(arg)),
                        opcodes::PopJumpForwardIfNotNone => jump_if_none!(false, ip.add(arg)),
                        opcodes::PopJumpBackwardIfNone => and_check_breaker!(jump_if_none!(true, ip.sub(arg))),
                        opcodes::PopJumpBackwardIfNotNone => and_check_breaker!(jump_if_none!(false, ip.sub(arg))),
                        opcodes::JumpIfFalseOrPop | opcodes::JumpIfTrueOrPop => {
                            let truth = attempt!(operators::truth(object!(1)));
                            if truth == (op == opcodes::JumpIfTrueOrPop) {
                                ip = ip.add(arg);
                            } else {
                                decref(pop!());
                            }
                        }
                        opcodes::GetIter => replace!(1, protocol::iterator(object!(1))),
                        opcodes::ForIter => {
                            let iterator = peek!(1);
                            if let Some(item) = fast::next_item(iterator) {
                                push!(item);
                                break 'dispatch;
                            }
                            if (*iterator).is_exact::<Generator>()
                                && (*frame).traced == 0
                                && arg <= 0xFF
                                && let Some(new) = generators::step_into(iterator, NULL, Returns::IterationEnd)
                            {
                                enter_generator!(new);
                                break 'dispatch;
                            }
                            let found = match (*iterator).ty().tp_iternext.get() {
                                Some(next) => next(&*iterator),
                                None => fail!(generators::not_an_iterator(&*iterator)),
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

                        opcodes::KwNames => keywords = (*consts.add(arg)).cast(),
                        // What these two forms are for is quick in the general one.
                        opcodes::Precall | opcodes::PrecallPyfunc | opcodes::PrecallBoundMethod => {
                            if peek!(arg + 2).is_null() && object!(arg + 1).is_exact::<Method>() {
                                let bound = peek!(arg + 1);
                                let method = (*bound).cast_unchecked::<Method>();
                                *sp.sub(arg + 2) = new_value(method.function());
                                *sp.sub(arg + 1) = new_value(method.receiver());
                                decref(bound);
                            }
                            ip = ip.add(1);
                        }
                        opcodes::PrecallNoKwLen => call_form!(len),
                        opcodes::PrecallNoKwIsinstance => call_form!(isinstance),
                        opcodes::PrecallNoKwType1 => call_form!(type_1),
                        opcodes::PrecallNoKwStr1 => call_form!(str_1),
                        opcodes::PrecallNoKwTuple1 => call_form!(tuple_1),
                        opcodes::PrecallBuiltinClass => call_form!(builtin_class),
                        opcodes::PrecallNoKwBuiltinO => call_form!(builtin_o),
                        opcodes::PrecallNoKwBuiltinFast => call_form!(builtin_fast),
                        opcodes::PrecallBuiltinFastWithKeywords => call_form!(builtin_fast_keywords),
                        opcodes::PrecallNoKwMethodDescriptorNoargs => call_form!(method_noargs),
                        opcodes::PrecallNoKwMethodDescriptorO => call_form!(method_o),
                        opcodes::PrecallNoKwMethodDescriptorFast => call_form!(method_fast),
                        opcodes::PrecallMethodDescriptorFastWithKeywords => call_form!(method_fast_keywords),
                        opcodes::PrecallNoKwListAppend => {
                            let base = sp.sub(arg + 2);
                            let appended = match keywords.is_null() && *ip.add(6) as u8 == opcodes::PopTop {
                                true => fast_calls::list_append(base, arg),
                                false => None,
                            };
                            let Some(appended) = appended else { miss!(PrecallAdaptive, Precall) };
                            sp = base;
                            attempt!(appended);
                            // The cache, the CALL with its caches, and the POP_TOP.
                            ip = ip.add(7);
                        }
                        opcodes::CallPyExactArgs | opcodes::CallPyWithDefaults => {
                            let base = sp.sub(arg + 2);
                            let (callable, arguments, total) = fast_calls::operands(base, arg);
                            if !keywords.is_null() || !(*callable).is_exact::<Function>() || !is_python(&*callable) {
                                miss!(CallAdaptive, Call);
                            }
                            let Some(new) = call::push_exact(thread, callable.cast(), arguments, total) else {
                                miss!(CallAdaptive, Call)
                            };
                            sp = base;
                            (*frame).previous_unit = ip.add(3);
                            enter!(new);
                        }
                        opcodes::Call => {
                            let base = sp.sub(arg + 2);
                            let total = arg + usize::from(!(*base).is_null());
                            let callable = peek!(total + 1);
                            let arguments = sp.sub(total);
                            let named = std::mem::replace(&mut keywords, std::ptr::null()).as_ref();
                            let count = total - named.map_or(0, Tuple::len);
                            if (*callable).is_exact::<Function>() && is_python(&*callable) {
                                // The callable and the arguments move from the stack to the frame.
                                sp = base;
                                let new = attempt!(call::push_call(thread, callable.cast(), arguments, count, named));
                                (*frame).previous_unit = ip.add(3);
                                enter!(new);
                                break 'dispatch;
                            }
                            if std::ptr::eq((*callable).ty.get(), Type::type_object())
                                && (*base).is_null()
                                && arg <= 0xFF
                                && let Some(made) = operators::plain_instance(&*callable)
                            {
                                // The instance takes the place of the null, and stays as the result.
                                let (instance, init) = attempt!(made);
                                let new = attempt!(lend_top!(|top| call::push_init(
                                    thread, &mut top, instance, init, arg, named
                                )));
                                (*frame).previous_unit = ip.add(call::CALL_CACHE - 1);
                                enter!(new);
                                break 'dispatch;
                            }
                            let traced = (*frame).traced != 0 && eval.tracing.active.get();
                            let result = call::call_object(thread, &*callable, arguments, count, named, traced);
                            drop_top(&mut sp, arg + 2);
                            push!(value(attempt!(result)));
                            ip = ip.add(4);
                            check_breaker!();
                        }
                        opcodes::ReturnValue => {
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
                                Returns::Instance | Returns::NamedInstance => {
                                    let count = usize::from(*ip.sub(call::CALL_CACHE + 1) >> 8);
                                    attempt!(lend_top!(|top| call::end_init(&mut top, count, returns, result)));
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
                        opcodes::RaiseVarargs => break 'run raise::raise_varargs(thread, arg, sp),
                        opcodes::Reraise => {
                            if arg > 0
                                && let Some(index) = object!(arg + 1).downcast::<Int>().and_then(Int::to_i64)
                            {
                                reraised_at = Some(index as isize);
                            }
                            attempt!(raise::set_again(thread, own(pop!())));
                            break 'run Failure::Reraised;
                        }
                        // Generators and coroutines.
                        opcodes::ReturnGenerator => {
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
                            let (made, caller) = attempt!(generators::detach(thread, frame));
                            return_to_caller!(caller, made);
                        }
                        opcodes::YieldValue => {
                            let result = pop!();
                            (*frame).stack_top = sp.offset_from((*frame).slots()) as i32;
                            let caller = generators::suspend(thread, frame);
                            return_to_caller!(caller, result);
                        }
                        opcodes::EndAsyncFor => {
                            if !object!(1).ty().is_subtype(exc::StopAsyncIteration()) {
                                attempt!(raise::set_again(thread, own(pop!())));
                                break 'run Failure::Reraised;
                            }
                            decref(pop!());
                            decref(pop!());
                        }
                        opcodes::Send => {
                            let receiver = peek!(2);
                            if arg <= 0xFF
                                && (*frame).traced == 0
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
                        opcodes::rare!() => {
                            sp = attempt!(super::rare::run(thread, frame, opcode(u16::from(op)), arg, sp))
                        }
                    }
                    break 'dispatch;
                }
            });
        }
    }
}
