//! The layout of type objects (`PyTypeObject`, `PyHeapTypeObject`), their flags, and static types with their tables.
//!
//! What a type does (readying, inheritance, attribute lookup, calling) is in `types/type_`.

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};

use super::descriptor_tables::{GetSetDef, MemberDef, MethodDef};
use super::field::Field;
use super::header::{Object, VarObject};
use super::slots::*;
use crate::types::{dict::Dict, tuple::Tuple};

/// A type object (`PyTypeObject`, 408 bytes).
#[repr(C)]
pub struct Type {
    /// The header.
    pub base: VarObject,
    /// The name, with its module before a dot for static types (`tp_name`).
    pub tp_name: Cell<*const c_char>,
    /// The size of an instance in bytes.
    pub tp_basicsize: Cell<isize>,
    /// The size of one item of an instance of variable size.
    pub tp_itemsize: Cell<isize>,
    /// Ends an instance.
    pub tp_dealloc: Slot<Destructor>,
    /// Where an instance keeps its vectorcall function.
    pub tp_vectorcall_offset: Cell<isize>,
    /// Old style, unused by Habu's own types.
    pub tp_getattr: Slot<GetAttrFunc>,
    /// Old style, unused by Habu's own types.
    pub tp_setattr: Slot<SetAttrFunc>,
    /// The asynchronous suite.
    pub tp_as_async: Cell<*const AsyncMethods>,
    /// `repr()`
    pub tp_repr: Slot<ReprFunc>,
    /// The number suite.
    pub tp_as_number: Cell<*const NumberMethods>,
    /// The sequence suite.
    pub tp_as_sequence: Cell<*const SequenceMethods>,
    /// The mapping suite.
    pub tp_as_mapping: Cell<*const MappingMethods>,
    /// `hash()`
    pub tp_hash: Slot<HashFunc>,
    /// Calls an instance.
    pub tp_call: Slot<TernaryFunc>,
    /// `str()`
    pub tp_str: Slot<ReprFunc>,
    /// Reads an attribute.
    pub tp_getattro: Slot<GetAttroFunc>,
    /// Writes or deletes an attribute.
    pub tp_setattro: Slot<SetAttroFunc>,
    /// The buffer suite.
    pub tp_as_buffer: Cell<*const BufferMethods>,
    /// The `flags`.
    pub tp_flags: Cell<usize>,
    /// The docstring with its text signature.
    pub tp_doc: Cell<*const c_char>,
    /// Shows the collector what an instance refers to.
    pub tp_traverse: Slot<TraverseProc>,
    /// Breaks cycles through an instance.
    pub tp_clear: Slot<Inquiry>,
    /// Compares.
    pub tp_richcompare: Slot<RichCmpFunc>,
    /// Where an instance keeps its weak references.
    pub tp_weaklistoffset: Cell<isize>,
    /// `iter()`
    pub tp_iter: Slot<GetIterFunc>,
    /// `next()`
    pub tp_iternext: Slot<IterNextFunc>,
    /// Methods of types made in C.
    pub tp_methods: Cell<*const MethodDef>,
    /// Members of types made in C.
    pub tp_members: Cell<*const MemberDef>,
    /// Computed attributes of types made in C.
    pub tp_getset: Cell<*const GetSetDef>,
    /// The base that the layout comes from.
    pub tp_base: Field<Type>,
    /// The type's own attributes.
    pub tp_dict: Field<Dict>,
    /// Binds an instance to an object.
    pub tp_descr_get: Slot<DescrGetFunc>,
    /// Sets through an instance.
    pub tp_descr_set: Slot<DescrSetFunc>,
    /// Where an instance keeps its dictionary; -1 for a managed one.
    pub tp_dictoffset: Cell<isize>,
    /// `__init__`
    pub tp_init: Slot<InitProc>,
    /// Allocates an instance.
    pub tp_alloc: Slot<AllocFunc>,
    /// `__new__`
    pub tp_new: Slot<NewFunc>,
    /// Frees an instance's memory.
    pub tp_free: Slot<FreeFunc>,
    /// Whether an instance is collectable, where not all are.
    pub tp_is_gc: Slot<Inquiry>,
    /// The bases, a tuple.
    pub tp_bases: Field<Tuple>,
    /// The method resolution order, a tuple.
    pub tp_mro: Field<Tuple>,
    /// Unused.
    pub tp_cache: Field,
    /// Weak references to direct subclasses, by address.
    pub tp_subclasses: Field,
    /// Weak references to the type.
    pub tp_weaklist: Cell<*const Object>,
    /// Unused.
    pub tp_del: Slot<Destructor>,
    /// The version of what attribute lookups on the type give; 0 for none.
    pub tp_version_tag: Cell<u32>,
    /// `__del__`
    pub tp_finalize: Slot<Destructor>,
    /// Calls the type itself without a tuple of arguments.
    pub tp_vectorcall: Slot<VectorcallFunc>,
}

