//! The built-in exceptions as static types, by name: `exc::TypeError()`.
//!
//! Those with fields or methods of their own are structs in the files of this folder; the others are rows of the tables here.

use std::marker::PhantomData;

use super::group::BASE_EXCEPTION_GROUP_TYPE;
use super::os_error::OS_ERROR_TYPE;
use super::os_error::OsError;
use super::simple::{
    ATTRIBUTE_ERROR_TYPE, IMPORT_ERROR_TYPE, KEY_ERROR_TYPE, NAME_ERROR_TYPE, STOP_ITERATION_TYPE, SYSTEM_EXIT_TYPE,
};
use super::simple::{ImportError as ImportErrorLayout, NameError as NameErrorLayout};
use super::syntax_error::SYNTAX_ERROR_TYPE;
use super::syntax_error::SyntaxError as SyntaxErrorLayout;
use super::unicode_error::{UNICODE_DECODE_ERROR_TYPE, UNICODE_ENCODE_ERROR_TYPE, UNICODE_TRANSLATE_ERROR_TYPE};
use super::value::BASE_EXCEPTION_TYPE;
use crate::exceptions::BaseException;
use crate::object::slots::*;
use crate::object::typeobject::{StaticType, Type, TypeFacts, TypeMethods, TypeSpec, flags};
use crate::object::visit::DerivedSlots;
use crate::object::{PyType, Ref};

/// A variable that holds the address of a type, as C declares exceptions.
#[repr(transparent)]
pub struct TypePointer(pub *const Type);

// SAFETY: the address of a static.
unsafe impl Sync for TypePointer {}

/// `OSError` by its older name, as extensions know it.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyExc_EnvironmentError: TypePointer = TypePointer(&raw const OS_ERROR_TYPE.ty);
/// `OSError` by its older name, as extensions know it.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyExc_IOError: TypePointer = TypePointer(&raw const OS_ERROR_TYPE.ty);

/// An exception without methods or fields beyond those of the layout `L`: it has its own `__init__`, which is the layout's, and
/// directly under BaseException's layout its own `__new__`, as in CPython.
pub struct Plain<L>(PhantomData<L>);

#[allow(clippy::declare_interior_mutable_const)]
impl<L: PyType + TypeMethods + DerivedSlots> TypeMethods for Plain<L> {
    const SPEC: TypeSpec = TypeSpec { methods: &[], getsets: &[], members: &[] };
    const SLOTS: TypeSlots = TypeSlots {
        tp_new: if size_of::<L>() == size_of::<BaseException>() { L::SLOTS.tp_new } else { std::cell::Cell::new(None) },
        tp_init: L::SLOTS.tp_init,
        tp_dealloc: L::SLOTS.tp_dealloc,
        tp_traverse: L::DERIVED.tp_traverse,
        tp_clear: L::DERIVED.tp_clear,
        ..TypeSlots::EMPTY
    };
    const NUMBER: NumberMethods = NumberMethods::EMPTY;
    const SEQUENCE: SequenceMethods = SequenceMethods::EMPTY;
    const MAPPING: MappingMethods = MappingMethods::EMPTY;
    const ASYNC: AsyncMethods = AsyncMethods::EMPTY;
    const BUFFER: BufferMethods = BufferMethods::EMPTY;
}

/// A literal as a C string.
macro_rules! c_literal {
    ($text:expr) => {{
        const TEXT: &str = concat!($text, "\0");
        match std::ffi::CStr::from_bytes_with_nul(TEXT.as_bytes()) {
            Ok(text) => text,
            Err(_) => c"",
        }
    }};
}

