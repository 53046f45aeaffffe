//! Specialisation: instructions that rewrite themselves from what they see (PEP 659).
//!
//! Code is quickened once it is warm: instructions with caches take their adaptive forms, common pairs become one. An adaptive instruction counts
//! down in its first cache entry, then looks at its operands here, and becomes a specialised form with what it needs in its other cache
//! entries; or it counts down again, longer each time. A specialised instruction whose operands are not as expected runs the general one,
//! counts that, and becomes adaptive again when it happens too often.
//!
//! Invariants: pointers in caches are borrowed from a type that still has the version that stands beside them; indices are those of tables
//! whose version stands beside them.

use std::ffi::CStr;

use habu_bytecode::Opcode;
use habu_bytecode::opcode::DEOPT;

use super::fast::holding;
use super::frame::Frame;
use super::value::Value;
use super::{fast_calls, opcodes};
use crate::object::descriptor_tables::{METH_FASTCALL, METH_NOARGS, METH_O, MethodDef, READONLY, T_OBJECT_EX};
use crate::object::typeobject::flags;
use crate::object::{Object, PyType, Type};
use crate::types::builtin_function::BuiltinFunction;
use crate::types::code::Code;
use crate::types::descriptor::MemberDescriptor;
use crate::types::dict::keys::EMPTY;
use crate::types::dict::{Dict, instance};
use crate::types::float::Float;
use crate::types::function::Function;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::method::Method;
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// How often an instruction is tried generally after looking at its operands led nowhere.
const BACKOFF: u16 = 64;
/// How many misses a specialised instruction has before it looks again.
const PATIENCE: u16 = 32;

/// The forms that replace pairs of instructions.
fn pair(first: Opcode, second: Opcode) -> Option<Opcode> {
    Some(match (first, second) {
        (Opcode::LoadFast, Opcode::LoadFast) => Opcode::LoadFastLoadFast,
        (Opcode::LoadFast, Opcode::LoadConst) => Opcode::LoadFastLoadConst,
        (Opcode::LoadConst, Opcode::LoadFast) => Opcode::LoadConstLoadFast,
        (Opcode::StoreFast, Opcode::LoadFast) => Opcode::StoreFastLoadFast,
        (Opcode::StoreFast, Opcode::StoreFast) => Opcode::StoreFastStoreFast,
        _ => return None,
    })
}

/// The adaptive form of an instruction.
fn adaptive(op: Opcode) -> Option<Opcode> {
    Some(match op {
        Opcode::BinaryOp => Opcode::BinaryOpAdaptive,
        Opcode::CompareOp => Opcode::CompareOpAdaptive,
        Opcode::BinarySubscr => Opcode::BinarySubscrAdaptive,
        Opcode::StoreSubscr => Opcode::StoreSubscrAdaptive,
        Opcode::LoadGlobal => Opcode::LoadGlobalAdaptive,
        Opcode::LoadAttr => Opcode::LoadAttrAdaptive,
        Opcode::StoreAttr => Opcode::StoreAttrAdaptive,
        Opcode::LoadMethod => Opcode::LoadMethodAdaptive,
        Opcode::Precall => Opcode::PrecallAdaptive,
        Opcode::Call => Opcode::CallAdaptive,
        Opcode::UnpackSequence => Opcode::UnpackSequenceAdaptive,
        Opcode::JumpBackward => Opcode::JumpBackwardQuick,
        Opcode::Resume => Opcode::ResumeQuick,
        _ => return None,
    })
}

/// Counts a start of the code or a jump back in it; quickens it when it is warm.
#[inline(always)]
pub fn warm_up(code: &Code) {
    let warmup = code.warmup.get();
    if warmup < 0 {
        code.warmup.set(warmup + 1);
        if warmup == -1 {
            quicken(code);
        }
    }
}

