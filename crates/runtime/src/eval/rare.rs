//! Instructions that are rare, or whose own work outweighs a call: kept out of the loop, so that it stays small and its variables in registers.
//!
//! Invariant: an instruction that fails has left all operands on the stack, at the stack pointer that it was given.

#![allow(clippy::undocumented_unsafe_blocks, reason = "see the SAFETY comment of `run`, which covers all instructions")]

use habu_bytecode::Opcode;
use habu_bytecode::code::{CO_COROUTINE, CO_ITERABLE_COROUTINE};

use super::frame::Frame;
use super::steps::drop_top;
use super::value::{NULL, Value, decref, new_value, own, own_optional, value};
use super::{build, generators, groups, imports, names as naming, operators, patterns, raise, unwind};
use crate::object::typeobject::flags;
use crate::object::{Raised, protocol};
use crate::threads::Thread;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::set::Set;
use crate::types::singletons::{boolean_static, none_static};

/// Runs one instruction; gives the stack pointer behind it.
///
/// # Safety
/// As for an instruction in the loop: `frame` runs, `sp` is its stack pointer.
#[inline(never)]
pub(super) unsafe fn run(
    thread: &Thread,
    frame: *mut Frame,
    op: Opcode,
    arg: usize,
    mut sp: *mut Value,
) -> Result<*mut Value, Raised> {
    // SAFETY (for all instructions): as in the loop. Operands are owned by the stack until nothing can fail any more.
    unsafe {
        let fast = (*frame).slots();
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
        macro_rules! replace {
            ($n:literal, $result:expr) => {{
                let result = value($result?);
                drop_top(&mut sp, $n);
                push!(result);
            }};
        }
        macro_rules! name {
            ($index:expr) => {
                naming::name_at(frame, $index)
            };
        }
        macro_rules! cell {
            ($index:expr) => {
                (*(*fast.add($index))).cast_unchecked::<Cell>()
            };
        }
        match op {
            Opcode::UnaryPositive => replace!(1, protocol::operator::positive(object!(1))),
            Opcode::UnaryInvert => replace!(1, protocol::operator::invert(object!(1))),
            Opcode::DeleteSubscr => {
                protocol::delete_item(object!(2), object!(1))?;
                drop_top(&mut sp, 2);
            }

            Opcode::StoreGlobal => {
                (*frame).globals().set(name!(arg), object!(1))?;
                decref(pop!());
            }
            Opcode::DeleteGlobal => naming::delete_global(&*frame, name!(arg))?,
            Opcode::LoadName => push!(value(naming::load_name(&*frame, name!(arg))?)),
            Opcode::StoreName => {
                naming::store_name(&*frame, name!(arg), object!(1))?;
                decref(pop!());
            }
            Opcode::DeleteName => naming::delete_name(&*frame, name!(arg))?,
            Opcode::DeleteAttr => {
                protocol::set_attribute(object!(1), name!(arg), None)?;
                decref(pop!());
            }
            Opcode::MakeCell => {
                let slot = fast.add(arg);
                let cell = Cell::new(None)?;
                cell.contents.set(own_optional(*slot));
                *slot = value(cell);
            }
            Opcode::DeleteFast => {
                let old = std::mem::replace(&mut *fast.add(arg), NULL);
                if old.is_null() {
                    return Err(naming::unbound_local(&*frame, arg));
                }
                decref(old);
            }
            Opcode::DeleteDeref => match cell!(arg).contents.take() {
                Some(held) => drop(held),
                None => return Err(naming::unbound_cell(&*frame, arg)),
            },
            Opcode::LoadClassderef => {
                push!(value(naming::load_class_deref(&*frame, arg, cell!(arg))?));
            }
            Opcode::CopyFreeVars => {
                // SAFETY: a function with free variables has a closure of as many cells: checked when it is made.
                let closure = (*frame).function().closure.borrow().map_or(&[][..], |closure| closure.as_slice());
                let first = (*frame).code().nlocalsplus.get() as usize - arg;
                for (index, cell) in closure.iter().enumerate().take(arg) {
                    *fast.add(first + index) = new_value(cell);
                }
            }

            Opcode::BuildSet => {
                let built = value(build::set(sp.sub(arg), arg)?);
                drop_top(&mut sp, arg);
                push!(built);
            }
            Opcode::BuildMap => {
                let built = value(build::map(sp.sub(arg * 2), arg)?);
                drop_top(&mut sp, arg * 2);
                push!(built);
            }
            Opcode::BuildConstKeyMap => {
                let built = value(build::const_key_map(object!(1), sp.sub(arg + 1), arg)?);
                drop_top(&mut sp, arg + 1);
                push!(built);
            }
            Opcode::SetAdd => {
                object!(arg + 1).cast_unchecked::<Set>().add_item(object!(1))?;
                decref(pop!());
            }
            Opcode::MapAdd => {
                object!(arg + 2).cast_unchecked::<Dict>().set_given(object!(2), object!(1))?;
                decref(pop!());
                decref(pop!());
            }
            Opcode::ListExtend => {
                build::list_extend(object!(arg + 1), object!(1))?;
                decref(pop!());
            }
            Opcode::SetUpdate => {
                build::set_update(object!(arg + 1), object!(1))?;
                decref(pop!());
            }
            Opcode::DictUpdate => {
                build::dict_update(object!(arg + 1), object!(1))?;
                decref(pop!());
            }
            Opcode::DictMerge => {
                build::dict_merge(object!(arg + 1), object!(1), object!(arg + 3))?;
                decref(pop!());
            }
            Opcode::ListToTuple => {
                replace!(1, protocol::to_tuple(object!(1)));
            }
            Opcode::UnpackEx => {
                let sequence = peek!(1);
                let (before, after) = (arg & 0xFF, arg >> 8);
                let top = sp.sub(1).add(before + 1 + after);
                build::unpack(&*sequence, before, Some(after), top)?;
                sp = top;
                decref(sequence);
            }

            Opcode::MakeFunction => {
                let function = value(operators::make_function(&*frame, arg as u32, sp)?);
                sp = sp.sub(1 + (arg & 15).count_ones() as usize);
                push!(function);
            }
            Opcode::CallFunctionEx => {
                let has_keywords = arg & 1 != 0;
                let keywords = if has_keywords { Some(object!(1)) } else { None };
                let at = 1 + arg;
                // The tuple takes the place of what it was made of, which nobody else may hold.
                let arguments = operators::arguments_tuple(object!(at + 1), object!(at))?;
                decref(std::mem::replace(&mut *sp.sub(at), value(arguments.into_object())));
                let Some(arguments) = object!(at).downcast_exact::<crate::types::tuple::Tuple>() else {
                    return Err(crate::raise!(SystemError, "arguments are no tuple"));
                };
                let result = generators::call_extended(object!(at + 1), arguments, keywords)?;
                // As every call, it lets others in; while that can fail, the operands stay the stack's.
                super::breaker::check(thread)?;
                let result = value(result);
                drop_top(&mut sp, at + 1);
                // Under the callable stands a null.
                sp = sp.sub(1);
                push!(result);
            }
            Opcode::LoadBuildClass => push!(value(operators::load_build_class(&*frame)?)),
            Opcode::LoadAssertionError => push!(value(operators::assertion_error())),
            Opcode::SetupAnnotations => operators::setup_annotations(&*frame)?,
            Opcode::PrintExpr => {
                operators::print_expression(object!(1))?;
                decref(pop!());
            }
            Opcode::ImportName => {
                replace!(2, imports::import_name(&*frame, name!(arg), object!(1), object!(2)));
            }
            Opcode::ImportFrom => {
                push!(value(imports::import_from(object!(1), name!(arg))?));
            }
            Opcode::ImportStar => {
                (*frame).stack_top = -1;
                imports::import_star(frame, object!(1))?;
                decref(pop!());
            }

            Opcode::PushExcInfo => {
                let exception = pop!();
                push!(unwind::push_handled(thread, &*exception));
                push!(exception);
            }
            Opcode::PopExcept => unwind::pop_handled(thread, own(pop!())),
            Opcode::CheckExcMatch => {
                let matches = raise::matches(object!(2), object!(1))?;
                decref(pop!());
                push!(new_value(boolean_static(matches)));
            }
            Opcode::CheckEgMatch => {
                let (taken, rest) = raise::match_group(object!(2), object!(1))?;
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
                replace!(2, groups::prepare_reraise(object!(2), object!(1)));
            }
            Opcode::BeforeWith | Opcode::BeforeAsyncWith => {
                let asynchronous = op == Opcode::BeforeAsyncWith;
                let (enter, exit) = operators::context_methods(object!(1), asynchronous)?;
                // The method holds the manager now, as CPython has it when `__enter__` runs.
                let manager = pop!();
                push!(value(exit));
                decref(manager);
                push!(value(protocol::call0(&enter)?));
            }
            Opcode::WithExceptStart => {
                push!(value(operators::call_exit(object!(4), object!(1))?));
            }

            Opcode::GetLen => {
                let length = protocol::length(object!(1))?;
                push!(value(Int::from_i64(length as i64)?));
            }
            Opcode::MatchMapping => {
                let matches = object!(1).ty().has_flag(flags::MAPPING);
                push!(new_value(boolean_static(matches)));
            }
            Opcode::MatchSequence => {
                let matches = object!(1).ty().has_flag(flags::SEQUENCE);
                push!(new_value(boolean_static(matches)));
            }
            Opcode::MatchKeys => match patterns::match_keys(object!(2), object!(1))? {
                Some(values) => push!(value(values)),
                None => push!(new_value(none_static())),
            },
            Opcode::MatchClass => {
                let matched = patterns::match_class(object!(3), object!(2), arg, object!(1))?;
                drop_top(&mut sp, 3);
                match matched {
                    Some(values) => push!(value(values)),
                    None => push!(new_value(none_static())),
                }
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
                push!(value(generators::async_next(object!(1))?));
            }
            _ => return Err(crate::raise!(SystemError, "unknown opcode")),
        }
    }
    Ok(sp)
}
