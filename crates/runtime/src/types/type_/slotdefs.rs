//! Which special method stands for which slot: one table, for both directions.
//!
//! A built-in type's slot becomes a *slot wrapper* in its dictionary (`int.__add__`); a class statement's method fills the slot with
//! a *slot function* that calls it.

use std::ptr::NonNull;

use super::slot_functions as functions;
use super::wrappers as wrap;
use crate::id;
use crate::object::slots::*;
use crate::object::{HeapType, Object, Raised, Ref, Type};
use crate::types::descriptor::wrapper::WrapperDescriptor;
use crate::types::dict::Dict;
use crate::types::str::Str;

/// A function of some slot, untyped.
pub type AnyFunction = NonNull<()>;

/// How a wrapper calls its slot: the slot's function, the receiver, the arguments and the named ones.
pub type Wrapper = fn(AnyFunction, &Object, &[&Object], Option<&Dict>) -> Result<Ref, Raised>;

/// One special method and its slot.
pub struct SlotDef {
    /// The special method.
    pub name: &'static str,
    /// Its name as an interned string.
    text: &'static Str,
    /// Its docstring with the text signature.
    pub doc: &'static str,
    /// Reads the slot.
    pub get: fn(&Type) -> Option<AnyFunction>,
    /// Fills or empties the slot of a type made at run time.
    pub set: fn(&HeapType, Option<AnyFunction>),
    /// Which slot: definitions of one slot have the same number.
    pub slot: usize,
    /// The slot function that calls the special method, where there is one.
    pub function: Option<AnyFunction>,
    /// What a wrapper of the slot does; nothing where none is made.
    pub wrapper: Option<Wrapper>,
    /// The wrapper takes named arguments.
    pub keywords: bool,
}

// SAFETY: the pointers are to functions.
unsafe impl Sync for SlotDef {}

/// The address of a function as an untyped one.
macro_rules! any {
    ($function:expr, $ty:ty) => {{
        let function: $ty = $function;
        // SAFETY: a function's address is not null; both are one pointer.
        unsafe { std::mem::transmute::<$ty, AnyFunction>(function) }
    }};
}

/// The accessors of a slot in the type itself or in a suite.
macro_rules! accessors {
    ([ty], $slot:ident, $function:ty) => {
        (
            |ty: &Type| ty.$slot.get().map(|function| any!(function, $function)),
            |ty: &HeapType, function: Option<AnyFunction>| {
                ty.ty.$slot.set(function.map(|function| {
                    // SAFETY: only functions of this slot's type are stored through its definition.
                    unsafe { std::mem::transmute::<AnyFunction, $function>(function) }
                }))
            },
        )
    };
    ([$suite:ident $own:ident], $slot:ident, $function:ty) => {
        (
            |ty: &Type| ty.$suite().and_then(|suite| suite.$slot.get()).map(|function| any!(function, $function)),
            |ty: &HeapType, function: Option<AnyFunction>| {
                ty.$own.$slot.set(function.map(|function| {
                    // SAFETY: as above.
                    unsafe { std::mem::transmute::<AnyFunction, $function>(function) }
                }))
            },
        )
    };
}

macro_rules! slot_table {
    ($($place:tt $slot:ident : $kind:ty { $($name:ident => $function:expr, $wrapper:expr, $doc:literal;)* })*) => {
        /// All definitions; those of one slot stand together.
        pub static SLOT_DEFS: &[SlotDef] = &[
            $($(
                SlotDef {
                    name: stringify!($name),
                    text: id!($name),
                    doc: $doc,
                    get: accessors!($place, $slot, $kind).0,
                    set: accessors!($place, $slot, $kind).1,
                    slot: slot_number(stringify!($slot)),
                    function: {
                        const FUNCTION: Option<$kind> = $function;
                        match FUNCTION { Some(function) => Some(any!(function, $kind)), None => None }
                    },
                    wrapper: $wrapper,
                    keywords: is_keywords(stringify!($name)),
                },
            )*)*
        ];
    };
}

/// A number for a slot's name, the same for the same name.
const fn slot_number(name: &str) -> usize {
    let bytes = name.as_bytes();
    let mut hash = 5381usize;
    let mut index = 0;
    while index < bytes.len() {
        hash = hash.wrapping_mul(33) ^ bytes[index] as usize;
        index += 1;
    }
    hash
}

