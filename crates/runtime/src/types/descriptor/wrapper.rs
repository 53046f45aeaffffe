//! Slot wrappers, `int.__add__`, and their bound form, `(1).__add__`.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::OnceLock;

use habu_macros::{pymethods, pytype};

use super::{DescriptorHead, doc_text, text_signature};
use crate::object::slots::CompareOp;
use crate::object::{Field, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::singletons::not_implemented;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_::slotdefs::{AnyFunction, SLOT_DEFS, SlotDef};

/// What C sees of a definition (`struct wrapperbase`). Compiled code (Cython's) copies one to give a wrapper a docstring of its own, so that
/// the definition is found through a field of the copy, and the docstring is read from it.
#[repr(C)]
struct WrapperBase {
    name: *const c_char,
    offset: c_int,
    /// CPython has the slot function here, which nobody calls through this.
    definition: &'static SlotDef,
    wrapper: *const (),
    doc: *const c_char,
    flags: c_int,
    name_object: *const Object,
}

const _: () = assert!(size_of::<WrapperBase>() == 56);

// SAFETY: texts that stay for ever, and nothing that changes.
unsafe impl Sync for WrapperBase {}
// SAFETY: as above.
unsafe impl Send for WrapperBase {}

impl WrapperBase {
    /// What C sees of `definition`.
    fn of(definition: &'static SlotDef) -> &'static WrapperBase {
        static ALL: OnceLock<Vec<WrapperBase>> = OnceLock::new();
        let text = |text: &str| CString::new(text).map_or(c"".as_ptr(), |text| text.into_raw().cast_const());
        let all = ALL.get_or_init(|| {
            let base = |definition: &'static SlotDef| WrapperBase {
                name: text(definition.name),
                offset: 0,
                definition,
                wrapper: std::ptr::null(),
                doc: text(definition.doc),
                flags: c_int::from(definition.keywords),
                name_object: std::ptr::null(),
            };
            SLOT_DEFS.iter().map(base).collect()
        });
        let index = (std::ptr::from_ref(definition) as usize - SLOT_DEFS.as_ptr() as usize) / size_of::<SlotDef>();
        &all[index]
    }
}

/// A slot of a built-in type as a method (`PyWrapperDescrObject`).
#[pytype(name = "wrapper_descriptor", generic_get, c_name = "PyWrapperDescr_Type", doc = "", gc, flag = METHOD_DESCRIPTOR)]
pub struct WrapperDescriptor {
    #[traverse]
    head: DescriptorHead,
    d_base: Cell<&'static WrapperBase>,
    function: Cell<AnyFunction>,
}

crate::assert_layout!(WrapperDescriptor, size 56, d_base @ 40);

impl WrapperDescriptor {
    /// The wrapper of a slot's function.
    pub fn new(
        owner: &Type,
        name: &Str,
        definition: &'static SlotDef,
        function: AnyFunction,
    ) -> Result<Ref<WrapperDescriptor>, Raised> {
        crate::object::create(WrapperDescriptor {
            head: DescriptorHead::of::<WrapperDescriptor>(owner, name),
            d_base: Cell::new(WrapperBase::of(definition)),
            function: Cell::new(function),
        })
    }

    /// The definition of the special method.
    pub fn definition(&self) -> &'static SlotDef {
        self.d_base.get().definition
    }

    /// The docstring: the definition's, or one that C put in its place.
    fn text(&self) -> String {
        let doc = self.d_base.get().doc;
        if doc.is_null() {
            return String::new();
        }
        // SAFETY: a C string that stays as long as the wrapper's type.
        unsafe { CStr::from_ptr(doc) }.to_string_lossy().into_owned()
    }

    /// The slot's function.
    pub fn function(&self) -> AnyFunction {
        self.function.get()
    }

    /// The type that the wrapper belongs to.
    pub fn owner(&self) -> Ref<Type> {
        self.head.owner()
    }

    /// Calls the slot for a receiver.
    pub fn invoke(&self, receiver: &Object, args: &[&Object], kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let kwargs = kwargs.filter(|kwargs| kwargs.len() > 0);
        if kwargs.is_some() && !self.definition().keywords {
            return Err(raise!(TypeError, "wrapper {}() takes no keyword arguments", self.definition().name));
        }
        match self.definition().wrapper {
            Some(wrapper) => wrapper(self.function.get(), receiver, args, kwargs),
            None => Err(raise!(SystemError, "slot without a wrapper")),
        }
    }
}

