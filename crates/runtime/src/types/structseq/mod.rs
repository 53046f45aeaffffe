//! Named tuples made in C (`PyStructSequence`): tuples whose items are attributes too, such as `os.stat_result`.
//!
//! The length of such a tuple counts its visible fields alone; further fields stand behind them and are read as attributes. Visible
//! fields may have no name. A type is declared by [`struct_sequence!`](crate::struct_sequence), readied by `ready`, and cannot be
//! subclassed, so that an object of it always has memory for all its fields.

use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;

use crate::gc;
use crate::object::descriptor_tables::{METH_NOARGS, MethodFunction, READONLY, T_OBJECT};
use crate::object::slots::TypeSlots;
use crate::object::visit::VisitProc;
use crate::object::{MemberDef, MethodDef, Object, Raised, Ref, StaticType, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::singletons::none;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The bytes before the items.
const HEADER: usize = size_of::<Tuple>();

/// A field: its name, if it has one, and its docstring.
pub type FieldText = (Option<&'static CStr>, Option<&'static CStr>);

/// A type of named tuples with its fields.
#[repr(C)]
pub struct StructSequence {
    /// The type object and its tables.
    pub ty: StaticType,
    /// All fields in order.
    pub fields: &'static [FieldText],
    /// Whether CPython makes the objects as tuples, so that the collector knows them; of others it knows those that Python code makes.
    pub is_tracked: bool,
    /// How many of them, from the first, are items of the tuple.
    pub visible: usize,
    /// Fills in fields that a caller of the type left out.
    pub complete: Option<fn(&mut [Ref])>,
}

// SAFETY: as for StaticType; the rest is constant.
unsafe impl Sync for StructSequence {}

/// How many fields have a name.
pub const fn named(fields: &[FieldText]) -> usize {
    let (mut index, mut count) = (0, 0);
    while index < fields.len() {
        if fields[index].0.is_some() {
            count += 1;
        }
        index += 1;
    }
    count
}

/// The members of the fields that have names.
pub const fn members<const N: usize>(fields: &[FieldText]) -> [MemberDef; N] {
    let nothing = MemberDef { name: c"".as_ptr(), kind: T_OBJECT, offset: 0, flags: READONLY, doc: std::ptr::null() };
    let mut all = [nothing; N];
    let (mut index, mut at) = (0, 0);
    while index < fields.len() {
        if let (Some(name), doc) = fields[index] {
            all[at].name = name.as_ptr();
            all[at].offset = (HEADER + index * 8) as isize;
            if let Some(doc) = doc {
                all[at].doc = doc.as_ptr();
            }
            at += 1;
        }
        index += 1;
    }
    all
}

/// The methods of every such type.
pub static METHODS: [MethodDef; 1] = [MethodDef {
    name: c"__reduce__".as_ptr(),
    function: MethodFunction { one: reduce },
    flags: METH_NOARGS,
    doc: std::ptr::null(),
}];

/// The slots of every such type.
#[allow(clippy::declare_interior_mutable_const, reason = "a template for the slots of static types")]
pub const SLOTS: TypeSlots = {
    use std::cell::Cell;
    TypeSlots {
        tp_new: Cell::new(Some(new)),
        tp_dealloc: Cell::new(Some(dealloc)),
        tp_traverse: Cell::new(Some(traverse)),
        tp_repr: Cell::new(Some(repr)),
        ..TypeSlots::EMPTY
    }
};

/// Declares a type of named tuples, which is a heap type where `heap` comes first: `struct_sequence! { doc "Docstring" pub static STAT_RESULT = "os.stat_result", visible 10,
/// { st_mode: "protection bits", _: "integer time", f_x } }`. A field is a name or `_`, and may have a docstring. After the number of
/// visible fields may come `basicsize BYTES` for a subclass of tuple, whose objects are tracked, `complete FUNCTION`, and `no_new true` for types that Python cannot call, or `new SLOT`.
#[macro_export]
macro_rules! struct_sequence {
    (heap doc $doc:literal $vis:vis static $static:ident = $name:literal, $($rest:tt)*) => {
        #[doc = concat!("The type `", $name, "`.")]
        $vis static $static: &$crate::types::structseq::StructSequence = {
            static HEADED: $crate::object::Headed<$crate::types::structseq::StructSequence> =
                $crate::object::Headed::new($crate::struct_sequence!(@value HEAPTYPE, $doc, $name, $($rest)*));
            &HEADED.of
        };
    };
    (doc $doc:literal $vis:vis static $static:ident = $name:literal, $($rest:tt)*) => {
        #[doc = concat!("The type `", $name, "`.")]
        $vis static $static: $crate::types::structseq::StructSequence =
            $crate::struct_sequence!(@value DEFAULT, $doc, $name, $($rest)*);
    };
    (
        @value $heap:ident, $doc:literal, $name:literal, visible $visible:expr,
        $(basicsize $basicsize:literal,)? $(complete $complete:expr,)? $(no_new $no_new:literal,)? $(new $new:path,)?
        { $($field:tt $(: $text:literal)?),* $(,)? }
    ) => {
        {
            use $crate::object::slots::*;
            use $crate::object::typeobject::{StaticType, TypeFacts, TypeMethods, TypeSpec, flags};
            use $crate::object::MemberDef;
            use $crate::types::structseq::{self, FieldText};
            const FIELDS: &[FieldText] =
                &[$(($crate::struct_sequence!(@name $field), $crate::struct_sequence!(@text $($text)?))),*];
            const MEMBERS: &[MemberDef] = &structseq::members::<{ structseq::named(FIELDS) }>(FIELDS);
            struct Tables;
            #[allow(clippy::declare_interior_mutable_const)]
            impl TypeMethods for Tables {
                const SPEC: TypeSpec =
                    TypeSpec { methods: &[&structseq::METHODS], getsets: &[], members: &[MEMBERS] };
                const SLOTS: TypeSlots = TypeSlots {
                    $(tp_new: { let _: bool = $no_new; ::std::cell::Cell::new(None) },)?
                    $(tp_new: ::std::cell::Cell::new(Some($new)),)?
                    ..structseq::SLOTS
                };
                const NUMBER: NumberMethods = NumberMethods::EMPTY;
                const SEQUENCE: SequenceMethods = SequenceMethods::EMPTY;
                const MAPPING: MappingMethods = MappingMethods::EMPTY;
                const ASYNC: AsyncMethods = AsyncMethods::EMPTY;
                const BUFFER: BufferMethods = BufferMethods::EMPTY;
            }
            #[allow(unused_mut, unused_assignments)]
            structseq::StructSequence {
                ty: StaticType::new::<Tables>(
                    &raw const $crate::types::type_::TYPE_TYPE.ty,
                    TypeFacts {
                        name: structseq::c_text(concat!($name, "\0")),
                        doc: Some(structseq::c_text(concat!($doc, "\0"))),
                        basicsize: { let mut size = 24; $(size = $basicsize;)? size },
                        itemsize: 8,
                        flags: flags::HAVE_GC | flags::TUPLE_SUBCLASS | flags::$heap
                            $(| if $no_new { flags::DISALLOW_INSTANTIATION } else { 0 })?,
                        base: Some(&$crate::types::tuple::TUPLE_TYPE),
                        dictoffset: 0,
                        weaklistoffset: 0,
                        vectorcall_offset: 0,
                    },
                ),
                fields: FIELDS,
                is_tracked: { let mut is = false; $(is = $basicsize != 24;)? is },
                visible: $visible,
                complete: { let mut complete: Option<fn(&mut [$crate::object::Ref])> = None; $(complete = Some($complete);)? complete },
            }
        }
    };
    (@name _) => { None };
    (@name $field:ident) => { Some($crate::types::structseq::c_text(concat!(stringify!($field), "\0"))) };
    (@text) => { None };
    (@text $text:literal) => { Some($crate::types::structseq::c_text(concat!($text, "\0"))) };
}

/// A literal that ends with NUL as a C string.
pub const fn c_text(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    }
}