const fn is_keywords(name: &str) -> bool {
    matches!(name.as_bytes(), b"__init__" | b"__call__")
}

slot_table! {
    [ty] tp_getattro: GetAttroFunc {
        __getattribute__ => Some(functions::getattro), Some(wrap::binary), "__getattribute__($self, name, /)\n--\n\nReturn getattr(self, name).";
        __getattr__ => Some(functions::getattro), None, "";
    }
    [ty] tp_setattro: SetAttroFunc {
        __setattr__ => Some(functions::setattro), Some(wrap::setattr), "__setattr__($self, name, value, /)\n--\n\nImplement setattr(self, name, value).";
        __delattr__ => Some(functions::setattro), Some(wrap::delattr), "__delattr__($self, name, /)\n--\n\nImplement delattr(self, name).";
    }
    [ty] tp_repr: ReprFunc { __repr__ => Some(functions::repr), Some(wrap::unary), "__repr__($self, /)\n--\n\nReturn repr(self)."; }
    [ty] tp_hash: HashFunc { __hash__ => Some(functions::hash), Some(wrap::hash), "__hash__($self, /)\n--\n\nReturn hash(self)."; }
    [ty] tp_call: TernaryFunc { __call__ => Some(functions::call), Some(wrap::call), "__call__($self, /, *args, **kwargs)\n--\n\nCall self as a function."; }
    [ty] tp_str: ReprFunc { __str__ => Some(functions::str), Some(wrap::unary), "__str__($self, /)\n--\n\nReturn str(self)."; }
    [ty] tp_richcompare: RichCmpFunc {
        __lt__ => Some(functions::richcompare), Some(wrap::lt), "__lt__($self, value, /)\n--\n\nReturn self<value.";
        __le__ => Some(functions::richcompare), Some(wrap::le), "__le__($self, value, /)\n--\n\nReturn self<=value.";
        __eq__ => Some(functions::richcompare), Some(wrap::eq), "__eq__($self, value, /)\n--\n\nReturn self==value.";
        __ne__ => Some(functions::richcompare), Some(wrap::ne), "__ne__($self, value, /)\n--\n\nReturn self!=value.";
        __gt__ => Some(functions::richcompare), Some(wrap::gt), "__gt__($self, value, /)\n--\n\nReturn self>value.";
        __ge__ => Some(functions::richcompare), Some(wrap::ge), "__ge__($self, value, /)\n--\n\nReturn self>=value.";
    }
    [ty] tp_iter: GetIterFunc { __iter__ => Some(functions::iter), Some(wrap::unary), "__iter__($self, /)\n--\n\nImplement iter(self)."; }
    [ty] tp_iternext: IterNextFunc { __next__ => Some(functions::iternext), Some(wrap::next), "__next__($self, /)\n--\n\nImplement next(self)."; }
    [ty] tp_descr_get: DescrGetFunc { __get__ => Some(functions::descr_get), Some(wrap::descr_get), "__get__($self, instance, owner=None, /)\n--\n\nReturn an attribute of instance, which is of type owner."; }
    [ty] tp_descr_set: DescrSetFunc {
        __set__ => Some(functions::descr_set), Some(wrap::descr_set), "__set__($self, instance, value, /)\n--\n\nSet an attribute of instance to value.";
        __delete__ => Some(functions::descr_set), Some(wrap::descr_delete), "__delete__($self, instance, /)\n--\n\nDelete an attribute of instance.";
    }
    [ty] tp_init: InitProc { __init__ => Some(functions::init), Some(wrap::init), "__init__($self, /, *args, **kwargs)\n--\n\nInitialize self.  See help(type(self)) for accurate signature."; }
    [ty] tp_new: NewFunc { __new__ => Some(functions::new), None, "__new__(type, /, *args, **kwargs)\n--\n\nCreate and return new object.  See help(type) for accurate signature."; }
    [ty] tp_finalize: Destructor { __del__ => Some(functions::finalize), Some(wrap::del), ""; }
    [asynchronous as_async] am_await: UnaryFunc { __await__ => Some(functions::am_await), Some(wrap::unary), "__await__($self, /)\n--\n\nReturn an iterator to be used in await expression."; }
    [asynchronous as_async] am_aiter: UnaryFunc { __aiter__ => Some(functions::am_aiter), Some(wrap::unary), "__aiter__($self, /)\n--\n\nReturn an awaitable, that resolves in asynchronous iterator."; }
    [asynchronous as_async] am_anext: UnaryFunc { __anext__ => Some(functions::am_anext), Some(wrap::unary), "__anext__($self, /)\n--\n\nReturn a value or raise StopAsyncIteration."; }
    [number as_number] nb_add: BinaryFunc {
        __add__ => Some(functions::nb_add), Some(wrap::binary_left), "__add__($self, value, /)\n--\n\nReturn self+value.";
        __radd__ => Some(functions::nb_add), Some(wrap::binary_right), "__radd__($self, value, /)\n--\n\nReturn value+self.";
    }
    [number as_number] nb_subtract: BinaryFunc {
        __sub__ => Some(functions::nb_subtract), Some(wrap::binary_left), "__sub__($self, value, /)\n--\n\nReturn self-value.";
        __rsub__ => Some(functions::nb_subtract), Some(wrap::binary_right), "__rsub__($self, value, /)\n--\n\nReturn value-self.";
    }
    [number as_number] nb_multiply: BinaryFunc {
        __mul__ => Some(functions::nb_multiply), Some(wrap::binary_left), "__mul__($self, value, /)\n--\n\nReturn self*value.";
        __rmul__ => Some(functions::nb_multiply), Some(wrap::binary_right), "__rmul__($self, value, /)\n--\n\nReturn value*self.";
    }
    [number as_number] nb_remainder: BinaryFunc {
        __mod__ => Some(functions::nb_remainder), Some(wrap::binary_left), "__mod__($self, value, /)\n--\n\nReturn self%value.";
        __rmod__ => Some(functions::nb_remainder), Some(wrap::binary_right), "__rmod__($self, value, /)\n--\n\nReturn value%self.";
    }
    [number as_number] nb_divmod: BinaryFunc {
        __divmod__ => Some(functions::nb_divmod), Some(wrap::binary_left), "__divmod__($self, value, /)\n--\n\nReturn divmod(self, value).";
        __rdivmod__ => Some(functions::nb_divmod), Some(wrap::binary_right), "__rdivmod__($self, value, /)\n--\n\nReturn divmod(value, self).";
    }
    [number as_number] nb_power: TernaryFunc {
        __pow__ => Some(functions::nb_power), Some(wrap::power_left), "__pow__($self, value, mod=None, /)\n--\n\nReturn pow(self, value, mod).";
        __rpow__ => Some(functions::nb_power), Some(wrap::power_right), "__rpow__($self, value, mod=None, /)\n--\n\nReturn pow(value, self, mod).";
    }
    [number as_number] nb_negative: UnaryFunc { __neg__ => Some(functions::nb_negative), Some(wrap::unary), "__neg__($self, /)\n--\n\n-self"; }
    [number as_number] nb_positive: UnaryFunc { __pos__ => Some(functions::nb_positive), Some(wrap::unary), "__pos__($self, /)\n--\n\n+self"; }
    [number as_number] nb_absolute: UnaryFunc { __abs__ => Some(functions::nb_absolute), Some(wrap::unary), "__abs__($self, /)\n--\n\nabs(self)"; }
    [number as_number] nb_bool: Inquiry { __bool__ => Some(functions::nb_bool), Some(wrap::truth), "__bool__($self, /)\n--\n\nTrue if self else False"; }
    [number as_number] nb_invert: UnaryFunc { __invert__ => Some(functions::nb_invert), Some(wrap::unary), "__invert__($self, /)\n--\n\n~self"; }
    [number as_number] nb_lshift: BinaryFunc {
        __lshift__ => Some(functions::nb_lshift), Some(wrap::binary_left), "__lshift__($self, value, /)\n--\n\nReturn self<<value.";
        __rlshift__ => Some(functions::nb_lshift), Some(wrap::binary_right), "__rlshift__($self, value, /)\n--\n\nReturn value<<self.";
    }
    [number as_number] nb_rshift: BinaryFunc {
        __rshift__ => Some(functions::nb_rshift), Some(wrap::binary_left), "__rshift__($self, value, /)\n--\n\nReturn self>>value.";
        __rrshift__ => Some(functions::nb_rshift), Some(wrap::binary_right), "__rrshift__($self, value, /)\n--\n\nReturn value>>self.";
    }
    [number as_number] nb_and: BinaryFunc {
        __and__ => Some(functions::nb_and), Some(wrap::binary_left), "__and__($self, value, /)\n--\n\nReturn self&value.";
        __rand__ => Some(functions::nb_and), Some(wrap::binary_right), "__rand__($self, value, /)\n--\n\nReturn value&self.";
    }
    [number as_number] nb_xor: BinaryFunc {
        __xor__ => Some(functions::nb_xor), Some(wrap::binary_left), "__xor__($self, value, /)\n--\n\nReturn self^value.";
        __rxor__ => Some(functions::nb_xor), Some(wrap::binary_right), "__rxor__($self, value, /)\n--\n\nReturn value^self.";
    }
    [number as_number] nb_or: BinaryFunc {
        __or__ => Some(functions::nb_or), Some(wrap::binary_left), "__or__($self, value, /)\n--\n\nReturn self|value.";
        __ror__ => Some(functions::nb_or), Some(wrap::binary_right), "__ror__($self, value, /)\n--\n\nReturn value|self.";
    }
    [number as_number] nb_int: UnaryFunc { __int__ => Some(functions::nb_int), Some(wrap::unary), "__int__($self, /)\n--\n\nint(self)"; }
    [number as_number] nb_float: UnaryFunc { __float__ => Some(functions::nb_float), Some(wrap::unary), "__float__($self, /)\n--\n\nfloat(self)"; }
    [number as_number] nb_inplace_add: BinaryFunc { __iadd__ => Some(functions::nb_inplace_add), Some(wrap::binary), "__iadd__($self, value, /)\n--\n\nReturn self+=value."; }
    [number as_number] nb_inplace_subtract: BinaryFunc { __isub__ => Some(functions::nb_inplace_subtract), Some(wrap::binary), "__isub__($self, value, /)\n--\n\nReturn self-=value."; }
    [number as_number] nb_inplace_multiply: BinaryFunc { __imul__ => Some(functions::nb_inplace_multiply), Some(wrap::binary), "__imul__($self, value, /)\n--\n\nReturn self*=value."; }
    [number as_number] nb_inplace_remainder: BinaryFunc { __imod__ => Some(functions::nb_inplace_remainder), Some(wrap::binary), "__imod__($self, value, /)\n--\n\nReturn self%=value."; }
    [number as_number] nb_inplace_power: TernaryFunc { __ipow__ => Some(functions::nb_inplace_power), Some(wrap::power_left), "__ipow__($self, value, /)\n--\n\nReturn self**=value."; }
    [number as_number] nb_inplace_lshift: BinaryFunc { __ilshift__ => Some(functions::nb_inplace_lshift), Some(wrap::binary), "__ilshift__($self, value, /)\n--\n\nReturn self<<=value."; }
    [number as_number] nb_inplace_rshift: BinaryFunc { __irshift__ => Some(functions::nb_inplace_rshift), Some(wrap::binary), "__irshift__($self, value, /)\n--\n\nReturn self>>=value."; }
    [number as_number] nb_inplace_and: BinaryFunc { __iand__ => Some(functions::nb_inplace_and), Some(wrap::binary), "__iand__($self, value, /)\n--\n\nReturn self&=value."; }
    [number as_number] nb_inplace_xor: BinaryFunc { __ixor__ => Some(functions::nb_inplace_xor), Some(wrap::binary), "__ixor__($self, value, /)\n--\n\nReturn self^=value."; }
    [number as_number] nb_inplace_or: BinaryFunc { __ior__ => Some(functions::nb_inplace_or), Some(wrap::binary), "__ior__($self, value, /)\n--\n\nReturn self|=value."; }
    [number as_number] nb_floor_divide: BinaryFunc {
        __floordiv__ => Some(functions::nb_floor_divide), Some(wrap::binary_left), "__floordiv__($self, value, /)\n--\n\nReturn self//value.";
        __rfloordiv__ => Some(functions::nb_floor_divide), Some(wrap::binary_right), "__rfloordiv__($self, value, /)\n--\n\nReturn value//self.";
    }
    [number as_number] nb_true_divide: BinaryFunc {
        __truediv__ => Some(functions::nb_true_divide), Some(wrap::binary_left), "__truediv__($self, value, /)\n--\n\nReturn self/value.";
        __rtruediv__ => Some(functions::nb_true_divide), Some(wrap::binary_right), "__rtruediv__($self, value, /)\n--\n\nReturn value/self.";
    }
    [number as_number] nb_inplace_floor_divide: BinaryFunc { __ifloordiv__ => Some(functions::nb_inplace_floor_divide), Some(wrap::binary), "__ifloordiv__($self, value, /)\n--\n\nReturn self//=value."; }
    [number as_number] nb_inplace_true_divide: BinaryFunc { __itruediv__ => Some(functions::nb_inplace_true_divide), Some(wrap::binary), "__itruediv__($self, value, /)\n--\n\nReturn self/=value."; }
    [number as_number] nb_index: UnaryFunc { __index__ => Some(functions::nb_index), Some(wrap::unary), "__index__($self, /)\n--\n\nReturn self converted to an integer, if self is suitable for use as an index into a list."; }
    [number as_number] nb_matrix_multiply: BinaryFunc {
        __matmul__ => Some(functions::nb_matrix_multiply), Some(wrap::binary_left), "__matmul__($self, value, /)\n--\n\nReturn self@value.";
        __rmatmul__ => Some(functions::nb_matrix_multiply), Some(wrap::binary_right), "__rmatmul__($self, value, /)\n--\n\nReturn value@self.";
    }
    [number as_number] nb_inplace_matrix_multiply: BinaryFunc { __imatmul__ => Some(functions::nb_inplace_matrix_multiply), Some(wrap::binary), "__imatmul__($self, value, /)\n--\n\nReturn self@=value."; }
    [mapping as_mapping] mp_length: LenFunc { __len__ => Some(functions::length), Some(wrap::length), "__len__($self, /)\n--\n\nReturn len(self)."; }
    [mapping as_mapping] mp_subscript: BinaryFunc { __getitem__ => Some(functions::subscript), Some(wrap::binary), "__getitem__($self, key, /)\n--\n\nReturn self[key]."; }
    [mapping as_mapping] mp_ass_subscript: ObjObjArgProc {
        __setitem__ => Some(functions::ass_subscript), Some(wrap::set_subscript), "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.";
        __delitem__ => Some(functions::ass_subscript), Some(wrap::delete_subscript), "__delitem__($self, key, /)\n--\n\nDelete self[key].";
    }
    [sequence as_sequence] sq_length: LenFunc { __len__ => Some(functions::length), Some(wrap::length), "__len__($self, /)\n--\n\nReturn len(self)."; }
    [sequence as_sequence] sq_concat: BinaryFunc { __add__ => None, Some(wrap::binary), "__add__($self, value, /)\n--\n\nReturn self+value."; }
    [sequence as_sequence] sq_repeat: SizeArgFunc {
        __mul__ => None, Some(wrap::index_argument), "__mul__($self, value, /)\n--\n\nReturn self*value.";
        __rmul__ => None, Some(wrap::index_argument), "__rmul__($self, value, /)\n--\n\nReturn value*self.";
    }
    [sequence as_sequence] sq_item: SizeArgFunc { __getitem__ => Some(functions::sq_item), Some(wrap::sequence_item), "__getitem__($self, key, /)\n--\n\nReturn self[key]."; }
    [sequence as_sequence] sq_ass_item: SizeObjArgProc {
        __setitem__ => Some(functions::sq_ass_item), Some(wrap::set_sequence_item), "__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.";
        __delitem__ => Some(functions::sq_ass_item), Some(wrap::delete_sequence_item), "__delitem__($self, key, /)\n--\n\nDelete self[key].";
    }
    [sequence as_sequence] sq_contains: ObjObjProc { __contains__ => Some(functions::contains), Some(wrap::contains), "__contains__($self, key, /)\n--\n\nReturn key in self."; }
    [sequence as_sequence] sq_inplace_concat: BinaryFunc { __iadd__ => None, Some(wrap::binary), "__iadd__($self, value, /)\n--\n\nImplement self+=value."; }
    [sequence as_sequence] sq_inplace_repeat: SizeArgFunc { __imul__ => None, Some(wrap::index_argument), "__imul__($self, value, /)\n--\n\nImplement self*=value."; }
}