#[pymethods]
impl WrapperDescriptor {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.head.repr("slot wrapper")
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let arguments = args.as_borrowed_slice();
        let Some((receiver, rest)) = arguments.split_first() else {
            return Err(raise!(
                TypeError,
                "descriptor '{}' of '{}' object needs an argument",
                self.definition().name,
                self.owner().full_name()
            ));
        };
        if !receiver.ty().is_subtype(&self.owner()) {
            return Err(raise!(
                TypeError,
                "descriptor '{}' requires a '{}' object but received a '{}'",
                self.definition().name,
                self.owner().full_name(),
                receiver.ty().full_name()
            ));
        }
        // The rest is a tuple of its own in CPython.
        let _held = crate::object::args::hold(rest);
        self.invoke(receiver, rest, kwargs)
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance else { return Ok(self.to_ref()) };
        self.head.check_receiver(instance)?;
        Ok(MethodWrapper::new(self, instance)?.into_object())
    }

    #[getter]
    fn __name__(&self) -> Result<&'static str, Raised> {
        Ok(self.definition().name)
    }

    #[getter]
    fn __objclass__(&self) -> Result<Ref<Type>, Raised> {
        Ok(self.owner())
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref, Raised> {
        self.head.qualified_name()
    }

    #[getter]
    fn __doc__(&self) -> Result<Option<Ref<Str>>, Raised> {
        doc_text(self.definition().name, Some(&self.text()))
    }

    #[getter]
    fn __text_signature__(&self) -> Result<Option<Ref<Str>>, Raised> {
        text_signature(self.definition().name, Some(&self.text()))
    }

    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        super::method::reduce_attribute(&self.owner(), &*Str::intern(self.definition().name)?)
    }
}

/// A slot wrapper bound to an object.
#[pytype(name = "method-wrapper", generic_get, c_name = "_PyMethodWrapper_Type", doc = "", gc)]
pub struct MethodWrapper {
    base: Object,
    #[traverse]
    wrapper: Field<WrapperDescriptor>,
    #[traverse]
    receiver: Field,
}

impl MethodWrapper {
    /// The wrapper bound to `receiver`.
    pub fn new(wrapper: &WrapperDescriptor, receiver: &Object) -> Result<Ref<MethodWrapper>, Raised> {
        crate::object::create(MethodWrapper {
            base: Object::of::<MethodWrapper>(),
            wrapper: Field::new(Ref::from_borrowed(wrapper)),
            receiver: Field::new(receiver.to_ref()),
        })
    }

    fn parts(&self) -> Result<(Ref<WrapperDescriptor>, Ref), Raised> {
        match (self.wrapper.get(), self.receiver.get()) {
            (Some(wrapper), Some(receiver)) => Ok((wrapper, receiver)),
            _ => Err(raise!(SystemError, "method-wrapper was cleared")),
        }
    }
}

#[pymethods]
impl MethodWrapper {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (wrapper, receiver) = self.parts()?;
        Str::from_format(format_args!(
            "<method-wrapper '{}' of {} object at {:#x}>",
            wrapper.definition().name,
            receiver.ty().full_name(),
            receiver.address()
        ))
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let (wrapper, receiver) = self.parts()?;
        wrapper.invoke(&receiver, args.as_borrowed_slice(), kwargs)
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        let (wrapper, receiver) = self.parts()?;
        Ok(crate::hashing::hash_pointer(receiver.address()) ^ crate::hashing::hash_pointer(wrapper.address()))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast_exact::<MethodWrapper>() else { return Ok(not_implemented()) };
        let same = std::ptr::eq(self.wrapper.pointer(), other.wrapper.pointer())
            && std::ptr::eq(self.receiver.pointer(), other.receiver.pointer());
        match op {
            CompareOp::Eq => Ok(crate::types::boolean(same)),
            CompareOp::Ne => Ok(crate::types::boolean(!same)),
            _ => Ok(not_implemented()),
        }
    }

    #[getter]
    fn __self__(&self) -> Result<Ref, Raised> {
        Ok(self.parts()?.1)
    }

    #[getter]
    fn __name__(&self) -> Result<&'static str, Raised> {
        Ok(self.parts()?.0.definition().name)
    }

    #[getter]
    fn __objclass__(&self) -> Result<Ref<Type>, Raised> {
        Ok(self.parts()?.0.owner())
    }

    #[getter]
    fn __qualname__(&self) -> Result<Ref, Raised> {
        self.parts()?.0.head.qualified_name()
    }

    #[getter]
    fn __doc__(&self) -> Result<Option<Ref<Str>>, Raised> {
        let wrapper = self.parts()?.0;
        doc_text(wrapper.definition().name, Some(&wrapper.text()))
    }

    #[getter]
    fn __text_signature__(&self) -> Result<Option<Ref<Str>>, Raised> {
        let wrapper = self.parts()?.0;
        text_signature(wrapper.definition().name, Some(&wrapper.text()))
    }

    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let (wrapper, receiver) = self.parts()?;
        super::method::reduce_attribute(&receiver, &*Str::intern(wrapper.definition().name)?)
    }
}