impl StructSequence {
    /// The type object.
    pub fn type_object(&'static self) -> &'static Type {
        &self.ty.ty
    }

    /// Readies the type, with the numbers of its fields among its attributes; once is enough.
    pub fn ready(&'static self) -> Result<(), Raised> {
        crate::types::type_::ready::ready_static(&self.ty)?;
        self.describe(&self.ty.ty)
    }

    /// Puts the numbers of the fields among a type's attributes.
    fn describe(&self, ty: &Type) -> Result<(), Raised> {
        use crate::types::int::Int;
        let Some(dict) = ty.tp_dict.get() else { return Ok(()) };
        let unnamed = self.fields.len() - named(self.fields);
        for (name, count) in
            [("n_sequence_fields", self.visible), ("n_fields", self.fields.len()), ("n_unnamed_fields", unnamed)]
        {
            dict.set_str(name, &*Int::from_u64(count as u64)?)?;
        }
        let names = || self.fields[..self.visible].iter().filter_map(|field| field.0);
        let mut names_left = names();
        let match_args = Tuple::build(names().count(), |_| {
            Ok(Str::intern(names_left.next().and_then(|name| name.to_str().ok()).unwrap_or(""))?.into_object())
        })?;
        dict.set(crate::id!(__match_args__), &match_args)
    }

    /// A tuple whose fields `value` gives in order, the invisible ones last.
    pub fn build(&'static self, mut value: impl FnMut(usize) -> Result<Ref, Raised>) -> Result<Ref<Tuple>, Raised> {
        let mut values = habu_heap::Buffer::<Ref>::new();
        for index in 0..self.fields.len() {
            values.push(value(index)?)?;
        }
        self.from_values(values)
    }

    /// A tuple of these fields: as many as the type has; what is missing is None.
    pub fn from_values(&'static self, mut values: habu_heap::Buffer<Ref>) -> Result<Ref<Tuple>, Raised> {
        let count = self.fields.len();
        while values.len() < count {
            values.push(none())?;
        }
        let memory = crate::object::allocate::raw_memory(16, size_of_fields(self.type_object(), count), true)?;
        let items = place(memory);
        // SAFETY: the memory has room for the header and all fields; nothing sees the object before it is complete.
        unsafe {
            memory
                .cast::<crate::object::VarObject>()
                .write(crate::object::VarObject::header(self.type_object(), self.visible as isize));
            for (index, value) in values.into_iter().take(count).enumerate() {
                items.add(index).write(value);
            }
            crate::object::allocate::own_type(self.type_object());
            let object = Ref::from_owned(memory.cast::<Tuple>());
            if self.is_tracked {
                gc::track(&object);
            }
            Ok(object)
        }
    }

    /// A type of named tuples that an extension describes; it lives as long as the process (`PyStructSequence_NewType`).
    pub fn leaked(
        name: &'static CStr,
        doc: Option<&'static CStr>,
        fields: &'static [FieldText],
        visible: usize,
        flags: usize,
    ) -> Result<&'static StructSequence, Raised> {
        use crate::object::typeobject::{TypeFacts, flags::*};
        let mut members = vec![];
        for (index, (name, doc)) in fields.iter().enumerate() {
            if let Some(name) = name {
                members.push(MemberDef {
                    name: name.as_ptr(),
                    kind: T_OBJECT,
                    offset: (HEADER + index * 8) as isize,
                    flags: READONLY,
                    doc: doc.map_or(std::ptr::null(), CStr::as_ptr),
                });
            }
        }
        let members: &'static [MemberDef] = Box::leak(members.into_boxed_slice());
        let members: &'static [&'static [MemberDef]] = Box::leak(vec![members].into_boxed_slice());
        let facts = TypeFacts {
            name,
            doc,
            basicsize: 24,
            itemsize: 8,
            flags: HEAPTYPE | HAVE_GC | TUPLE_SUBCLASS | flags,
            base: Some(&crate::types::tuple::TUPLE_TYPE),
            dictoffset: 0,
            weaklistoffset: 0,
            vectorcall_offset: 0,
        };
        let mut ty = StaticType::new::<Plain>(&raw const crate::types::type_::TYPE_TYPE.ty, facts);
        ty.spec.members = members;
        let made =
            crate::object::Headed::new(StructSequence { ty, fields, is_tracked: false, visible, complete: None });
        let made = &Box::leak(Box::new(made)).of;
        made.ready()?;
        Ok(made)
    }

    /// Makes a type object that C code has in memory of its own, all zero but for its header, a type of this kind
    /// (`PyStructSequence_InitType`).
    pub fn adopt(&'static self, ty: &'static Type) -> Result<(), Raised> {
        let own = &self.ty.ty;
        let ends = MemberDef { name: std::ptr::null(), kind: 0, offset: 0, flags: 0, doc: std::ptr::null() };
        let members: Vec<MemberDef> =
            self.ty.spec.members.iter().copied().flatten().copied().chain(std::iter::once(ends)).collect();
        ty.tp_name.set(own.tp_name.get());
        ty.tp_doc.set(own.tp_doc.get());
        ty.tp_basicsize.set(own.tp_basicsize.get());
        ty.tp_itemsize.set(own.tp_itemsize.get());
        ty.tp_flags.set(crate::object::typeobject::flags::HAVE_GC);
        ty.tp_base.set(own.tp_base.get());
        ty.tp_new.set(own.tp_new.get());
        ty.tp_dealloc.set(own.tp_dealloc.get());
        ty.tp_traverse.set(own.tp_traverse.get());
        ty.tp_repr.set(own.tp_repr.get());
        ty.tp_methods.set(FOREIGN_METHODS.as_ptr());
        ty.tp_members.set(Vec::leak(members).as_ptr());
        if let Ok(mut foreign) = FOREIGN.lock() {
            foreign.push((std::ptr::from_ref(ty) as usize, self));
        }
        crate::types::type_::ready::ready(ty)?;
        self.describe(ty)
    }

    /// An object of a type of this kind with all fields null, which C code fills before any other code sees it.
    pub fn unfilled(ty: &Type) -> Result<Ref, Raised> {
        if ty.tp_dealloc.get().map(|slot| slot as usize) != Some(dealloc as *const () as usize) {
            return Err(raise!(SystemError, "bad argument to internal function"));
        }
        // SAFETY: types with this slot are of this kind.
        let kind = unsafe { StructSequence::of(ty) };
        let count = kind.fields.len();
        let memory = crate::object::allocate::raw_memory(16, size_of_fields(ty, count), true)?;
        // SAFETY: the memory has room for the header and all fields.
        unsafe {
            memory
                .cast::<crate::object::VarObject>()
                .write(crate::object::VarObject::header(ty, kind.visible as isize));
            place(memory).cast::<usize>().write_bytes(0, count);
            crate::object::allocate::own_type(ty);
            Ok(Ref::from_owned(memory.cast::<Object>()))
        }
    }

    /// The place of the field at `index`, hidden ones included, of an object of a type of this kind.
    pub fn place_of(object: &Object, index: usize) -> Option<NonNull<Option<Ref>>> {
        if object.ty().tp_dealloc.get().map(|slot| slot as usize) != Some(dealloc as *const () as usize) {
            return None;
        }
        // SAFETY: types with this slot are of this kind; the index is checked.
        unsafe {
            let count = StructSequence::of(object.ty()).fields.len();
            (index < count).then(|| place(object.as_pointer()).add(index).cast())
        }
    }

    /// The description of a type of this kind.
    ///
    /// # Safety
    /// The type is one that `struct_sequence!` declared.
    unsafe fn of(ty: &Type) -> &'static StructSequence {
        // Only the type objects that C code has in its own memory have tables of C.
        if !ty.tp_members.get().is_null()
            && let Some(known) = foreign(ty)
        {
            return known;
        }
        // SAFETY: such a type object stands at the start of its description, which is static.
        unsafe { &*std::ptr::from_ref(ty).cast::<StructSequence>() }
    }

    /// The name of the field at `index`.
    fn field_name(&self, index: usize) -> &'static str {
        self.fields.get(index).and_then(|field| field.0).and_then(|name| name.to_str().ok()).unwrap_or("")
    }
}