/// Gives instructions their adaptive forms, and pairs their joint ones.
#[cold]
#[inline(never)]
fn quicken(code: &Code) {
    let units = code.units();
    let mut at = 0;
    let mut previous: Option<(usize, Opcode)> = None;
    while let Some(unit) = units.get(at) {
        let [number, argument] = unit.get().to_le_bytes();
        let Some(op) = Opcode::from_u8(number) else { return };
        if let Some(form) = adaptive(op) {
            unit.set(u16::from_le_bytes([form as u8, argument]));
        }
        // A pair is one instruction and the unit after it; the second one stays, for jumps to it, and may begin a pair itself.
        if let Some((before, first)) = previous
            && before + 1 == at
            && let Some(both) = pair(first, op)
        {
            let [_, argument] = units[before].get().to_le_bytes();
            units[before].set(u16::from_le_bytes([both as u8, argument]));
        }
        previous = Some((at, op));
        at += 1 + op.caches();
    }
}

/// The instruction at `unit` with its caches.
#[derive(Clone, Copy)]
pub struct Site(*mut u16);

impl Site {
    /// The site of the instruction at `unit`.
    ///
    /// # Safety
    /// `unit` is an instruction of live code that has caches of the kind the callers of the methods expect.
    #[inline(always)]
    pub unsafe fn new(unit: *mut u16) -> Site {
        Site(unit)
    }

    /// The cache entry `index`, the counter being 0.
    #[inline(always)]
    pub fn entry(self, index: usize) -> u16 {
        // SAFETY: by the contract of `new`.
        unsafe { *self.0.add(1 + index) }
    }

    #[inline(always)]
    fn set_entry(self, index: usize, value: u16) {
        // SAFETY: by the contract of `new`.
        unsafe { *self.0.add(1 + index) = value }
    }

    /// Two cache entries as one number.
    #[inline(always)]
    pub fn wide(self, index: usize) -> u32 {
        u32::from(self.entry(index)) | u32::from(self.entry(index + 1)) << 16
    }

    fn set_wide(self, index: usize, value: u32) {
        self.set_entry(index, value as u16);
        self.set_entry(index + 1, (value >> 16) as u16);
    }

    /// Four cache entries as an object.
    #[inline(always)]
    pub fn object(self, index: usize) -> *const Object {
        let (low, high) = (u64::from(self.wide(index)), u64::from(self.wide(index + 2)));
        (low | high << 32) as usize as *const Object
    }

    fn set_object(self, index: usize, value: &Object) {
        let address = value.address() as u64;
        self.set_wide(index, address as u32);
        self.set_wide(index + 2, (address >> 32) as u32);
    }

    /// Makes the instruction another form.
    #[inline(always)]
    fn become_form(self, form: Opcode) {
        // SAFETY: by the contract of `new`.
        unsafe { *self.0 = *self.0 & 0xFF00 | form as u16 };
    }

    fn specialised(self, form: Opcode) {
        self.become_form(form);
        self.set_entry(0, PATIENCE);
    }

    fn not_yet(self) {
        self.set_entry(0, BACKOFF);
    }

    /// Whether it is time to look at the operands.
    #[inline(always)]
    pub fn is_due(self) -> bool {
        let counter = self.entry(0);
        if counter == 0 {
            return true;
        }
        self.set_entry(0, counter - 1);
        false
    }

    /// Counts a miss of a specialised form; it becomes `adaptive` when there were too many.
    #[cold]
    #[inline(never)]
    pub fn missed(self, adaptive: Opcode) {
        let counter = self.entry(0);
        if counter == 0 {
            self.become_form(adaptive);
            self.set_entry(0, BACKOFF);
        } else {
            self.set_entry(0, counter - 1);
        }
    }
}

