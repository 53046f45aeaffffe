//! The slots of a type: the function types and the four method suites, in the order and layout of
//! `Include/cpython/object.h`.
//!
//! A slot holds a C function.  `Result<Ref, Raised>` is C's `PyObject *` that is null for an error; `Option<&Object>` is a pointer
//! that may be null; `Status`, `SizeStatus` and `HashStatus` are integers that are -1 for an error.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use super::header::Object;
use super::raised::{HashStatus, Raised, SizeStatus, Status};
use super::reference::Ref;
use super::typeobject::Type;
use super::visit::VisitProc;
use crate::types::{dict::Dict, tuple::Tuple};

/// A place for a function.
pub type Slot<F> = Cell<Option<F>>;

/// `unaryfunc`
pub type UnaryFunc = unsafe extern "C" fn(&Object) -> Result<Ref, Raised>;
/// `binaryfunc`
pub type BinaryFunc = unsafe extern "C" fn(&Object, &Object) -> Result<Ref, Raised>;
/// `ternaryfunc`: the third operand is never null for `pow` (None stands for absent); `tp_call` gets null for no keywords.
pub type TernaryFunc = unsafe extern "C" fn(&Object, &Object, Option<&Object>) -> Result<Ref, Raised>;
/// `inquiry`
pub type Inquiry = unsafe extern "C" fn(&Object) -> Status;
/// `lenfunc`
pub type LenFunc = unsafe extern "C" fn(&Object) -> SizeStatus;
/// `ssizeargfunc`
pub type SizeArgFunc = unsafe extern "C" fn(&Object, isize) -> Result<Ref, Raised>;
/// `ssizeobjargproc`: a null value deletes.
pub type SizeObjArgProc = unsafe extern "C" fn(&Object, isize, Option<&Object>) -> Status;
/// `objobjproc`
pub type ObjObjProc = unsafe extern "C" fn(&Object, &Object) -> Status;
/// `objobjargproc`: a null value deletes.
pub type ObjObjArgProc = unsafe extern "C" fn(&Object, &Object, Option<&Object>) -> Status;
/// `destructor`
pub type Destructor = unsafe extern "C" fn(std::ptr::NonNull<Object>);
/// `hashfunc`
pub type HashFunc = unsafe extern "C" fn(&Object) -> HashStatus;
/// `reprfunc`
pub type ReprFunc = UnaryFunc;
/// `getattrfunc` (old style, by C string)
pub type GetAttrFunc = unsafe extern "C" fn(&Object, *const std::ffi::c_char) -> Result<Ref, Raised>;
/// `setattrfunc` (old style, by C string)
pub type SetAttrFunc = unsafe extern "C" fn(&Object, *const std::ffi::c_char, Option<&Object>) -> Status;
/// `getattrofunc`
pub type GetAttroFunc = BinaryFunc;
/// `setattrofunc`: a null value deletes.
pub type SetAttroFunc = ObjObjArgProc;
/// `traverseproc`
pub type TraverseProc = unsafe extern "C" fn(&Object, VisitProc, *mut c_void) -> c_int;
/// `richcmpfunc`: the operation is a `CompareOp` as an int.
pub type RichCmpFunc = unsafe extern "C" fn(&Object, &Object, c_int) -> Result<Ref, Raised>;
/// `getiterfunc`
pub type GetIterFunc = UnaryFunc;
/// `iternextfunc`: null without an exception set is the end.
pub type IterNextFunc = unsafe extern "C" fn(&Object) -> Option<Ref>;
/// `descrgetfunc`: object, owner's instance or null, owner or null.
pub type DescrGetFunc = unsafe extern "C" fn(&Object, Option<&Object>, Option<&Object>) -> Result<Ref, Raised>;
/// `descrsetfunc`: a null value deletes.
pub type DescrSetFunc = ObjObjArgProc;
/// `initproc`
pub type InitProc = unsafe extern "C" fn(&Object, &Tuple, Option<&Dict>) -> Status;
/// `newfunc`
pub type NewFunc = unsafe extern "C" fn(&Type, &Tuple, Option<&Dict>) -> Result<Ref, Raised>;
/// `allocfunc`
pub type AllocFunc = unsafe extern "C" fn(&Type, isize) -> Result<Ref, Raised>;
/// `freefunc`
pub type FreeFunc = unsafe extern "C" fn(*mut c_void);
/// `vectorcallfunc`: callee, arguments, their number with the offset flag, names of the last ones or null.
pub type VectorcallFunc =
    unsafe extern "C" fn(&Object, *const &'static Object, usize, Option<&Tuple>) -> Result<Ref, Raised>;
/// `sendfunc`: the result is 0 return, -1 error, 1 next; the value goes to the third argument.
pub type SendFunc = unsafe extern "C" fn(&Object, &Object, *mut Option<Ref>) -> c_int;
/// `getbufferproc`
pub type GetBufferProc = unsafe extern "C" fn(&Object, *mut BufferView, c_int) -> Status;
/// `releasebufferproc`
pub type ReleaseBufferProc = unsafe extern "C" fn(&Object, *mut BufferView);

/// Set in a vectorcall's argument count when `args[-1]` may be overwritten for the call.
pub const VECTORCALL_ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

/// A buffer that an object lends (`Py_buffer`), the 80 bytes of C.
#[repr(C)]
pub struct BufferView {
    /// The memory.
    pub buf: *mut c_void,
    /// The exporter, owned; null once released.
    pub obj: Option<Ref>,
    /// The length in bytes.
    pub len: isize,
    /// The size of an item in bytes.
    pub itemsize: isize,
    /// Not zero when the memory must not be written.
    pub readonly: c_int,
    /// The number of dimensions.
    pub ndim: c_int,
    /// `struct` format of an item, or null for bytes.
    pub format: *const std::ffi::c_char,
    /// Items along each dimension, or null.
    pub shape: *mut isize,
    /// Bytes from one item to the next along each dimension, or null.
    pub strides: *mut isize,
    /// Offsets for indirect arrays, or null.
    pub suboffsets: *mut isize,
    /// For the exporter's own use.
    pub internal: *mut c_void,
}

/// Declares a method suite: a struct of slots in C's order, with an empty value.
macro_rules! suite {
    ($(#[$doc:meta])* $name:ident { $($slot:ident: $function:ty),* $(,)? }) => {
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            $(#[doc = concat!("`", stringify!($slot), "`")] pub $slot: Slot<$function>,)*
        }

        impl $name {
            /// No slot filled.
            #[allow(clippy::declare_interior_mutable_const)]
            pub const EMPTY: $name = $name { $($slot: Cell::new(None),)* };

            /// Whether no slot is filled.
            pub fn is_empty(&self) -> bool {
                true $(&& self.$slot.get().is_none())*
            }

            /// Fills each empty slot from `base`.
            pub fn inherit(&self, base: &$name) {
                $(if self.$slot.get().is_none() { self.$slot.set(base.$slot.get()); })*
            }

            /// Whether each slot is the same function as in `other`.
            pub fn copy_from(&self, base: &$name) {
                $(self.$slot.set(base.$slot.get());)*
            }
        }
    };
}

suite! {
    /// `PyAsyncMethods`
    AsyncMethods { am_await: UnaryFunc, am_aiter: UnaryFunc, am_anext: UnaryFunc, am_send: SendFunc }
}

suite! {
    /// `PyNumberMethods`
    NumberMethods {
        nb_add: BinaryFunc, nb_subtract: BinaryFunc, nb_multiply: BinaryFunc, nb_remainder: BinaryFunc,
        nb_divmod: BinaryFunc, nb_power: TernaryFunc, nb_negative: UnaryFunc, nb_positive: UnaryFunc,
        nb_absolute: UnaryFunc, nb_bool: Inquiry, nb_invert: UnaryFunc, nb_lshift: BinaryFunc, nb_rshift: BinaryFunc,
        nb_and: BinaryFunc, nb_xor: BinaryFunc, nb_or: BinaryFunc, nb_int: UnaryFunc, nb_reserved: UnaryFunc,
        nb_float: UnaryFunc, nb_inplace_add: BinaryFunc, nb_inplace_subtract: BinaryFunc,
        nb_inplace_multiply: BinaryFunc, nb_inplace_remainder: BinaryFunc, nb_inplace_power: TernaryFunc,
        nb_inplace_lshift: BinaryFunc, nb_inplace_rshift: BinaryFunc, nb_inplace_and: BinaryFunc,
        nb_inplace_xor: BinaryFunc, nb_inplace_or: BinaryFunc, nb_floor_divide: BinaryFunc,
        nb_true_divide: BinaryFunc, nb_inplace_floor_divide: BinaryFunc, nb_inplace_true_divide: BinaryFunc,
        nb_index: UnaryFunc, nb_matrix_multiply: BinaryFunc, nb_inplace_matrix_multiply: BinaryFunc,
    }
}

suite! {
    /// `PySequenceMethods`
    SequenceMethods {
        sq_length: LenFunc, sq_concat: BinaryFunc, sq_repeat: SizeArgFunc, sq_item: SizeArgFunc,
        was_sq_slice: UnaryFunc, sq_ass_item: SizeObjArgProc, was_sq_ass_slice: UnaryFunc, sq_contains: ObjObjProc,
        sq_inplace_concat: BinaryFunc, sq_inplace_repeat: SizeArgFunc,
    }
}

suite! {
    /// `PyMappingMethods`
    MappingMethods { mp_length: LenFunc, mp_subscript: BinaryFunc, mp_ass_subscript: ObjObjArgProc }
}

suite! {
    /// `PyBufferProcs`
    BufferMethods { bf_getbuffer: GetBufferProc, bf_releasebuffer: ReleaseBufferProc }
}

suite! {
    /// The slots that stand in the type itself, as a table that `#[pymethods]` fills.
    TypeSlots {
        tp_new: NewFunc, tp_init: InitProc, tp_dealloc: Destructor, tp_traverse: TraverseProc, tp_clear: Inquiry,
        tp_finalize: Destructor, tp_repr: ReprFunc, tp_str: ReprFunc, tp_hash: HashFunc, tp_call: TernaryFunc,
        tp_getattro: GetAttroFunc, tp_setattro: SetAttroFunc, tp_richcompare: RichCmpFunc, tp_iter: GetIterFunc,
        tp_iternext: IterNextFunc, tp_descr_get: DescrGetFunc, tp_descr_set: DescrSetFunc,
        tp_vectorcall: VectorcallFunc, tp_is_gc: Inquiry,
    }
}

/// The comparisons, as `Py_LT` to `Py_GE`.
#[repr(i32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareOp {
    /// `<`
    Lt = 0,
    /// `<=`
    Le = 1,
    /// `==`
    Eq = 2,
    /// `!=`
    Ne = 3,
    /// `>`
    Gt = 4,
    /// `>=`
    Ge = 5,
}

impl CompareOp {
    /// The operation of C's number; what is not one compares as `==`.
    pub fn from_c(op: c_int) -> CompareOp {
        match op {
            0 => CompareOp::Lt,
            1 => CompareOp::Le,
            3 => CompareOp::Ne,
            4 => CompareOp::Gt,
            5 => CompareOp::Ge,
            _ => CompareOp::Eq,
        }
    }

    /// The operation with its operands swapped.
    pub fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Eq => CompareOp::Eq,
            CompareOp::Ne => CompareOp::Ne,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
        }
    }

    /// The sign in source.
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// What the comparison of two ordered values gives.
    #[inline(always)]
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => ordering.is_lt(),
            CompareOp::Le => ordering.is_le(),
            CompareOp::Eq => ordering.is_eq(),
            CompareOp::Ne => ordering.is_ne(),
            CompareOp::Gt => ordering.is_gt(),
            CompareOp::Ge => ordering.is_ge(),
        }
    }
}