/// The type objects in memory of C code, with their descriptions.
static FOREIGN: std::sync::Mutex<Vec<(usize, &'static StructSequence)>> = std::sync::Mutex::new(Vec::new());

/// The methods of those, with the end that a C table has.
static FOREIGN_METHODS: [MethodDef; 2] = [
    MethodDef {
        name: c"__reduce__".as_ptr(),
        function: MethodFunction { one: reduce },
        flags: METH_NOARGS,
        doc: std::ptr::null(),
    },
    MethodDef {
        name: std::ptr::null(),
        function: MethodFunction { one: reduce },
        flags: METH_NOARGS,
        doc: std::ptr::null(),
    },
];

/// The description of a type object in memory of C code.
#[cold]
fn foreign(ty: &Type) -> Option<&'static StructSequence> {
    let known = FOREIGN.lock().ok()?;
    known.iter().find(|known| known.0 == std::ptr::from_ref(ty) as usize).map(|known| known.1)
}

/// The tables of types that extensions describe.
struct Plain;

#[allow(clippy::declare_interior_mutable_const)]
impl crate::object::TypeMethods for Plain {
    const SPEC: crate::object::TypeSpec = crate::object::TypeSpec { methods: &[&METHODS], getsets: &[], members: &[] };
    const SLOTS: TypeSlots = SLOTS;
    const NUMBER: crate::object::slots::NumberMethods = crate::object::slots::NumberMethods::EMPTY;
    const SEQUENCE: crate::object::slots::SequenceMethods = crate::object::slots::SequenceMethods::EMPTY;
    const MAPPING: crate::object::slots::MappingMethods = crate::object::slots::MappingMethods::EMPTY;
    const ASYNC: crate::object::slots::AsyncMethods = crate::object::slots::AsyncMethods::EMPTY;
    const BUFFER: crate::object::slots::BufferMethods = crate::object::slots::BufferMethods::EMPTY;
}