/// Looks at the operands of an adaptive instruction, makes it the form that fits them, and gives the instruction that is to run. `ip` is behind its
/// unit; `named` says whether names of arguments wait for a call.
///
/// # Safety
/// As for an instruction in the loop: `frame` runs, `sp` is its stack pointer.
#[cold]
#[inline(never)]
pub(super) unsafe fn look(op: u8, frame: *mut Frame, ip: *mut u16, sp: *mut Value, arg: usize, named: bool) -> u8 {
    // SAFETY: by the contract.
    unsafe {
        adapt(op, frame, ip, sp, arg, named);
        match *ip.sub(1) as u8 {
            same if same == op => DEOPT[usize::from(op)],
            form => form,
        }
    }
}

/// Makes an adaptive instruction the form that fits its operands.
unsafe fn adapt(op: u8, frame: *mut Frame, ip: *mut u16, sp: *mut Value, arg: usize, named: bool) {
    // SAFETY: by the contract; the operands that an instruction has are on the stack.
    unsafe {
        let site = Site::new(ip.sub(1));
        let object = |from_top: usize| &**sp.sub(from_top);
        let name = |index: usize| super::names::name_at(frame, index);
        match op {
            opcodes::BinaryOpAdaptive => {
                let next = *ip.add(1);
                let left = *sp.sub(2);
                let stores = super::fast::stores_local(next)
                    && std::ptr::eq(*(*frame).slots().add(usize::from(next >> 8)), left);
                binary_op(site, &*left, object(1), arg, stores);
            }
            opcodes::CompareOpAdaptive => compare_op(site, object(2), object(1), arg, *ip.add(2)),
            opcodes::BinarySubscrAdaptive => binary_subscr(site, object(2), object(1)),
            opcodes::StoreSubscrAdaptive => store_subscr(site, object(2), object(1)),
            opcodes::LoadGlobalAdaptive => {
                load_global(site, (*frame).globals(), (*frame).builtins(), name(arg >> 1));
            }
            opcodes::LoadAttrAdaptive => load_attr(site, object(1), name(arg)),
            opcodes::StoreAttrAdaptive => store_attr(site, object(1), name(arg)),
            opcodes::LoadMethodAdaptive => load_method(site, object(1), name(arg)),
            opcodes::UnpackSequenceAdaptive => unpack_sequence(site, object(1), arg),
            opcodes::PrecallAdaptive => {
                let (callable, _, total) = fast_calls::operands(sp.sub(arg + 2), arg);
                // Behind the cache stand the CALL with its caches, and what is done with the result.
                let is_dropped = *ip.add(6) as u8 == opcodes::PopTop;
                precall(site, &*callable, total, named, is_dropped);
            }
            opcodes::CallAdaptive => {
                let (callable, _, total) = fast_calls::operands(sp.sub(arg + 2), arg);
                call(site, &*callable, total, named);
            }
            _ => site.not_yet(),
        }
    }
}

/// `PRECALL`, with so many arguments; the receiver of a method counts as one.
fn precall(site: Site, callable: &Object, total: usize, named: bool, is_dropped: bool) {
    let form = if callable.is_exact::<Function>() {
        Some(Opcode::PrecallPyfunc)
    } else if callable.is_exact::<Method>() {
        Some(Opcode::PrecallBoundMethod)
    } else if named {
        None
    } else if let Some(class) = callable.downcast_exact::<Type>() {
        class_form(class, total)
    } else if let Some(method) = fast_calls::entry_of(callable) {
        entry_form(callable, method, total, is_dropped)
    } else {
        None
    };
    match form {
        Some(form) => site.specialised(form),
        None => site.not_yet(),
    }
}

/// The form of a call of a class that C or Rust made.
fn class_form(class: &Type, total: usize) -> Option<Opcode> {
    if !class.has_flag(flags::IMMUTABLETYPE) {
        return None;
    }
    if total == 1 {
        for (known, form) in [
            (Str::type_object(), Opcode::PrecallNoKwStr1),
            (Type::type_object(), Opcode::PrecallNoKwType1),
            (Tuple::type_object(), Opcode::PrecallNoKwTuple1),
        ] {
            if std::ptr::eq(class, known) {
                return Some(form);
            }
        }
    }
    class.tp_vectorcall.get().map(|_| Opcode::PrecallBuiltinClass)
}

