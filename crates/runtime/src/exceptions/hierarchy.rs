//! The built-in exceptions as static types, by name: `exc::TypeError()`.

use crate::exceptions::BaseException;
use crate::object::slots::*;
use crate::object::typeobject::{StaticType, Type, TypeFacts, TypeMethods, TypeSpec, flags};
use crate::object::visit::DerivedSlots;
use crate::object::{PyType, Ref};

/// An exception without methods or fields of its own: all is inherited.
pub struct Plain;

#[allow(clippy::declare_interior_mutable_const)]
impl TypeMethods for Plain {
    const SPEC: TypeSpec = TypeSpec { methods: &[], getsets: &[], members: &[] };
    const SLOTS: TypeSlots = TypeSlots {
        tp_dealloc: <BaseException as TypeMethods>::SLOTS.tp_dealloc,
        tp_traverse: <BaseException as DerivedSlots>::DERIVED.tp_traverse,
        tp_clear: <BaseException as DerivedSlots>::DERIVED.tp_clear,
        ..TypeSlots::EMPTY
    };
    const NUMBER: NumberMethods = NumberMethods::EMPTY;
    const SEQUENCE: SequenceMethods = SequenceMethods::EMPTY;
    const MAPPING: MappingMethods = MappingMethods::EMPTY;
    const ASYNC: AsyncMethods = AsyncMethods::EMPTY;
    const BUFFER: BufferMethods = BufferMethods::EMPTY;
}

/// Declares exceptions that are `BaseException` in all but name, base and docstring.
macro_rules! plain_exceptions {
    ($($name:ident: $base:expr, $doc:literal;)*) => {
        paste::paste! {
            $(
                #[doc = concat!("The type object of `", stringify!($name), "`.")]
                pub static [<$name:snake:upper _TYPE>]: StaticType = StaticType::new::<Plain>(
                    &raw const crate::types::type_::TYPE_TYPE.ty,
                    TypeFacts {
                        name: {
                            const NAME: &str = concat!(stringify!($name), "\0");
                            match std::ffi::CStr::from_bytes_with_nul(NAME.as_bytes()) { Ok(name) => name, Err(_) => c"" }
                        },
                        doc: {
                            const DOC: &str = concat!($doc, "\0");
                            match std::ffi::CStr::from_bytes_with_nul(DOC.as_bytes()) { Ok(doc) => Some(doc), Err(_) => None }
                        },
                        basicsize: size_of::<BaseException>(),
                        itemsize: 0,
                        flags: flags::HAVE_GC | flags::BASETYPE | flags::BASE_EXC_SUBCLASS,
                        base: Some(&$base),
                        dictoffset: std::mem::offset_of!(BaseException, dict) as isize,
                        weaklistoffset: 0,
                        vectorcall_offset: 0,
                    },
                );

                #[doc = $doc]
                #[allow(non_snake_case)]
                pub fn $name() -> &'static Type {
                    &[<$name:snake:upper _TYPE>].ty
                }
            )*
            /// The plain exceptions with their names, in an order in which bases come first.
            pub static PLAIN: &[(&str, &StaticType)] = &[$((stringify!($name), &[<$name:snake:upper _TYPE>]),)*];
        }
    };
}

use super::value::BASE_EXCEPTION_TYPE;