/// A type made at run time, by a class statement (`PyHeapTypeObject`, 904 bytes).
#[repr(C)]
pub struct HeapType {
    /// The type.
    pub ty: Type,
    /// Room for its asynchronous suite.
    pub as_async: AsyncMethods,
    /// Room for its number suite.
    pub as_number: NumberMethods,
    /// Room for its mapping suite.
    pub as_mapping: MappingMethods,
    /// Room for its sequence suite.
    pub as_sequence: SequenceMethods,
    /// Room for its buffer suite.
    pub as_buffer: BufferMethods,
    /// `__name__`
    pub ht_name: Field,
    /// `__slots__` as a tuple of mangled names, or null.
    pub ht_slots: Field,
    /// `__qualname__`
    pub ht_qualname: Field,
    /// The keys that instances' dictionaries share (`PyDictKeysObject *`), or null.
    pub ht_cached_keys: Cell<*mut c_void>,
    /// The module of a type made from a specification.
    pub ht_module: Field,
    /// A name that the type owns.
    pub ht_tpname: Cell<*mut c_char>,
    /// `__getitem__`, cached for specialised subscripts.
    pub ht_getitem: Field,
}

/// The bits of `tp_flags` (`Py_TPFLAGS_*`).
pub mod flags {
    /// `tp_finalize` may be there: every type has it since 3.8, and few still say so.
    pub const HAVE_FINALIZE: usize = 1 << 0;
    /// Sequence pattern.
    pub const SEQUENCE: usize = 1 << 5;
    /// Mapping pattern.
    pub const MAPPING: usize = 1 << 6;
    /// `T()` is refused.
    pub const DISALLOW_INSTANTIATION: usize = 1 << 7;
    /// Attributes of the type cannot be set.
    pub const IMMUTABLETYPE: usize = 1 << 8;
    /// Made at run time.
    pub const HEAPTYPE: usize = 1 << 9;
    /// May be a base class.
    pub const BASETYPE: usize = 1 << 10;
    /// Instances have a vectorcall function.
    pub const HAVE_VECTORCALL: usize = 1 << 11;
    /// `PyType_Ready` was run.
    pub const READY: usize = 1 << 12;
    /// `PyType_Ready` is running.
    pub const READYING: usize = 1 << 13;
    /// Instances have a GC head.
    pub const HAVE_GC: usize = 1 << 14;
    /// Instances keep their dictionary before the GC head.
    pub const MANAGED_DICT: usize = 1 << 4;
    /// Instances behave like unbound methods when called as attributes.
    pub const METHOD_DESCRIPTOR: usize = 1 << 17;
    /// `tp_version_tag` is valid.
    pub const VALID_VERSION_TAG: usize = 1 << 19;
    /// An abstract class with abstract methods left.
    pub const IS_ABSTRACT: usize = 1 << 20;
    /// Matches itself in a class pattern with one position.
    pub const MATCH_SELF: usize = 1 << 22;
    /// A subclass of int.
    pub const LONG_SUBCLASS: usize = 1 << 24;
    /// A subclass of list.
    pub const LIST_SUBCLASS: usize = 1 << 25;
    /// A subclass of tuple.
    pub const TUPLE_SUBCLASS: usize = 1 << 26;
    /// A subclass of bytes.
    pub const BYTES_SUBCLASS: usize = 1 << 27;
    /// A subclass of str.
    pub const UNICODE_SUBCLASS: usize = 1 << 28;
    /// A subclass of dict.
    pub const DICT_SUBCLASS: usize = 1 << 29;
    /// A subclass of BaseException.
    pub const BASE_EXC_SUBCLASS: usize = 1 << 30;
    /// A subclass of type.
    pub const TYPE_SUBCLASS: usize = 1 << 31;
    /// Set in CPython's types since 3.11 (`Py_TPFLAGS_HAVE_STACKLESS_EXTENSION` is 0; bit 0 was `HAVE_FINALIZE`, bit 18
    /// `HAVE_VERSION_TAG`).
    pub const DEFAULT: usize = 0;
}