/// The form of a call of a built-in function or method.
fn entry_form(callable: &Object, method: &'static MethodDef, total: usize, is_dropped: bool) -> Option<Opcode> {
    let flags = method.flags & fast_calls::CALL_MASK;
    let is = |module: &str, name: &CStr| {
        // SAFETY: a table's names are C strings.
        let own = unsafe { CStr::from_ptr(method.name) };
        own == name && fast_calls::owner_of(callable).is_some_and(|owner| owner == module)
    };
    if callable.is_exact::<BuiltinFunction>() {
        return match (flags, total) {
            (METH_O, 1) if is("builtins", c"len") => {
                fast_calls::LEN.learn(method);
                Some(Opcode::PrecallNoKwLen)
            }
            (METH_O, 1) => Some(Opcode::PrecallNoKwBuiltinO),
            (METH_FASTCALL, 2) if is("builtins", c"isinstance") => {
                fast_calls::ISINSTANCE.learn(method);
                Some(Opcode::PrecallNoKwIsinstance)
            }
            (METH_FASTCALL, _) => Some(Opcode::PrecallNoKwBuiltinFast),
            (fast_calls::FAST_KEYWORDS, _) => Some(Opcode::PrecallBuiltinFastWithKeywords),
            _ => None,
        };
    }
    match (flags, total) {
        (METH_NOARGS, 1) => Some(Opcode::PrecallNoKwMethodDescriptorNoargs),
        (METH_O, 2) if is_dropped && is("list", c"append") => {
            fast_calls::APPEND.learn(method);
            Some(Opcode::PrecallNoKwListAppend)
        }
        (METH_O, 2) => Some(Opcode::PrecallNoKwMethodDescriptorO),
        (METH_FASTCALL, 1..) => Some(Opcode::PrecallNoKwMethodDescriptorFast),
        (fast_calls::FAST_KEYWORDS, 1..) => Some(Opcode::PrecallMethodDescriptorFastWithKeywords),
        _ => None,
    }
}

/// `CALL`: Python functions whose parameters are all given, or have defaults.
fn call(site: Site, callable: &Object, total: usize, named: bool) {
    let Some(function) = callable.downcast_exact::<Function>().filter(|_| !named) else { return site.not_yet() };
    let code = function.code();
    if !super::steps::is_python(callable) || !code.takes_plainly() || code.kwonlyargcount.get() > 0 {
        return site.not_yet();
    }
    let defaults = function.defaults.get().map_or(0, |defaults| defaults.len());
    match (code.argcount.get() as usize).checked_sub(total) {
        Some(0) => site.specialised(Opcode::CallPyExactArgs),
        Some(missing) if missing <= defaults => site.specialised(Opcode::CallPyWithDefaults),
        _ => site.not_yet(),
    }
}

/// `UNPACK_SEQUENCE`
fn unpack_sequence(site: Site, sequence: &Object, count: usize) {
    let is_tuple = sequence.downcast_exact::<Tuple>().is_some_and(|tuple| tuple.len() == count);
    if is_tuple && count == 2 {
        site.specialised(Opcode::UnpackSequenceTwoTuple);
    } else if is_tuple {
        site.specialised(Opcode::UnpackSequenceTuple);
    } else if sequence.downcast_exact::<List>().is_some_and(|list| list.len() == count) {
        site.specialised(Opcode::UnpackSequenceList);
    } else {
        site.not_yet();
    }
}

