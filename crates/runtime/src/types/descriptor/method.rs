//! Methods of built-in types, `list.append`, and class methods, `dict.fromkeys`.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};

use super::{DescriptorHead, doc_text, text_signature};
use crate::object::descriptor_tables::{METH_FASTCALL, METH_KEYWORDS, METH_METHOD, METH_NOARGS, METH_O, METH_VARARGS};
use crate::object::slots::{VECTORCALL_ARGUMENTS_OFFSET, VectorcallFunc};
use crate::object::{MethodDef, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::builtin_function::{BuiltinFunction, BuiltinMethod, call_method_def};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A method of a built-in type (`PyMethodDescrObject`).
#[pytype(name = "method_descriptor", generic_get, c_name = "PyMethodDescr_Type", doc = "", gc, flag = METHOD_DESCRIPTOR, vectorcall = vectorcall)]
pub struct MethodDescriptor {
    #[traverse]
    pub(crate) head: DescriptorHead,
    pub(crate) method: &'static MethodDef,
    pub(crate) vectorcall: Cell<Option<VectorcallFunc>>,
}

crate::assert_layout!(MethodDescriptor, size 56, method @ 40, vectorcall @ 48);

/// Calls a method descriptor: the first argument is the receiver.
unsafe extern "C" fn vectorcall(
    callable: &Object,
    arguments: *const &'static Object,
    flagged: usize,
    names: Option<&Tuple>,
) -> Result<Ref, Raised> {
    let count = flagged & !VECTORCALL_ARGUMENTS_OFFSET;
    // SAFETY: the function belongs to method descriptors; the arguments are as many as said.
    let (this, all) = unsafe {
        (callable.cast_unchecked::<MethodDescriptor>(), crate::object::args::all(arguments, count as isize, names))
    };
    let receiver = if count > 0 { Some(all[0]) } else { None };
    this.head.check_call_receiver(receiver)?;
    call_method_def(this.method, Some(&this.head), receiver, &all[1..], names)
}

/// The method bound to its receiver.
fn bound(method: &'static MethodDef, receiver: &Object, head: &DescriptorHead) -> Result<Ref, Raised> {
    if method.flags & METH_METHOD != 0 {
        return Ok(BuiltinMethod::new(method, Some(receiver.to_ref()), None, head.owner())?.into_object());
    }
    Ok(BuiltinFunction::bound(method, receiver)?.into_object())
}

impl MethodDescriptor {
    /// The descriptor of a method.
    pub fn new(owner: &Type, name: &Str, method: &'static MethodDef) -> Result<Ref<MethodDescriptor>, Raised> {
        crate::object::create(MethodDescriptor {
            head: DescriptorHead::of::<MethodDescriptor>(owner, name),
            method,
            vectorcall: Cell::new(Some(vectorcall)),
        })
    }

    /// The method's table entry.
    pub fn method(&self) -> &'static MethodDef {
        self.method
    }

    /// The type that the method belongs to.
    pub fn owner(&self) -> Ref<Type> {
        self.head.owner()
    }
}

#[pymethods]
impl MethodDescriptor {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.head.repr("method")
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&crate::types::dict::Dict>) -> Result<Ref, Raised> {
        crate::object::protocol::call_tuple(self, args, kwargs)
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance else { return Ok(self.to_ref()) };
        self.head.check_receiver(instance)?;
        bound(self.method, instance, &self.head)
    }

    #[getter]
    fn __name__(&self) -> Result<&'static str, Raised> {
        Ok(self.method.name())
    }

    #[getter]
    fn __objclass__(&self) -> Result<Ref<Type>, Raised> {
        Ok(self.head.owner())
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref, Raised> {
        self.head.qualified_name()
    }

    #[getter]
    fn __doc__(&self) -> Result<Option<Ref<Str>>, Raised> {
        doc_text(self.method.name(), self.method.doc())
    }

    #[getter]
    fn __text_signature__(&self) -> Result<Option<Ref<Str>>, Raised> {
        text_signature(self.method.name(), self.method.doc())
    }

    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        reduce_attribute(&self.head.owner(), &*Str::intern(self.method.name())?)
    }
}