/// The bytes of an object of `count` fields.
fn size_of_fields(ty: &Type, count: usize) -> usize {
    ty.tp_basicsize.get() as usize + 8 * count
}

/// Where the items stand.
fn place(object: NonNull<Object>) -> NonNull<Ref> {
    // SAFETY: within the object, or one past its end.
    unsafe { object.cast::<u8>().add(HEADER).cast() }
}

/// All fields of an object.
///
/// # Safety
/// The object's type is one that `struct_sequence!` declared.
unsafe fn all_fields(object: &Object) -> &[Ref] {
    // SAFETY: by the contract the object has memory for all fields, which are set before it is seen and never change.
    unsafe {
        let count = StructSequence::of(object.ty()).fields.len();
        std::slice::from_raw_parts(place(object.as_pointer()).as_ptr(), count)
    }
}

/// The field at `index` of an object of `kind`, hidden ones included.
pub fn field(kind: &'static StructSequence, object: &Object, index: usize) -> Option<Ref> {
    if !std::ptr::eq(object.ty(), kind.type_object()) {
        return None;
    }
    // SAFETY: the type was compared.
    unsafe { all_fields(object) }.get(index).cloned()
}

/// # Safety
/// As `tp_dealloc`.
unsafe extern "C" fn dealloc(object: NonNull<Object>) {
    // SAFETY: by the contract the object is intact and ends here; its memory has this size.
    unsafe {
        gc::untrack(object.as_ref());
        crate::object::dealloc::with_trashcan(object, |object| {
            let ty = object.as_ref().type_ref();
            let count = StructSequence::of(&ty).fields.len();
            for index in 0..count {
                // A field that C code has not filled is null.
                place(object).add(index).cast::<Option<Ref>>().drop_in_place();
            }
            crate::object::allocate::free_memory(object, 16, size_of_fields(&ty, count));
            crate::types::type_::instance::disown_type(&ty);
        });
    }
}

