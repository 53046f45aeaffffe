//! Functions and bound methods written in Rust or C (`PyCFunctionObject`), and how a table entry is called.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use crate::object::descriptor_tables::*;
use crate::object::slots::{CompareOp, VECTORCALL_ARGUMENTS_OFFSET, VectorcallFunc};
use crate::object::{Field, MethodDef, Object, Raised, Ref, Type};
use crate::raise;
use crate::threads::thread::{NativeCall, check_native_stack};
use crate::types::descriptor::{DescriptorHead, doc_text, method::reduce_attribute, text_signature};
use crate::types::dict::Dict;
use crate::types::module::Module;
use crate::types::singletons::not_implemented;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A function or bound method of a built-in module or type.
#[pytype(name = "builtin_function_or_method", generic_get, c_name = "PyCFunction_Type", doc = "", gc, vectorcall = vectorcall, weaklist = weaklist)]
pub struct BuiltinFunction {
    base: Object,
    pub(crate) method: &'static MethodDef,
    /// The receiver; a module's functions have the module here.
    #[traverse]
    pub(crate) receiver: Field,
    /// `__module__`: the module's name.
    #[traverse]
    pub(crate) module: Field,
    weaklist: Cell<*const Object>,
    pub(crate) vectorcall: Cell<Option<VectorcallFunc>>,
}

crate::assert_layout!(BuiltinFunction, size 56, method @ 16, receiver @ 24, module @ 32, weaklist @ 40, vectorcall @ 48);

/// Calls a builtin function.
unsafe extern "C" fn vectorcall(
    callable: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
    // SAFETY: the function belongs to builtin functions; the arguments are as many as said.
    let (this, all) = unsafe {
        (callable.cast_unchecked::<BuiltinFunction>(), crate::object::args::all(arguments, count as isize, names))
    };
    // SAFETY: the receiver is set once; the callable is kept alive by the caller.
    let receiver = unsafe { this.receiver.borrow() }.filter(|_| this.method.flags & METH_STATIC == 0);
    call_method_def(this.method, None, receiver, all, names)
}

/// A function or bound method that is told the class it belongs to (`PyCMethodObject`).
#[pytype(name = "builtin_method", c_name = "PyCMethod_Type", doc = "", gc, base = crate::types::builtin_function::BUILTIN_FUNCTION_TYPE, vectorcall = vectorcall, weaklist = weaklist)]
pub struct BuiltinMethod {
    base: Object,
    method: &'static MethodDef,
    #[traverse]
    receiver: Field,
    #[traverse]
    module: Field,
    weaklist: Cell<*const Object>,
    vectorcall: Cell<Option<VectorcallFunc>>,
    /// The class that the method belongs to.
    #[traverse]
    class: Field<Type>,
}

crate::assert_layout!(BuiltinMethod, size 64, method @ 16, vectorcall @ 48, class @ 56);

#[pymethods]
impl BuiltinMethod {}

/// Calls a builtin method with its class.
unsafe extern "C" fn method_vectorcall(
    callable: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
    // SAFETY: the function belongs to builtin methods; the arguments are as many as said; receiver and class are set once.
    unsafe {
        let this = callable.cast_unchecked::<BuiltinMethod>();
        let all = crate::object::args::all(arguments, count as isize, names);
        call_of_class(this.method, this.class.borrow(), this.receiver.borrow(), all, names)
    }
}

/// Calls an entry with `METH_METHOD`.
fn call_of_class(
    method: &'static MethodDef,
    class: Option<&Type>,
    receiver: Option<&Object>,
    all: &[&Object],
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let _depth = NativeCall::enter(" while calling a Python object")?;
    let count = all.len() - names.map_or(0, Tuple::len);
    // SAFETY: the flag says which function the entry has.
    unsafe { (method.function.method)(receiver, class, all.as_ptr().cast(), count as isize, names) }
}

impl BuiltinMethod {
    /// The function of a table entry with `METH_METHOD`, for the class it belongs to.
    pub fn new(
        method: &'static MethodDef,
        receiver: Option<Ref>,
        module: Option<Ref>,
        class: Ref<Type>,
    ) -> Result<Ref<BuiltinMethod>, Raised> {
        crate::object::create(BuiltinMethod {
            base: Object::of::<BuiltinMethod>(),
            method,
            receiver: Field::optional(receiver),
            module: Field::optional(module),
            weaklist: Cell::new(std::ptr::null()),
            vectorcall: Cell::new(Some(method_vectorcall)),
            class: Field::new(class),
        })
    }
}