plain_exceptions! {
    Exception: BASE_EXCEPTION_TYPE, "Common base class for all non-exit exceptions.";
    GeneratorExit: BASE_EXCEPTION_TYPE, "Request that a generator exit.";
    KeyboardInterrupt: BASE_EXCEPTION_TYPE, "Program interrupted by user.";
    TypeError: EXCEPTION_TYPE, "Inappropriate argument type.";
    StopIteration: EXCEPTION_TYPE, "Signal the end from iterator.__next__().";
    StopAsyncIteration: EXCEPTION_TYPE, "Signal the end from iterator.__anext__().";
    AttributeError: EXCEPTION_TYPE, "Attribute not found.";
    EOFError: EXCEPTION_TYPE, "Read beyond end of file.";
    RuntimeError: EXCEPTION_TYPE, "Unspecified run-time error.";
    RecursionError: RUNTIME_ERROR_TYPE, "Recursion limit exceeded.";
    NotImplementedError: RUNTIME_ERROR_TYPE, "Method or function hasn't been implemented yet.";
    LookupError: EXCEPTION_TYPE, "Base class for lookup errors.";
    NameError: EXCEPTION_TYPE, "Name not found globally.";
    ImportError: EXCEPTION_TYPE, "Name not found globally.";
    BaseExceptionGroup: EXCEPTION_TYPE, "Name not found globally.";
    ExceptionGroup: BASE_EXCEPTION_GROUP_TYPE, "Name not found globally.";
    UnboundLocalError: NAME_ERROR_TYPE, "Name not found globally.";
    KeyError: LOOKUP_ERROR_TYPE, "Mapping key not found.";
    IndexError: LOOKUP_ERROR_TYPE, "Sequence index out of range.";
    ValueError: EXCEPTION_TYPE, "Inappropriate argument value (of correct type).";
    UnicodeError: VALUE_ERROR_TYPE, "Unicode related error.";
    AssertionError: EXCEPTION_TYPE, "Assertion failed.";
    ArithmeticError: EXCEPTION_TYPE, "Base class for arithmetic errors.";
    FloatingPointError: ARITHMETIC_ERROR_TYPE, "Floating point operation failed.";
    OverflowError: ARITHMETIC_ERROR_TYPE, "Result too large to be represented.";
    ZeroDivisionError: ARITHMETIC_ERROR_TYPE, "Second argument to a division or modulo operation was zero.";
    SystemError: EXCEPTION_TYPE, "Internal error in the Python interpreter.\n\nPlease report this to the Python maintainer, along with the traceback,\nthe Python version, and the hardware/OS platform and version.";
    ReferenceError: EXCEPTION_TYPE, "Weak ref proxy used after referent went away.";
    MemoryError: EXCEPTION_TYPE, "Out of memory.";
    BufferError: EXCEPTION_TYPE, "Buffer error.";
    Warning: EXCEPTION_TYPE, "Base class for warning categories.";
    UserWarning: WARNING_TYPE, "Base class for warnings generated by user code.";
    EncodingWarning: WARNING_TYPE, "Base class for warnings about encodings.";
    DeprecationWarning: WARNING_TYPE, "Base class for warnings about deprecated features.";
    PendingDeprecationWarning: WARNING_TYPE, "Base class for warnings about features which will be deprecated\nin the future.";
    SyntaxWarning: WARNING_TYPE, "Base class for warnings about dubious syntax.";
    RuntimeWarning: WARNING_TYPE, "Base class for warnings about dubious runtime behavior.";
    FutureWarning: WARNING_TYPE, "Base class for warnings about constructs that will change semantically\nin the future.";
    ImportWarning: WARNING_TYPE, "Base class for warnings about probable mistakes in module imports";
    UnicodeWarning: WARNING_TYPE, "Base class for warnings about Unicode related problems, mostly\nrelated to conversion problems.";
    BytesWarning: WARNING_TYPE, "Base class for warnings about bytes and buffer related problems, mostly\nrelated to conversion from str or comparing to str.";
    ResourceWarning: WARNING_TYPE, "Base class for warnings about resource usage.";
}

/// `BaseException`
#[allow(non_snake_case)]
pub fn BaseExceptionType() -> &'static Type {
    BaseException::type_object()
}

/// A MemoryError made at start-up, for when there is no memory to make one.
pub fn reserved_memory_error() -> Ref<BaseException> {
    crate::exceptions::reserve::take()
}

/// The static types of all exceptions.
pub fn all() -> impl Iterator<Item = &'static StaticType> {
    std::iter::once(&BASE_EXCEPTION_TYPE).chain(PLAIN.iter().map(|(_, ty)| *ty))
}