/// `BINARY_OP`
fn binary_op(site: Site, left: &Object, right: &Object, argument: usize, in_place_string: bool) {
    let ints = left.is_exact::<Int>() && right.is_exact::<Int>();
    let floats = left.is_exact::<Float>() && right.is_exact::<Float>();
    let strings = left.is_exact::<Str>() && right.is_exact::<Str>();
    // `+`, `*`, `-` and their in-place forms.
    let form = match argument {
        0 | 13 if ints => Opcode::BinaryOpAddInt,
        0 | 13 if floats => Opcode::BinaryOpAddFloat,
        0 | 13 if strings && in_place_string => Opcode::BinaryOpInplaceAddUnicode,
        0 | 13 if strings => Opcode::BinaryOpAddUnicode,
        5 | 18 if ints => Opcode::BinaryOpMultiplyInt,
        5 | 18 if floats => Opcode::BinaryOpMultiplyFloat,
        10 | 23 if ints => Opcode::BinaryOpSubtractInt,
        10 | 23 if floats => Opcode::BinaryOpSubtractFloat,
        _ => return site.not_yet(),
    };
    site.specialised(form);
}

/// `COMPARE_OP` followed by a conditional jump; `next` is the unit behind its caches.
fn compare_op(site: Site, left: &Object, right: &Object, argument: usize, next: u16) {
    let (when, backward) = match Opcode::from_u8(next as u8) {
        Some(Opcode::PopJumpForwardIfTrue) => (true, false),
        Some(Opcode::PopJumpForwardIfFalse) => (false, false),
        Some(Opcode::PopJumpBackwardIfTrue) => (true, true),
        Some(Opcode::PopJumpBackwardIfFalse) => (false, true),
        _ => return site.not_yet(),
    };
    let form = if left.is_exact::<Int>() && right.is_exact::<Int>() {
        Opcode::CompareOpIntJump
    } else if left.is_exact::<Float>() && right.is_exact::<Float>() {
        Opcode::CompareOpFloatJump
    } else if left.is_exact::<Str>() && right.is_exact::<Str>() && (argument == 2 || argument == 3) {
        Opcode::CompareOpStrJump
    } else {
        return site.not_yet();
    };
    let holds = holding(argument as u8);
    let jumps = if when { holds } else { !holds & 15 };
    site.set_entry(1, jumps | if backward { 16 } else { 0 });
    site.specialised(form);
}

/// `BINARY_SUBSCR`
fn binary_subscr(site: Site, container: &Object, key: &Object) {
    let by_int = key.is_exact::<Int>();
    if by_int && container.is_exact::<List>() {
        site.specialised(Opcode::BinarySubscrListInt);
    } else if by_int && container.is_exact::<Tuple>() {
        site.specialised(Opcode::BinarySubscrTupleInt);
    } else if container.is_exact::<Dict>() {
        site.specialised(Opcode::BinarySubscrDict);
    } else if super::operators::subscript_function(container).is_some() {
        site.specialised(Opcode::BinarySubscrGetitem);
    } else {
        site.not_yet();
    }
}

/// `STORE_SUBSCR`
fn store_subscr(site: Site, container: &Object, key: &Object) {
    if key.is_exact::<Int>() && container.is_exact::<List>() {
        site.specialised(Opcode::StoreSubscrListInt);
    } else if container.is_exact::<Dict>() {
        site.specialised(Opcode::StoreSubscrDict);
    } else {
        site.not_yet();
    }
}

/// `LOAD_GLOBAL`: entries are the counter, the index, the version of the globals' keys (2), that of the builtins' keys.
fn load_global(site: Site, globals: &Dict, builtins: &Object, name: &Str) {
    if !globals.is_exact::<Dict>() {
        return site.not_yet();
    }
    let index = globals.entry_of_name(name);
    if index != EMPTY {
        let version = globals.keys_version_for_cache();
        if version == 0 || index > 0xFFFF {
            return site.not_yet();
        }
        site.set_entry(1, index as u16);
        site.set_wide(2, version);
        return site.specialised(Opcode::LoadGlobalModule);
    }
    let Some(builtins) = builtins.downcast_exact::<Dict>() else { return site.not_yet() };
    let index = builtins.entry_of_name(name);
    if index == EMPTY || index > 0xFFFF {
        return site.not_yet();
    }
    let (globals, builtins) = (globals.keys_version_for_cache(), builtins.keys_version_for_cache());
    if globals == 0 || builtins == 0 || builtins > 0xFFFF {
        return site.not_yet();
    }
    site.set_entry(1, index as u16);
    site.set_wide(2, globals);
    site.set_entry(4, builtins as u16);
    site.specialised(Opcode::LoadGlobalBuiltin);
}