/// A class method of a built-in type.
#[pytype(name = "classmethod_descriptor", generic_get, c_name = "PyClassMethodDescr_Type", doc = "", gc)]
pub struct ClassMethodDescriptor {
    #[traverse]
    head: DescriptorHead,
    method: &'static MethodDef,
    vectorcall: Cell<Option<VectorcallFunc>>,
}

impl ClassMethodDescriptor {
    /// The descriptor of a class method.
    pub fn new(owner: &Type, name: &Str, method: &'static MethodDef) -> Result<Ref<ClassMethodDescriptor>, Raised> {
        crate::object::create(ClassMethodDescriptor {
            head: DescriptorHead::of::<ClassMethodDescriptor>(owner, name),
            method,
            vectorcall: Cell::new(None),
        })
    }
}

#[pymethods]
impl ClassMethodDescriptor {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.head.repr("method")
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, owner: Option<&Object>) -> Result<Ref, Raised> {
        let name = self.head.name_text();
        let ty = match (owner, instance) {
            (Some(owner), _) => owner.to_ref(),
            (None, Some(instance)) => instance.type_ref().into_object(),
            (None, None) => {
                return Err(raise!(
                    TypeError,
                    "descriptor '{name}' for type '{}' needs either an object or a type",
                    self.head.owner().full_name()
                ));
            }
        };
        let Some(ty) = ty.downcast::<Type>() else {
            return Err(raise!(
                TypeError,
                "descriptor '{name}' for type '{}' needs a type, not a '{}' as arg 2",
                self.head.owner().full_name(),
                ty.ty().full_name()
            ));
        };
        if !ty.is_subtype(&self.head.owner()) {
            return Err(raise!(
                TypeError,
                "descriptor '{name}' requires a subtype of '{}' but received '{}'",
                self.head.owner().full_name(),
                ty.full_name()
            ));
        }
        bound(self.method, ty, &self.head)
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&crate::types::dict::Dict>) -> Result<Ref, Raised> {
        let arguments = args.as_borrowed_slice();
        let Some((ty, rest)) = arguments.split_first() else {
            return Err(raise!(
                TypeError,
                "descriptor '{}' of '{}' object needs an argument",
                self.head.name_text(),
                self.head.owner().full_name()
            ));
        };
        let bound = self.bind(None, Some(ty))?;
        crate::object::protocol::call_tuple(&bound, &*Tuple::from_borrowed(rest)?, kwargs)
    }

    #[getter]
    fn __name__(&self) -> Result<&'static str, Raised> {
        Ok(self.method.name())
    }

    #[getter]
    fn __objclass__(&self) -> Result<Ref<Type>, Raised> {
        Ok(self.head.owner())
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref, Raised> {
        self.head.qualified_name()
    }

    #[getter]
    fn __doc__(&self) -> Result<Option<Ref<Str>>, Raised> {
        doc_text(self.method.name(), self.method.doc())
    }

    #[getter]
    fn __text_signature__(&self) -> Result<Option<Ref<Str>>, Raised> {
        text_signature(self.method.name(), self.method.doc())
    }
}

/// `(getattr, (owner, name))`, for pickling.
pub fn reduce_attribute(owner: &Object, name: &Str) -> Result<Ref<Tuple>, Raised> {
    let builtins = crate::threads::Thread::current().interpreter().builtins.get();
    let getattr = match builtins {
        Some(builtins) => builtins.get_str("getattr")?,
        None => None,
    };
    let Some(getattr) = getattr else { return Err(raise!(AttributeError, "getattr")) };
    let arguments = Tuple::from_borrowed(&[owner, name])?;
    Tuple::from_refs([getattr, arguments.into_object()])
}

/// The kinds of call that a method's flags name.
pub const CALL_FLAGS: i32 = METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD;