/// Calls a table entry with a receiver and arguments, named ones last.
#[inline]
pub fn call_method_def(
    method: &'static MethodDef,
    owner: Option<&DescriptorHead>,
    receiver: Option<&Object>,
    all: &[&Object],
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let named = names.map_or(0, Tuple::len);
    let count = all.len() - named;
    let shown = || shown_name(method, owner, receiver);
    // SAFETY: the flags say which function the entry has; the receiver was checked by the caller.
    unsafe {
        match method.flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD) {
            flags if flags == METH_METHOD | METH_FASTCALL | METH_KEYWORDS => {
                call_of_class(method, owner.map(DescriptorHead::owner).as_deref(), receiver, all, names)
            }
            METH_NOARGS if named == 0 && count == 0 => {
                let _depth = NativeCall::enter(" while calling a Python object")?;
                (method.function.one)(receiver, None)
            }
            METH_O if named == 0 && count == 1 => {
                let _depth = NativeCall::enter(" while calling a Python object")?;
                (method.function.one)(receiver, Some(all[0]))
            }
            // CPython does not count these; the native stack is guarded all the same.
            METH_FASTCALL if named == 0 => {
                check_native_stack()?;
                (method.function.fast)(receiver, all.as_ptr().cast(), count as isize)
            }
            flags if flags == METH_FASTCALL | METH_KEYWORDS => {
                check_native_stack()?;
                (method.function.fast_keywords)(receiver, all.as_ptr().cast(), count as isize, names)
            }
            METH_VARARGS if named == 0 => (method.function.varargs)(receiver, &*Tuple::from_borrowed(all)?),
            flags if flags == METH_VARARGS | METH_KEYWORDS => {
                let keywords = keywords(&all[count..], names)?;
                let args = Tuple::from_borrowed(&all[..count])?;
                (method.function.keywords)(receiver, &args, keywords.as_ref().map(|keywords| &***keywords))
            }
            _ if named > 0 => Err(raise!(TypeError, "{}() takes no keyword arguments", shown())),
            METH_NOARGS => Err(raise!(TypeError, "{}() takes no arguments ({count} given)", shown())),
            METH_O => Err(raise!(TypeError, "{}() takes exactly one argument ({count} given)", shown())),
            _ => Err(raise!(SystemError, "{}() method: bad call flags", shown())),
        }
    }
}

fn keywords(values: &[&Object], names: Option<&Tuple>) -> Result<Option<Ref<Dict>>, Raised> {
    let Some(names) = names.filter(|names| names.len() > 0) else { return Ok(None) };
    let keywords = Dict::with_capacity(names.len())?;
    for (name, value) in names.as_slice().iter().zip(values) {
        keywords.set(name, value)?;
    }
    Ok(Some(keywords))
}

/// The function's name for messages, with its type or module.
fn shown_name(method: &MethodDef, owner: Option<&DescriptorHead>, receiver: Option<&Object>) -> String {
    // A bound function that is called with a tuple does not look for its qualified name.
    if owner.is_none() && method.flags & (PLAIN_NAME | METH_VARARGS) != 0 {
        return method.name().to_owned();
    }
    if let Some(owner) = owner {
        return format!("{}.{}", last_part(owner.owner().name()), method.name());
    }
    match receiver {
        Some(module) if module.isinstance::<Module>() => {
            let name = module.downcast::<Module>().and_then(|module| module.name_text());
            match name.as_deref() {
                Some("builtins") | None => method.name().to_owned(),
                Some(name) => format!("{name}.{}", method.name()),
            }
        }
        Some(ty) if ty.isinstance::<Type>() => {
            format!("{}.{}", ty.downcast::<Type>().map_or("?", |ty| last_part(ty.name())), method.name())
        }
        Some(receiver) => format!("{}.{}", last_part(receiver.ty().name()), method.name()),
        None => method.name().to_owned(),
    }
}

/// What follows the last dot.
fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