/// Declares the exceptions, in an order in which bases come first: rows with a layout are declared here; rows with `=` name the
/// static type of a struct.
macro_rules! exceptions {
    ($($name:ident $(($layout:ty) $base:expr, $doc:literal)? $(= $static:expr)?;)*) => {
        paste::paste! {
            $(
                exceptions!(@static [<$name:snake:upper _TYPE>] $name $(($layout) $base, $doc)?);

                #[doc = concat!("The type `", stringify!($name), "`.")]
                #[allow(non_snake_case)]
                pub fn $name() -> &'static Type {
                    &exceptions!(@object [<$name:snake:upper _TYPE>] $(= $static)?).ty
                }

                #[doc = concat!("The type `", stringify!($name), "`, as extensions know it.")]
                #[allow(non_upper_case_globals)]
                #[unsafe(no_mangle)]
                pub static [<PyExc_ $name>]: TypePointer =
                    TypePointer(&raw const exceptions!(@object [<$name:snake:upper _TYPE>] $(= $static)?).ty);
            )*
            /// The exceptions with their names, bases first, without ExceptionGroup, which each interpreter makes.
            pub static ALL: &[(&str, &StaticType)] =
                &[$((stringify!($name), &exceptions!(@object [<$name:snake:upper _TYPE>] $(= $static)?)),)*];
        }
    };
    (@object $own:ident) => { $own };
    (@object $own:ident = $static:expr) => { $static };
    (@static $static:ident $name:ident) => {};
    (@static $static:ident $name:ident ($layout:ty) $base:expr, $doc:literal) => {
        #[doc = concat!("The type object of `", stringify!($name), "`.")]
        pub static $static: StaticType = StaticType::new::<Plain<$layout>>(
            &raw const crate::types::type_::TYPE_TYPE.ty,
            TypeFacts {
                name: c_literal!(stringify!($name)),
                doc: Some(c_literal!($doc)),
                basicsize: size_of::<$layout>(),
                itemsize: 0,
                flags: flags::HAVE_GC | flags::BASETYPE | flags::BASE_EXC_SUBCLASS,
                base: Some(&$base),
                dictoffset: std::mem::offset_of!(BaseException, dict) as isize,
                weaklistoffset: 0,
                vectorcall_offset: 0,
            },
        );
    };
}