/// Whether instances of a type read their attributes in the usual way.
fn is_generic(ty: &Type, store: bool) -> bool {
    let base = Object::type_object();
    if store {
        ty.tp_setattro.get().map(|slot| slot as usize) == base.tp_setattro.get().map(|slot| slot as usize)
    } else {
        ty.tp_getattro.get().map(|slot| slot as usize) == base.tp_getattro.get().map(|slot| slot as usize)
    }
}

/// Where an attribute of an instance stands.
enum Place {
    /// At this index of its values.
    Value(isize),
    /// At this entry of its dictionary.
    Hint(isize),
    /// At this offset of the instance.
    Slot(isize),
    /// Elsewhere.
    Other,
}

fn instance_place(owner: &Object, name: &Str, store: bool) -> Place {
    let ty = owner.ty();
    if !is_generic(ty, store) || !ty.assign_version() {
        return Place::Other;
    }
    if let Some(found) = ty.lookup(name) {
        if let Some(member) = found.downcast_exact::<MemberDescriptor>() {
            let definition = member.definition();
            let fits = definition.kind == T_OBJECT_EX && (0..0x1_0000).contains(&definition.offset);
            let ours = ty.is_subtype(&member.owner());
            let allowed = ours && (!store || definition.flags & READONLY == 0);
            return if fits && allowed { Place::Slot(definition.offset) } else { Place::Other };
        }
        // The type of an object, which its attribute gives unless somebody has defined another one, stands in its header.
        if !store && name.is(crate::id!(__class__)) {
            let usual = Object::type_object().lookup(name).is_some_and(|usual| usual.is(&found));
            return if usual { Place::Slot(std::mem::offset_of!(Object, ty) as isize) } else { Place::Other };
        }
        // An attribute of a class that can change may become a descriptor, which no version tells of.
        if found.ty().tp_descr_set.get().is_some() || !found.ty().has_flag(flags::IMMUTABLETYPE) {
            return Place::Other;
        }
    }
    if !ty.has_flag(flags::MANAGED_DICT) {
        return Place::Other;
    }
    if instance::inline_values(owner).is_some() {
        let index = instance::shared_keys(ty)
            .map_or(EMPTY, |keys| crate::types::dict::table::find_text(keys, name, name.hash()));
        return if (0..0x1_0000).contains(&index) { Place::Value(index) } else { Place::Other };
    }
    match instance::managed_dictionary(owner) {
        Some(dict) => match dict.entry_of_name(name) {
            index if (0..0x1_0000).contains(&index) => Place::Hint(index),
            _ => Place::Other,
        },
        None => Place::Other,
    }
}

/// `LOAD_ATTR`: entries are the counter, a version (2), an index.
fn load_attr(site: Site, owner: &Object, name: &Str) {
    if let Some(module) = owner.downcast_exact::<Module>() {
        return match module_entry(module, name) {
            Some((version, index)) => {
                site.set_wide(1, version);
                site.set_entry(3, index);
                site.specialised(Opcode::LoadAttrModule);
            }
            None => site.not_yet(),
        };
    }
    let (form, index) = match instance_place(owner, name, false) {
        Place::Value(index) => (Opcode::LoadAttrInstanceValue, index),
        Place::Hint(index) => (Opcode::LoadAttrWithHint, index),
        Place::Slot(offset) => (Opcode::LoadAttrSlot, offset),
        Place::Other => return site.not_yet(),
    };
    site.set_wide(1, owner.ty().tp_version_tag.get());
    site.set_entry(3, index as u16);
    site.specialised(form);
}