impl BuiltinFunction {
    /// The function of a table entry with the given receiver and module name.
    pub fn new(
        method: &'static MethodDef,
        receiver: Option<Ref>,
        module: Option<Ref>,
    ) -> Result<Ref<BuiltinFunction>, Raised> {
        crate::object::create(BuiltinFunction {
            base: Object::of::<BuiltinFunction>(),
            method,
            receiver: Field::optional(receiver),
            module: Field::optional(module),
            weaklist: Cell::new(std::ptr::null()),
            vectorcall: Cell::new(Some(vectorcall)),
        })
    }

    /// A method bound to its receiver.
    pub fn bound(method: &'static MethodDef, receiver: &Object) -> Result<Ref<BuiltinFunction>, Raised> {
        BuiltinFunction::new(method, Some(receiver.to_ref()), None)
    }

    /// A static method of a type, which is called without a receiver but shown with its type.
    pub fn of_static(method: &'static MethodDef, owner: &Type) -> Result<Ref<BuiltinFunction>, Raised> {
        BuiltinFunction::new(method, Some(owner.to_ref()), None)
    }

    /// The table entry.
    pub fn method(&self) -> &'static MethodDef {
        self.method
    }

    /// The receiver, if there is one.
    pub fn receiver(&self) -> Option<Ref> {
        self.receiver.get()
    }
}

#[pymethods]
impl BuiltinFunction {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        match self.receiver.get().filter(|receiver| !receiver.isinstance::<Module>()) {
            None => Str::from_format(format_args!("<built-in function {}>", self.method.name())),
            Some(receiver) => Str::from_format(format_args!(
                "<built-in method {} of {} object at {:#x}>",
                self.method.name(),
                receiver.ty().full_name(),
                receiver.address()
            )),
        }
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        crate::object::protocol::call_tuple(self, args, kwargs)
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        let function = std::ptr::from_ref(self.method) as usize;
        Ok(crate::hashing::hash_pointer(self.receiver.pointer() as usize) ^ crate::hashing::hash_pointer(function))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast_exact::<BuiltinFunction>() else { return Ok(not_implemented()) };
        let same =
            std::ptr::eq(self.receiver.pointer(), other.receiver.pointer()) && std::ptr::eq(self.method, other.method);
        match op {
            CompareOp::Eq => Ok(crate::types::boolean(same)),
            CompareOp::Ne => Ok(crate::types::boolean(!same)),
            _ => Ok(not_implemented()),
        }
    }

    #[getter]
    fn __name__(&self) -> Result<&'static str, Raised> {
        Ok(self.method.name())
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref<Str>, Raised> {
        match self.receiver.get().filter(|receiver| !receiver.isinstance::<Module>()) {
            None => Str::new(self.method.name()),
            Some(receiver) => {
                let ty = match receiver.downcast::<Type>() {
                    Some(ty) => Ref::from_borrowed(ty),
                    None => receiver.type_ref(),
                };
                let owner = crate::object::protocol::get_attribute(&ty, crate::id!(__qualname__))?;
                match owner.downcast::<Str>() {
                    Some(owner) => Str::from_format(format_args!("{}.{}", owner, self.method.name())),
                    None => Err(raise!(TypeError, "<method>.__class__.__qualname__ is not a unicode object")),
                }
            }
        }
    }

    #[getter]
    fn __doc__(&self) -> Result<Option<Ref<Str>>, Raised> {
        doc_text(self.method.name(), self.method.doc())
    }

    #[getter]
    fn __text_signature__(&self) -> Result<Option<Ref<Str>>, Raised> {
        text_signature(self.method.name(), self.method.doc())
    }

    #[getter]
    fn __self__(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.receiver.get().filter(|_| self.method.flags & METH_STATIC == 0))
    }

    #[getter]
    fn __module__(&self) -> Result<Option<Ref>, Raised> {
        Ok(self.module.get())
    }

    #[setter]
    fn set___module__(&self, value: Option<&Object>) -> Result<(), Raised> {
        self.module.set(value.map(Object::to_ref));
        Ok(())
    }

    fn __reduce__(&self) -> Result<Ref, Raised> {
        match self.receiver.get().filter(|receiver| !receiver.isinstance::<Module>()) {
            None => Ok(Str::new(self.method.name())?.into_object()),
            Some(receiver) => Ok(reduce_attribute(&receiver, &*Str::intern(self.method.name())?)?.into_object()),
        }
    }
}
