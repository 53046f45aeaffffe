//! Types that extensions make from a specification (`PyType_FromSpec` and its family).
//!
//! Such a type is a heap type like a class's, with its slots given by number. Members named `__dictoffset__`, `__weaklistoffset__` and
//! `__vectorcalloffset__` say where instances keep those words.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::mem::offset_of;

use super::{create, instance, mro, ready};
use crate::object::descriptor_tables::{GetSetDef, MemberDef, MethodDef};
use crate::object::typeobject::{Type, flags};
use crate::object::{HeapType, Object, PyType, Raised, Ref};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::{id, raise};

/// A slot of a specification (`PyType_Slot`).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TypeSlot {
    /// The number (`Py_tp_new` and its like); 0 ends the list.
    pub slot: c_int,
    /// The function or table.
    pub value: *mut c_void,
}

/// What a type is made from (`PyType_Spec`).
#[repr(C)]
pub struct TypeSpecification {
    /// The name, with its module before the last dot.
    pub name: *const c_char,
    /// The size of an instance.
    pub basicsize: c_int,
    /// The size of an item.
    pub itemsize: c_int,
    /// The flags.
    pub flags: c_uint,
    /// The slots.
    pub slots: *const TypeSlot,
}

crate::assert_layout!(TypeSpecification, size 32, basicsize @ 8, flags @ 16, slots @ 24);

const BASE: c_int = 48;
const BASES: c_int = 49;
const DOC: c_int = 56;
const METHODS: c_int = 64;
const MEMBERS: c_int = 72;
const GETSET: c_int = 73;
/// The largest number of a slot.
const LAST: c_int = 81;

/// Where a heap type keeps the function of each slot number (`typeslots.h`).
static PLACES: &[(c_int, usize)] = &[
    (1, offset_of!(HeapType, as_buffer.bf_getbuffer)),
    (2, offset_of!(HeapType, as_buffer.bf_releasebuffer)),
    (3, offset_of!(HeapType, as_mapping.mp_ass_subscript)),
    (4, offset_of!(HeapType, as_mapping.mp_length)),
    (5, offset_of!(HeapType, as_mapping.mp_subscript)),
    (6, offset_of!(HeapType, as_number.nb_absolute)),
    (7, offset_of!(HeapType, as_number.nb_add)),
    (8, offset_of!(HeapType, as_number.nb_and)),
    (9, offset_of!(HeapType, as_number.nb_bool)),
    (10, offset_of!(HeapType, as_number.nb_divmod)),
    (11, offset_of!(HeapType, as_number.nb_float)),
    (12, offset_of!(HeapType, as_number.nb_floor_divide)),
    (13, offset_of!(HeapType, as_number.nb_index)),
    (14, offset_of!(HeapType, as_number.nb_inplace_add)),
    (15, offset_of!(HeapType, as_number.nb_inplace_and)),
    (16, offset_of!(HeapType, as_number.nb_inplace_floor_divide)),
    (17, offset_of!(HeapType, as_number.nb_inplace_lshift)),
    (18, offset_of!(HeapType, as_number.nb_inplace_multiply)),
    (19, offset_of!(HeapType, as_number.nb_inplace_or)),
    (20, offset_of!(HeapType, as_number.nb_inplace_power)),
    (21, offset_of!(HeapType, as_number.nb_inplace_remainder)),
    (22, offset_of!(HeapType, as_number.nb_inplace_rshift)),
    (23, offset_of!(HeapType, as_number.nb_inplace_subtract)),
    (24, offset_of!(HeapType, as_number.nb_inplace_true_divide)),
    (25, offset_of!(HeapType, as_number.nb_inplace_xor)),
    (26, offset_of!(HeapType, as_number.nb_int)),
    (27, offset_of!(HeapType, as_number.nb_invert)),
    (28, offset_of!(HeapType, as_number.nb_lshift)),
    (29, offset_of!(HeapType, as_number.nb_multiply)),
    (30, offset_of!(HeapType, as_number.nb_negative)),
    (31, offset_of!(HeapType, as_number.nb_or)),
    (32, offset_of!(HeapType, as_number.nb_positive)),
    (33, offset_of!(HeapType, as_number.nb_power)),
    (34, offset_of!(HeapType, as_number.nb_remainder)),
    (35, offset_of!(HeapType, as_number.nb_rshift)),
    (36, offset_of!(HeapType, as_number.nb_subtract)),
    (37, offset_of!(HeapType, as_number.nb_true_divide)),
    (38, offset_of!(HeapType, as_number.nb_xor)),
    (39, offset_of!(HeapType, as_sequence.sq_ass_item)),
    (40, offset_of!(HeapType, as_sequence.sq_concat)),
    (41, offset_of!(HeapType, as_sequence.sq_contains)),
    (42, offset_of!(HeapType, as_sequence.sq_inplace_concat)),
    (43, offset_of!(HeapType, as_sequence.sq_inplace_repeat)),
    (44, offset_of!(HeapType, as_sequence.sq_item)),
    (45, offset_of!(HeapType, as_sequence.sq_length)),
    (46, offset_of!(HeapType, as_sequence.sq_repeat)),
    (47, offset_of!(HeapType, ty.tp_alloc)),
    (50, offset_of!(HeapType, ty.tp_call)),
    (51, offset_of!(HeapType, ty.tp_clear)),
    (52, offset_of!(HeapType, ty.tp_dealloc)),
    (53, offset_of!(HeapType, ty.tp_del)),
    (54, offset_of!(HeapType, ty.tp_descr_get)),
    (55, offset_of!(HeapType, ty.tp_descr_set)),
    (57, offset_of!(HeapType, ty.tp_getattr)),
    (58, offset_of!(HeapType, ty.tp_getattro)),
    (59, offset_of!(HeapType, ty.tp_hash)),
    (60, offset_of!(HeapType, ty.tp_init)),
    (61, offset_of!(HeapType, ty.tp_is_gc)),
    (62, offset_of!(HeapType, ty.tp_iter)),
    (63, offset_of!(HeapType, ty.tp_iternext)),
    (65, offset_of!(HeapType, ty.tp_new)),
    (66, offset_of!(HeapType, ty.tp_repr)),
    (67, offset_of!(HeapType, ty.tp_richcompare)),
    (68, offset_of!(HeapType, ty.tp_setattr)),
    (69, offset_of!(HeapType, ty.tp_setattro)),
    (70, offset_of!(HeapType, ty.tp_str)),
    (71, offset_of!(HeapType, ty.tp_traverse)),
    (74, offset_of!(HeapType, ty.tp_free)),
    (75, offset_of!(HeapType, as_number.nb_matrix_multiply)),
    (76, offset_of!(HeapType, as_number.nb_inplace_matrix_multiply)),
    (77, offset_of!(HeapType, as_async.am_await)),
    (78, offset_of!(HeapType, as_async.am_aiter)),
    (79, offset_of!(HeapType, as_async.am_anext)),
    (80, offset_of!(HeapType, ty.tp_finalize)),
    (81, offset_of!(HeapType, as_async.am_send)),
];