/// `STORE_ATTR`: entries as of `LOAD_ATTR`.
fn store_attr(site: Site, owner: &Object, name: &Str) {
    let (form, index) = match instance_place(owner, name, true) {
        Place::Value(index) => (Opcode::StoreAttrInstanceValue, index),
        Place::Hint(index) => (Opcode::StoreAttrWithHint, index),
        Place::Slot(offset) => (Opcode::StoreAttrSlot, offset),
        Place::Other => return site.not_yet(),
    };
    site.set_wide(1, owner.ty().tp_version_tag.get());
    site.set_entry(3, index as u16);
    site.specialised(form);
}

fn module_entry(module: &Module, name: &Str) -> Option<(u32, u16)> {
    let dict = module.dict.get()?;
    let index = u16::try_from(dict.entry_of_name(name)).ok()?;
    match dict.keys_version_for_cache() {
        0 => None,
        version => Some((version, index)),
    }
}

/// `LOAD_METHOD`: entries are the counter, the type's version (2), an offset, the version of keys (2), the method (4).
fn load_method(site: Site, owner: &Object, name: &Str) {
    if let Some(module) = owner.downcast_exact::<Module>() {
        return match module_entry(module, name) {
            Some((version, index)) => {
                site.set_wide(1, version);
                site.set_entry(3, index);
                site.specialised(Opcode::LoadMethodModule);
            }
            None => site.not_yet(),
        };
    }
    if let Some(class) = owner.downcast::<Type>() {
        return load_class_method(site, class, name);
    }
    let ty = owner.ty();
    if !is_generic(ty, false) || !ty.assign_version() {
        return site.not_yet();
    }
    let Some(method) = ty.lookup(name).filter(|found| found.ty().has_flag(flags::METHOD_DESCRIPTOR)) else {
        return site.not_yet();
    };
    let form = if ty.tp_dictoffset.get() == 0 {
        Opcode::LoadMethodNoDict
    } else if ty.has_flag(flags::MANAGED_DICT) {
        // Shadowed by the instance at present: then it is no method.
        match instance::get(owner, name) {
            Ok(None) => {}
            Ok(Some(_)) => return site.not_yet(),
            Err(raised) => {
                raised.clear();
                return site.not_yet();
            }
        }
        match (instance::inline_values(owner), instance::shared_keys(ty)) {
            (Some(_), Some(keys)) => {
                let version = instance::shared_version_for_cache(keys);
                let known = crate::types::dict::table::find_text(keys, name, name.hash());
                if version == 0 || known != EMPTY {
                    return site.not_yet();
                }
                site.set_wide(4, version);
                Opcode::LoadMethodWithValues
            }
            _ => Opcode::LoadMethodWithDict,
        }
    } else if instance::lacks_name(owner, name) {
        // A plain dictionary, as instances of classes made from built-in ones with a dictionary have.
        Opcode::LoadMethodWithDict
    } else {
        return site.not_yet();
    };
    site.set_wide(1, ty.tp_version_tag.get());
    site.set_object(6, &method);
    site.specialised(form);
}

/// A method that is looked up on a class: a plain function, or what is no descriptor.
fn load_class_method(site: Site, class: &Type, name: &Str) {
    let metatype = class.ty();
    if !std::ptr::eq(metatype, Type::type_object()) || !class.assign_version() || metatype.lookup(name).is_some() {
        return site.not_yet();
    }
    let Some(found) = class.lookup(name) else { return site.not_yet() };
    let plain = found.is_exact::<crate::types::function::Function>()
        || found.is_exact::<crate::types::descriptor::MethodDescriptor>()
        || found.ty().tp_descr_get.get().is_none() && found.ty().has_flag(flags::IMMUTABLETYPE);
    if !plain {
        return site.not_yet();
    }
    site.set_wide(1, class.tp_version_tag.get());
    site.set_object(6, &found);
    site.specialised(Opcode::LoadMethodClass);
}