/// # Safety
/// As `tp_traverse`.
unsafe extern "C" fn traverse(object: &Object, function: VisitProc, argument: *mut c_void) -> c_int {
    if object.ty().has_flag(crate::object::typeobject::flags::HEAPTYPE) {
        // SAFETY: the visitor came with this argument.
        match unsafe { function(object.ty(), argument) } {
            0 => {}
            code => return code,
        }
    }
    // SAFETY: the slot is only in types of this kind.
    let fields = unsafe { all_fields(object) };
    // SAFETY: as many fields; one that C code has not filled yet is null.
    let fields = unsafe { std::slice::from_raw_parts(fields.as_ptr().cast::<Option<Ref>>(), fields.len()) };
    for value in fields.iter().flatten() {
        // SAFETY: the visitor came with this argument.
        match unsafe { function(value, argument) } {
            0 => {}
            code => return code,
        }
    }
    0
}

/// # Safety
/// As `tp_repr`.
unsafe extern "C" fn repr(object: &Object) -> Result<Ref, Raised> {
    // SAFETY: the slot is only in types of this kind.
    let (kind, values) = unsafe { (StructSequence::of(object.ty()), all_fields(object)) };
    let mut text = crate::object::protocol::TextBuilder::new();
    text.push_ascii(object.ty().full_name())?;
    text.push_ascii("(")?;
    // Names are those of the first named fields, also where an item in between has none.
    let mut names = kind.fields.iter().filter_map(|field| field.0);
    for (index, value) in values[..kind.visible].iter().enumerate() {
        if index > 0 {
            text.push_ascii(", ")?;
        }
        text.push_ascii(names.next().and_then(|name| name.to_str().ok()).unwrap_or(""))?;
        text.push_ascii("=")?;
        text.push(&*crate::object::protocol::repr(value)?)?;
    }
    text.push_ascii(")")?;
    Ok(text.finish()?.into_object())
}