/// What a specification says beside its slots.
#[derive(Default)]
struct Facts {
    base: Option<Ref>,
    bases: Option<Ref>,
    doc: Option<&'static CStr>,
    members: &'static [MemberDef],
}

/// Makes a type from a specification (`PyType_FromModuleAndSpec`).
///
/// # Safety
/// The specification and what it points to are as the C API asks for: names, methods and computed attributes live as long as the type.
pub unsafe fn from_spec(
    spec: &TypeSpecification,
    module: Option<&Object>,
    bases: Option<&Object>,
) -> Result<Ref<Type>, Raised> {
    // SAFETY: by the contract.
    let (slots, full_name) = unsafe { (slots_of(spec), c_text(spec.name)) };
    let facts = read_facts(full_name, slots)?;
    let bases = find_bases(bases, &facts)?;
    let base = mro::best_base(&bases)?;
    if !base.has_flag(flags::BASETYPE) {
        return Err(raise!(TypeError, "type '{}' is not an acceptable base type", base.full_name()));
    }
    let metatype = Type::type_object();
    // Behind the type is room for its members, which the specification need not keep, and for their end.
    let size = metatype.tp_basicsize.get() as usize;
    let room = (facts.members.len() + 1) * size_of::<MemberDef>();
    let object = crate::object::allocate::allocate_zeroed(metatype, size + room)?;
    // SAFETY: the memory is as large as a heap type; zero is a valid value of every field.
    let ty: Ref<Type> = unsafe {
        let header = object.as_ref();
        header.refcount.set(1);
        header.ty.set(metatype);
        Ref::from_owned(object.cast())
    };
    ty.tp_flags.set(spec.flags as usize | flags::HEAPTYPE);
    crate::gc::track(&ty);
    ty.tp_dealloc.set(Some(instance::subtype_dealloc));
    // SAFETY: as above.
    let heap: &HeapType = unsafe { &*std::ptr::from_ref(&*ty).cast() };
    ty.tp_as_async.set(&heap.as_async);
    ty.tp_as_number.set(&heap.as_number);
    ty.tp_as_mapping.set(&heap.as_mapping);
    ty.tp_as_sequence.set(&heap.as_sequence);
    ty.tp_as_buffer.set(&heap.as_buffer);
    set_names(&ty, heap, full_name)?;
    heap.ht_module.set(module.map(Object::to_ref));
    ty.tp_base.set(Some(base));
    ty.tp_bases.set(Some(bases));
    ty.tp_basicsize.set(spec.basicsize as isize);
    ty.tp_itemsize.set(spec.itemsize as isize);
    fill(&ty, slots);
    if !facts.members.is_empty() {
        // SAFETY: there is room for them.
        unsafe {
            let own = std::ptr::from_ref(&*ty).byte_add(size).cast::<MemberDef>().cast_mut();
            own.copy_from_nonoverlapping(facts.members.as_ptr(), facts.members.len());
            ty.tp_members.set(own);
        }
    }
    ty.tp_doc.set(copy_text(facts.doc)?);
    for member in facts.members {
        match member.name() {
            "__weaklistoffset__" => ty.tp_weaklistoffset.set(member_offset(&ty, member)),
            "__dictoffset__" => ty.tp_dictoffset.set(member_offset(&ty, member)),
            "__vectorcalloffset__" => ty.tp_vectorcall_offset.set(member_offset(&ty, member)),
            _ => {}
        }
    }
    ready::ready(&ty)?;
    set_module(&ty, full_name)?;
    Ok(ty)
}