/// Adds a wrapper for each slot of the type that is filled, unless its dictionary has the name.
pub fn add_wrappers(ty: &Type, dict: &Dict) -> Result<(), Raised> {
    for def in SLOT_DEFS {
        let (Some(_), Some(function)) = (def.wrapper, (def.get)(ty)) else { continue };
        let name = def.text;
        if dict.get_name(name).is_some() {
            continue;
        }
        if def.name == "__hash__" && function == any!(functions::hash_not_implemented, HashFunc) {
            dict.set(name, &crate::types::none())?;
        } else {
            dict.set(name, &*WrapperDescriptor::new(ty, name, def, function)?)?;
        }
    }
    Ok(())
}

/// Fills every slot of a type made at run time from the special methods that it has or inherits.
pub fn fill_slots(ty: &Type) -> Result<(), Raised> {
    let mut index = 0;
    while index < SLOT_DEFS.len() {
        index = update_group(ty, index)?;
    }
    Ok(())
}

/// Fills the slots that stand for `name`, in the type and the subclasses that do not define the name themselves.
pub fn update_name(ty: &Type, name: &Str) -> Result<(), Raised> {
    let Some(text) = name.as_ascii() else { return Ok(()) };
    if !text.starts_with("__") || !SLOT_DEFS.iter().any(|def| def.name == text) {
        return Ok(());
    }
    update_tree(ty, name, text)
}