/// # Safety
/// As a method without arguments.
unsafe extern "C" fn reduce(object: Option<&Object>, _: Option<&Object>) -> Result<Ref, Raised> {
    let Some(object) = object else { return Err(raise!(SystemError, "bad argument to internal function")) };
    // SAFETY: the method is only in types of this kind, and descriptors check their receiver.
    let (kind, values) = unsafe { (StructSequence::of(object.ty()), all_fields(object)) };
    let items = Tuple::from_slice(&values[..kind.visible])?;
    let hidden = Dict::new()?;
    for (index, value) in values.iter().enumerate().skip(kind.visible) {
        hidden.set_str(kind.field_name(index), value)?;
    }
    let arguments = Tuple::from_refs([items.into_object(), hidden.into_object()])?;
    Ok(Tuple::from_refs([object.type_ref().into_object(), arguments.into_object()])?.into_object())
}

/// The arguments of a call of the type: a sequence, and perhaps a dictionary.
fn arguments(args: &Tuple, kwargs: Option<&Dict>) -> Result<(Ref, Option<Ref>), Raised> {
    let given = args.len() + kwargs.map_or(0, Dict::len);
    if given > 2 {
        return Err(raise!(TypeError, "structseq() takes at most 2 arguments ({given} given)"));
    }
    let (mut sequence, mut dict) = (args.get(0), args.get(1));
    let mut at = 0;
    while let Some((name, value)) = kwargs.and_then(|kwargs| kwargs.next_item(&mut at)) {
        let text = name.downcast::<Str>();
        let place = if text.is_some_and(|text| text.equals("sequence")) {
            &mut sequence
        } else if text.is_some_and(|text| text.equals("dict")) {
            &mut dict
        } else {
            let name = crate::object::protocol::str(&name)?;
            return Err(raise!(TypeError, "'{name}' is an invalid keyword argument for structseq()"));
        };
        if place.is_some() {
            let name = crate::object::protocol::str(&name)?;
            return Err(raise!(TypeError, "argument for structseq() given by name ('{name}') and position (1)"));
        }
        *place = Some(value);
    }
    match sequence {
        Some(sequence) => Ok((sequence, dict)),
        None => Err(raise!(TypeError, "structseq() missing required argument 'sequence' (pos 1)")),
    }
}

/// # Safety
/// As `tp_new`.
unsafe extern "C" fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
    // SAFETY: the slot is only in types of this kind, which have no subclasses.
    let kind = unsafe { StructSequence::of(cls) };
    let (sequence, dict) = arguments(args, kwargs)?;
    let mut values = crate::object::protocol::sequence::fast_items(&sequence, "constructor requires a sequence")?;
    let (least, most, count) = (kind.visible, kind.fields.len(), values.len());
    let dict = match dict {
        None => None,
        Some(dict) => match dict.downcast_into::<Dict>() {
            Ok(dict) => Some(dict),
            Err(_) => {
                return Err(raise!(TypeError, "{}() takes a dict as second arg, if any", cls.full_name()));
            }
        },
    };
    if count < least || count > most {
        let name = cls.full_name();
        return Err(if least == most {
            raise!(TypeError, "{name}() takes a {least}-sequence ({count}-sequence given)")
        } else if count < least {
            raise!(TypeError, "{name}() takes an at least {least}-sequence ({count}-sequence given)")
        } else {
            raise!(TypeError, "{name}() takes an at most {most}-sequence ({count}-sequence given)")
        });
    }
    for index in count..most {
        let value = match &dict {
            Some(dict) => dict.get_str(kind.field_name(index))?,
            None => None,
        };
        values.push(value.unwrap_or_else(none))?;
    }
    if let Some(complete) = kind.complete {
        complete(&mut values);
    }
    let made = kind.from_values(values)?;
    // As in CPython: the collector knows those alone that Python code makes.
    gc::track(&made);
    Ok(made.into_object())
}

#[cfg(test)]
mod tests;