exceptions! {
    BaseException = BASE_EXCEPTION_TYPE;
    Exception (BaseException) BASE_EXCEPTION_TYPE, "Common base class for all non-exit exceptions.";
    GeneratorExit (BaseException) BASE_EXCEPTION_TYPE, "Request that a generator exit.";
    KeyboardInterrupt (BaseException) BASE_EXCEPTION_TYPE, "Program interrupted by user.";
    TypeError (BaseException) EXCEPTION_TYPE, "Inappropriate argument type.";
    StopAsyncIteration (BaseException) EXCEPTION_TYPE, "Signal the end from iterator.__anext__().";
    EOFError (BaseException) EXCEPTION_TYPE, "Read beyond end of file.";
    RuntimeError (BaseException) EXCEPTION_TYPE, "Unspecified run-time error.";
    RecursionError (BaseException) RUNTIME_ERROR_TYPE, "Recursion limit exceeded.";
    NotImplementedError (BaseException) RUNTIME_ERROR_TYPE, "Method or function hasn't been implemented yet.";
    LookupError (BaseException) EXCEPTION_TYPE, "Base class for lookup errors.";
    IndexError (BaseException) LOOKUP_ERROR_TYPE, "Sequence index out of range.";
    ValueError (BaseException) EXCEPTION_TYPE, "Inappropriate argument value (of correct type).";
    UnicodeError (BaseException) VALUE_ERROR_TYPE, "Unicode related error.";
    AssertionError (BaseException) EXCEPTION_TYPE, "Assertion failed.";
    ArithmeticError (BaseException) EXCEPTION_TYPE, "Base class for arithmetic errors.";
    FloatingPointError (BaseException) ARITHMETIC_ERROR_TYPE, "Floating point operation failed.";
    OverflowError (BaseException) ARITHMETIC_ERROR_TYPE, "Result too large to be represented.";
    ZeroDivisionError (BaseException) ARITHMETIC_ERROR_TYPE, "Second argument to a division or modulo operation was zero.";
    SystemError (BaseException) EXCEPTION_TYPE, "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with the traceback,\nthe Python version, and the hardware/OS platform and version.";
    ReferenceError (BaseException) EXCEPTION_TYPE, "Weak ref proxy used after referent went away.";
    MemoryError (BaseException) EXCEPTION_TYPE, "Out of memory.";
    BufferError (BaseException) EXCEPTION_TYPE, "Buffer error.";
    Warning (BaseException) EXCEPTION_TYPE, "Base class for warning categories.";
    UserWarning (BaseException) WARNING_TYPE, "Base class for warnings generated by user code.";
    EncodingWarning (BaseException) WARNING_TYPE, "Base class for warnings about encodings.";
    DeprecationWarning (BaseException) WARNING_TYPE, "Base class for warnings about deprecated features.";
    PendingDeprecationWarning (BaseException) WARNING_TYPE, "Base class for warnings about features which will be deprecated\nin the future.";
    SyntaxWarning (BaseException) WARNING_TYPE, "Base class for warnings about dubious syntax.";
    RuntimeWarning (BaseException) WARNING_TYPE, "Base class for warnings about dubious runtime behavior.";
    FutureWarning (BaseException) WARNING_TYPE, "Base class for warnings about constructs that will change semantically\nin the future.";
    ImportWarning (BaseException) WARNING_TYPE, "Base class for warnings about probable mistakes in module imports";
    UnicodeWarning (BaseException) WARNING_TYPE, "Base class for warnings about Unicode related problems, mostly\nrelated to conversion problems.";
    BytesWarning (BaseException) WARNING_TYPE, "Base class for warnings about bytes and buffer related problems, mostly\nrelated to conversion from str or comparing to str.";
    ResourceWarning (BaseException) WARNING_TYPE, "Base class for warnings about resource usage.";
    StopIteration = STOP_ITERATION_TYPE;
    SystemExit = SYSTEM_EXIT_TYPE;
    KeyError = KEY_ERROR_TYPE;
    NameError = NAME_ERROR_TYPE;
    UnboundLocalError (NameErrorLayout) NAME_ERROR_TYPE, "Local name referenced but not bound to a value.";
    AttributeError = ATTRIBUTE_ERROR_TYPE;
    ImportError = IMPORT_ERROR_TYPE;
    ModuleNotFoundError (ImportErrorLayout) IMPORT_ERROR_TYPE, "Module not found.";
    SyntaxError = SYNTAX_ERROR_TYPE;
    IndentationError (SyntaxErrorLayout) SYNTAX_ERROR_TYPE, "Improper indentation.";
    TabError (SyntaxErrorLayout) INDENTATION_ERROR_TYPE, "Improper mixture of spaces and tabs.";
    UnicodeEncodeError = UNICODE_ENCODE_ERROR_TYPE;
    UnicodeDecodeError = UNICODE_DECODE_ERROR_TYPE;
    UnicodeTranslateError = UNICODE_TRANSLATE_ERROR_TYPE;
    BaseExceptionGroup = BASE_EXCEPTION_GROUP_TYPE;
    OSError = OS_ERROR_TYPE;
    BlockingIOError (OsError) OS_ERROR_TYPE, "I/O operation would block.";
    ChildProcessError (OsError) OS_ERROR_TYPE, "Child process error.";
    ConnectionError (OsError) OS_ERROR_TYPE, "Connection error.";
    BrokenPipeError (OsError) CONNECTION_ERROR_TYPE, "Broken pipe.";
    ConnectionAbortedError (OsError) CONNECTION_ERROR_TYPE, "Connection aborted.";
    ConnectionRefusedError (OsError) CONNECTION_ERROR_TYPE, "Connection refused.";
    ConnectionResetError (OsError) CONNECTION_ERROR_TYPE, "Connection reset.";
    FileExistsError (OsError) OS_ERROR_TYPE, "File already exists.";
    FileNotFoundError (OsError) OS_ERROR_TYPE, "File not found.";
    InterruptedError (OsError) OS_ERROR_TYPE, "Interrupted by signal.";
    IsADirectoryError (OsError) OS_ERROR_TYPE, "Operation doesn't work on directories.";
    NotADirectoryError (OsError) OS_ERROR_TYPE, "Operation only works on directories.";
    PermissionError (OsError) OS_ERROR_TYPE, "Not enough permissions.";
    ProcessLookupError (OsError) OS_ERROR_TYPE, "Process not found.";
    TimeoutError (OsError) OS_ERROR_TYPE, "Timeout expired.";
}

/// Other names of built-in exceptions.
pub static ALIASES: &[(&str, &StaticType)] = &[("EnvironmentError", &OS_ERROR_TYPE), ("IOError", &OS_ERROR_TYPE)];

/// `ExceptionGroup`, which the interpreter has made.
#[allow(non_snake_case)]
pub fn ExceptionGroup() -> Result<Ref<Type>, crate::object::Raised> {
    super::group::exception_group_type()
}

/// `BaseException`
#[allow(non_snake_case)]
pub fn BaseExceptionType() -> &'static Type {
    BaseException()
}

/// A MemoryError made at start-up, for when there is no memory to make one.
pub fn reserved_memory_error() -> Ref<BaseException> {
    crate::exceptions::reserve::take()
}

/// The static types of all exceptions.
pub fn all() -> impl Iterator<Item = &'static StaticType> {
    ALL.iter().map(|(_, ty)| *ty)
}