/// What `#[pymethods]` declares of a type.
#[derive(Clone, Copy)]
pub struct TypeSpec {
    /// The methods, in tables.
    pub methods: &'static [&'static [MethodDef]],
    /// The computed attributes, in tables.
    pub getsets: &'static [&'static [GetSetDef]],
    /// The members, in tables.
    pub members: &'static [&'static [MemberDef]],
}

/// The slots and tables of a type, which `#[pymethods]` implements.
pub trait TypeMethods {
    /// The tables.
    const SPEC: TypeSpec;
    /// Slots of the type itself.
    const SLOTS: TypeSlots;
    /// The number suite.
    const NUMBER: NumberMethods;
    /// The sequence suite.
    const SEQUENCE: SequenceMethods;
    /// The mapping suite.
    const MAPPING: MappingMethods;
    /// The asynchronous suite.
    const ASYNC: AsyncMethods;
    /// The buffer suite.
    const BUFFER: BufferMethods;
}

/// A built-in type: the type object and the tables that it is readied from.
///
/// It begins with the layout of a heap type, for CPython makes many of its built-in types at run time: such a type stands in a
/// [`Headed`] static, has the flag HEAPTYPE, and is one in every other way too: its references are counted, its instances hold one, and
/// the collector knows it. The static itself holds a reference, as CPython's module states do, so that it never dies.
#[repr(C)]
pub struct StaticType {
    /// The type object.
    pub ty: Type,
    /// The asynchronous suite.
    pub asynchronous: AsyncMethods,
    /// The number suite.
    pub number: NumberMethods,
    /// The mapping suite.
    pub mapping: MappingMethods,
    /// The sequence suite.
    pub sequence: SequenceMethods,
    /// The buffer suite.
    pub buffer: BufferMethods,
    /// What else a heap type has: `ht_name` to `ht_getitem`.
    rest: [Field; 7],
    /// Methods, computed attributes and members.
    pub spec: TypeSpec,
    /// Whether a heap type refers to the module that has it.
    is_bound: bool,
}

/// A static object that the collector knows, behind its head.
#[repr(C)]
pub struct Headed<T> {
    head: crate::gc::head::GcHead,
    /// The object.
    pub of: T,
}

// SAFETY: as for the object; the head is changed by the thread that has the interpreter's lock.
unsafe impl<T: Sync> Sync for Headed<T> {}

impl<T> Headed<T> {
    /// An object that is not tracked yet.
    pub const fn new(of: T) -> Headed<T> {
        Headed { head: crate::gc::head::GcHead { next: Cell::new(0), prev: Cell::new(0) }, of }
    }
}

// SAFETY: a static type is written while it is readied, by the one thread that starts the process or first uses the type under
// its lock; after that only reference counts change, which start at SHARED_REFCOUNT.
unsafe impl Sync for StaticType {}

/// The facts that `#[pytype]` states of a built-in type.
pub struct TypeFacts {
    /// The name with its module before a dot, ended by NUL; without a dot the module is builtins.
    pub name: &'static CStr,
    /// The docstring.
    pub doc: Option<&'static CStr>,
    /// The size of an instance.
    pub basicsize: usize,
    /// The size of an item.
    pub itemsize: usize,
    /// The flags beyond those that are inherited.
    pub flags: usize,
    /// The base; null for object, which is then filled in.
    pub base: Option<&'static StaticType>,
    /// Where the dictionary stands, or 0.
    pub dictoffset: isize,
    /// Where the weak references stand, or 0.
    pub weaklistoffset: isize,
    /// Where the vectorcall function stands, or 0.
    pub vectorcall_offset: isize,
}