/// # Safety
/// The slots end with number 0.
unsafe fn slots_of(spec: &TypeSpecification) -> &'static [TypeSlot] {
    let mut count = 0;
    // SAFETY: by the contract.
    unsafe {
        while (*spec.slots.add(count)).slot != 0 {
            count += 1;
        }
        std::slice::from_raw_parts(spec.slots, count)
    }
}

/// # Safety
/// A C string that lives as long as the process, or null.
unsafe fn c_text(text: *const c_char) -> &'static str {
    if text.is_null() {
        return "";
    }
    // SAFETY: by the contract.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("")
}

fn read_facts(name: &str, slots: &[TypeSlot]) -> Result<Facts, Raised> {
    let mut facts = Facts::default();
    for slot in slots {
        // SAFETY: the number says what the value is.
        unsafe {
            match slot.slot {
                BASE => facts.base = slot.value.cast::<Object>().as_ref().map(Object::to_ref),
                BASES => facts.bases = slot.value.cast::<Object>().as_ref().map(Object::to_ref),
                DOC if !slot.value.is_null() => facts.doc = Some(CStr::from_ptr(slot.value.cast())),
                MEMBERS => facts.members = super::foreign::members(slot.value.cast()),
                number if !(1..=LAST).contains(&number) => {
                    return Err(raise!(RuntimeError, "invalid slot offset"));
                }
                _ => {}
            }
        }
    }
    let _ = name;
    Ok(facts)
}

fn find_bases(given: Option<&Object>, facts: &Facts) -> Result<Ref<Tuple>, Raised> {
    let given = given.map(Object::to_ref).or_else(|| facts.bases.clone()).or_else(|| facts.base.clone());
    match given {
        None => Tuple::from_borrowed(&[Object::type_object()]),
        Some(given) => match given.downcast_into::<Tuple>() {
            Ok(bases) => Ok(bases),
            Err(base) if base.isinstance::<Type>() => Tuple::from_refs([base]),
            Err(_) => Err(raise!(SystemError, "Py_tp_bases is not a tuple")),
        },
    }
}

/// Fills the slots and tables.
fn fill(ty: &Type, slots: &[TypeSlot]) {
    for slot in slots {
        match slot.slot {
            METHODS => ty.tp_methods.set(slot.value.cast::<MethodDef>()),
            GETSET => ty.tp_getset.set(slot.value.cast::<GetSetDef>()),
            MEMBERS => ty.tp_members.set(slot.value.cast::<MemberDef>()),
            number => {
                if let Some((_, offset)) = PLACES.iter().find(|place| place.0 == number) {
                    // SAFETY: a heap type keeps the function of this slot there.
                    unsafe {
                        std::ptr::from_ref(ty).byte_add(*offset).cast::<*mut c_void>().cast_mut().write(slot.value)
                    };
                }
            }
        }
    }
}