fn update_tree(ty: &Type, name: &Str, text: &str) -> Result<(), Raised> {
    for (index, def) in SLOT_DEFS.iter().enumerate() {
        if def.name == text {
            update_group(ty, group_start(index))?;
        }
    }
    super::subclasses::for_each(ty, |subclass| {
        let own = subclass.tp_dict.get().is_some_and(|dict| dict.get_name(name).is_some());
        if own { Ok(()) } else { update_tree(subclass, name, text) }
    })
}

fn group_start(mut index: usize) -> usize {
    while index > 0 && SLOT_DEFS[index - 1].slot == SLOT_DEFS[index].slot {
        index -= 1;
    }
    index
}

/// Decides what one slot holds: the function of a base when all special methods lead to wrappers of it, else the slot function. Gives
/// the index behind the slot's definitions.
fn update_group(ty: &Type, start: usize) -> Result<usize, Raised> {
    let slot = SLOT_DEFS[start].slot;
    let end = start + SLOT_DEFS[start..].iter().take_while(|def| def.slot == slot).count();
    let Some(heap_type) = ty.as_heap_type() else { return Ok(end) };
    let (mut generic, mut specific, mut use_generic) = (None, None, false);
    for def in &SLOT_DEFS[start..end] {
        // Past the cache of attributes: most of these names are asked for once only.
        let Some(found) = ty.lookup_in_mro(def.text) else {
            if def.name == "__next__" {
                specific = Some(any!(crate::object::protocol::iterate::next_not_implemented, IterNextFunc));
            }
            continue;
        };
        if let Some(wrapper) = found.downcast_exact::<WrapperDescriptor>()
            && std::ptr::eq(wrapper.definition().name, def.name)
            && ty.is_subtype(&wrapper.owner())
            && wrapper.definition().slot == slot
        {
            let function = wrapper.function();
            if specific.is_some_and(|known| known != function) {
                use_generic = true;
            }
            specific = Some(function);
        } else if let Some(wrapper) = found.downcast_exact::<WrapperDescriptor>()
            && def.function.is_none()
        {
            let _ = wrapper;
            continue;
        } else if def.name == "__new__"
            && super::construct::builtin_new(&found).is_some()
            && let Some(function) = ty.tp_new.get()
        {
            // The function of a built-in type says nothing of which type's it is: what the type has stays.
            specific = Some(any!(function, NewFunc));
        } else if def.name == "__hash__" && found.is(&crate::types::none()) {
            specific = Some(any!(functions::hash_not_implemented, HashFunc));
        } else if def.function.is_some() {
            use_generic = true;
            generic = def.function;
        }
        if def.name == "__getattr__" {
            use_generic = true;
            generic = def.function;
        }
    }
    let function = match specific {
        Some(function) if !use_generic => Some(function),
        _ => generic.or(if use_generic { SLOT_DEFS[start].function } else { None }),
    };
    (SLOT_DEFS[start].set)(heap_type, function);
    Ok(end)
}