impl StaticType {
    /// The static type with the facts `facts`, the metatype `metatype` and the tables of `M`.
    pub const fn new<M: TypeMethods>(metatype: *const Type, facts: TypeFacts) -> StaticType {
        let slots = M::SLOTS;
        let is_heap = facts.flags & flags::HEAPTYPE != 0;
        let ty = Type {
            base: if is_heap { VarObject::header(metatype, 0) } else { VarObject::shared_header(metatype, 0) },
            tp_name: Cell::new(facts.name.as_ptr()),
            tp_basicsize: Cell::new(facts.basicsize as isize),
            tp_itemsize: Cell::new(facts.itemsize as isize),
            tp_dealloc: slots.tp_dealloc,
            tp_vectorcall_offset: Cell::new(facts.vectorcall_offset),
            tp_getattr: Cell::new(None),
            tp_setattr: Cell::new(None),
            tp_as_async: Cell::new(std::ptr::null()),
            tp_repr: slots.tp_repr,
            tp_as_number: Cell::new(std::ptr::null()),
            tp_as_sequence: Cell::new(std::ptr::null()),
            tp_as_mapping: Cell::new(std::ptr::null()),
            tp_hash: slots.tp_hash,
            tp_call: slots.tp_call,
            tp_str: slots.tp_str,
            tp_getattro: slots.tp_getattro,
            tp_setattro: slots.tp_setattro,
            tp_as_buffer: Cell::new(std::ptr::null()),
            tp_flags: Cell::new(facts.flags),
            tp_doc: Cell::new(match facts.doc {
                Some(doc) => doc.as_ptr(),
                None => std::ptr::null(),
            }),
            tp_traverse: slots.tp_traverse,
            tp_clear: slots.tp_clear,
            tp_richcompare: slots.tp_richcompare,
            tp_weaklistoffset: Cell::new(facts.weaklistoffset),
            tp_iter: slots.tp_iter,
            tp_iternext: slots.tp_iternext,
            tp_methods: Cell::new(std::ptr::null()),
            tp_members: Cell::new(std::ptr::null()),
            tp_getset: Cell::new(std::ptr::null()),
            tp_base: match facts.base {
                Some(base) => Field::of_static(&base.ty),
                None => Field::empty(),
            },
            tp_dict: Field::empty(),
            tp_descr_get: slots.tp_descr_get,
            tp_descr_set: slots.tp_descr_set,
            tp_dictoffset: Cell::new(facts.dictoffset),
            tp_init: slots.tp_init,
            tp_alloc: Cell::new(None),
            tp_new: slots.tp_new,
            tp_free: Cell::new(None),
            tp_is_gc: slots.tp_is_gc,
            tp_bases: Field::empty(),
            tp_mro: Field::empty(),
            tp_cache: Field::empty(),
            tp_subclasses: Field::empty(),
            tp_weaklist: Cell::new(std::ptr::null()),
            tp_del: Cell::new(None),
            tp_version_tag: Cell::new(0),
            tp_finalize: slots.tp_finalize,
            tp_vectorcall: slots.tp_vectorcall,
        };
        StaticType {
            ty,
            asynchronous: M::ASYNC,
            number: M::NUMBER,
            mapping: M::MAPPING,
            sequence: M::SEQUENCE,
            buffer: M::BUFFER,
            rest: [const { Field::empty() }; 7],
            spec: M::SPEC,
            is_bound: false,
        }
    }

    /// The same type as one that refers to the module that has it (`ht_module`).
    pub const fn bound(self) -> StaticType {
        self.bound_if(true)
    }

    /// As `bound` under a condition.
    pub const fn bound_if(mut self, is_bound: bool) -> StaticType {
        self.is_bound = is_bound;
        self
    }