/// `__name__` and `__qualname__` are what follows the last dot; `tp_name` is the whole.
fn set_names(ty: &Type, heap: &HeapType, full_name: &str) -> Result<(), Raised> {
    let short = full_name.rsplit('.').next().unwrap_or(full_name);
    create::set_name(ty, &*Str::new(full_name)?)?;
    let short = Str::intern(short)?;
    heap.ht_name.set(Some(short.clone().into_object()));
    heap.ht_qualname.set(Some(short.into_object()));
    Ok(())
}

fn set_module(ty: &Type, full_name: &str) -> Result<(), Raised> {
    let Some(dict) = ty.tp_dict.get() else { return Ok(()) };
    if dict.get_name(id!(__module__)).is_some() {
        return Ok(());
    }
    match full_name.rsplit_once('.') {
        Some((module, _)) => dict.set(id!(__module__), &*Str::intern(module)?),
        None => crate::exceptions::warn(
            crate::exceptions::exc::DeprecationWarning(),
            format_args!("builtin type {full_name} has no __module__ attribute"),
            1,
        ),
    }
}

/// A copy of a docstring that lives as long as the process, without its signature.
fn copy_text(text: Option<&'static CStr>) -> Result<*const c_char, Raised> {
    let Some(text) = text else { return Ok(std::ptr::null()) };
    let bytes = text.to_bytes_with_nul();
    let Some(memory) = habu_heap::alloc(habu_heap::Domain::Object, bytes.len()) else {
        return Err(crate::exceptions::memory_error());
    };
    // SAFETY: there is room for the text with its end.
    unsafe { memory.as_ptr().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    Ok(memory.as_ptr().cast())
}

fn member_offset(ty: &Type, member: &MemberDef) -> isize {
    // `Py_RELATIVE_OFFSET` came later than 3.11: the offset is from the instance's start.
    let _ = ty;
    member.offset
}

/// The function that a type has in the slot of this number (`PyType_GetSlot`); null for none and for unknown numbers.
pub fn slot_of(ty: &Type, number: c_int) -> Result<*mut c_void, Raised> {
    let table = match number {
        METHODS => ty.tp_methods.get().cast(),
        MEMBERS => ty.tp_members.get().cast(),
        GETSET => ty.tp_getset.get().cast(),
        DOC => ty.tp_doc.get().cast(),
        BASE => ty.tp_base.pointer().cast(),
        BASES => ty.tp_bases.pointer().cast(),
        _ => std::ptr::null::<c_void>(),
    };
    if !table.is_null() {
        return Ok(table.cast_mut());
    }
    let Some((_, offset)) = PLACES.iter().find(|place| place.0 == number) else {
        if (1..=LAST).contains(&number) {
            return Ok(std::ptr::null_mut());
        }
        return Err(raise!(SystemError, "bad argument to internal function"));
    };
    let offset = *offset;
    let suites = [
        (
            offset_of!(HeapType, as_async),
            size_of::<crate::object::slots::AsyncMethods>(),
            ty.tp_as_async.get().cast::<u8>(),
        ),
        (
            offset_of!(HeapType, as_number),
            size_of::<crate::object::slots::NumberMethods>(),
            ty.tp_as_number.get().cast(),
        ),
        (
            offset_of!(HeapType, as_mapping),
            size_of::<crate::object::slots::MappingMethods>(),
            ty.tp_as_mapping.get().cast(),
        ),
        (
            offset_of!(HeapType, as_sequence),
            size_of::<crate::object::slots::SequenceMethods>(),
            ty.tp_as_sequence.get().cast(),
        ),
        (
            offset_of!(HeapType, as_buffer),
            size_of::<crate::object::slots::BufferMethods>(),
            ty.tp_as_buffer.get().cast(),
        ),
    ];
    let place = match suites.iter().find(|(start, size, _)| (*start..start + size).contains(&offset)) {
        Some((_, _, suite)) if suite.is_null() => return Ok(std::ptr::null_mut()),
        // SAFETY: the suite has the slot at this offset.
        Some((start, _, suite)) => unsafe { suite.add(offset - start) },
        // SAFETY: the type has the slot at this offset.
        None => unsafe { std::ptr::from_ref(ty).cast::<u8>().add(offset) },
    };
    // SAFETY: a slot is one pointer.
    Ok(unsafe { place.cast::<*mut c_void>().read() })
}