    /// Tells a heap type that is bound which module has it; the first one that says so stays.
    pub fn bind(&self, module: &Object) {
        if self.is_bound
            && let Some(heap) = self.ty.as_heap_type()
            && heap.ht_module.is_empty()
        {
            heap.ht_module.set(Some(module.to_ref()));
        }
    }
}

impl Type {
    /// Whether all bits of `mask` are set in the flags.
    #[inline(always)]
    pub fn has_flag(&self, mask: usize) -> bool {
        self.tp_flags.get() & mask == mask
    }

    /// `tp_name` as text: for static types with the module before a dot.
    pub fn full_name(&self) -> &str {
        // SAFETY: tp_name is set before a type is used, and is UTF-8 ended by NUL (checked where types are made).
        unsafe { CStr::from_ptr(self.tp_name.get()) }.to_str().unwrap_or("?")
    }

    /// The name without the module.
    pub fn name(&self) -> &str {
        let full = self.full_name();
        // A class owns its name, which may have a dot; the name of a type in Rust begins with its module.
        let is_class = self.as_heap_type().is_some_and(|heap| !heap.ht_tpname.get().is_null());
        if is_class { full } else { full.rsplit('.').next().unwrap_or(full) }
    }

    /// Whether this type is `other` or has it in its method resolution order.
    pub fn is_subtype(&self, other: &Type) -> bool {
        if std::ptr::eq(self, other) {
            return true;
        }
        // SAFETY: the borrow ends within this function, which runs no Python code.
        if let Some(mro) = unsafe { self.tp_mro.borrow() } {
            return mro.as_slice().iter().any(|entry| std::ptr::addr_eq(std::ptr::from_ref(&**entry), other));
        }
        // Not readied yet: follow the bases.
        let mut ty = self;
        // SAFETY: as above.
        while let Some(base) = unsafe { ty.tp_base.borrow() } {
            if std::ptr::eq(base, other) {
                return true;
            }
            ty = base;
        }
        false
    }

    /// The number suite.
    #[inline(always)]
    pub fn number(&self) -> Option<&NumberMethods> {
        // SAFETY: null or a suite that lives as long as the type.
        unsafe { self.tp_as_number.get().as_ref() }
    }

    /// The sequence suite.
    #[inline(always)]
    pub fn sequence(&self) -> Option<&SequenceMethods> {
        // SAFETY: null or a suite that lives as long as the type.
        unsafe { self.tp_as_sequence.get().as_ref() }
    }

    /// The mapping suite.
    #[inline(always)]
    pub fn mapping(&self) -> Option<&MappingMethods> {
        // SAFETY: null or a suite that lives as long as the type.
        unsafe { self.tp_as_mapping.get().as_ref() }
    }

    /// The asynchronous suite.
    #[inline(always)]
    pub fn asynchronous(&self) -> Option<&AsyncMethods> {
        // SAFETY: null or a suite that lives as long as the type.
        unsafe { self.tp_as_async.get().as_ref() }
    }

    /// The buffer suite.
    #[inline(always)]
    pub fn buffer(&self) -> Option<&BufferMethods> {
        // SAFETY: null or a suite that lives as long as the type.
        unsafe { self.tp_as_buffer.get().as_ref() }
    }

    /// The type as a heap type, when it was made at run time.
    #[inline(always)]
    pub fn as_heap_type(&self) -> Option<&HeapType> {
        // SAFETY: types with the flag are allocated with the larger layout.
        self.has_flag(flags::HEAPTYPE).then(|| unsafe { &*std::ptr::from_ref(self).cast::<HeapType>() })
    }

    /// The bytes before an instance's header: dictionary, values and GC head.
    #[inline(always)]
    pub fn preheader_size(&self) -> usize {
        let flags = self.tp_flags.get();
        (if flags & flags::HAVE_GC != 0 { 16 } else { 0 }) + (if flags & flags::MANAGED_DICT != 0 { 16 } else { 0 })
    }
}

impl AsRef<Object> for HeapType {
    fn as_ref(&self) -> &Object {
        &self.ty.base.base
    }
}

/// A pointer to memory of a C string; null for none.
pub type CText = *const c_char;
/// An untyped pointer.
pub type Opaque = *mut c_void;
