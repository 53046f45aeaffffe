//! `instancemethod`: makes any callable bind like a function (`PyInstanceMethodObject`).

use habu_macros::{pymethods, pytype};

use super::Method;
use crate::object::{Field, Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// instancemethod(function)
///
/// Bind a function to a class.
#[pytype(name = "instancemethod", generic_set, c_name = "PyInstanceMethod_Type", gc)]
pub struct InstanceMethod {
    base: Object,
    #[traverse]
    function: Field,
}

crate::assert_layout!(InstanceMethod, size 24, function @ 16);

impl InstanceMethod {
    /// The method of a callable.
    pub fn of(function: &Object) -> Result<Ref<InstanceMethod>, Raised> {
        crate::object::create(InstanceMethod {
            base: Object::of::<InstanceMethod>(),
            function: Field::new(function.to_ref()),
        })
    }

    /// The callable.
    pub fn callable(&self) -> Result<Ref, Raised> {
        self.function.get().ok_or_else(|| raise!(SystemError, "instancemethod without a function"))
    }
}

#[pymethods]
impl InstanceMethod {
    #[slot(tp_new)]
    #[signature(function, /)]
    fn new(cls: &Type, function: &Object) -> Result<Ref<InstanceMethod>, Raised> {
        let _ = cls;
        if !protocol::is_callable(function) {
            return Err(raise!(TypeError, "first argument must be callable"));
        }
        InstanceMethod::of(function)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let name = protocol::lookup_attribute(&*self.callable()?, crate::id!(__name__))?;
        let name = name.as_deref().and_then(Object::downcast::<Str>).map(|name| name.to_string_lossy());
        let name = name.unwrap_or_else(|| "?".to_owned());
        Str::from_format(format_args!("<instancemethod {name} at {:#x}>", self.address()))
    }

    #[slot(tp_getattro)]
    fn get(&self, name: &Object) -> Result<Ref, Raised> {
        let Some(text) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "attribute name must be string, not '{}'", name.ty().full_name()));
        };
        match crate::types::object::generic_get(self, text)? {
            Some(value) => Ok(value),
            None => protocol::get_attribute(&*self.callable()?, text),
        }
    }

    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        protocol::call_tuple(&*self.callable()?, args, kwargs)
    }

    #[slot(tp_descr_get)]
    fn bind(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let function = self.callable()?;
        match instance {
            Some(instance) => Ok(Method::new(&function, instance)?.into_object()),
            None => Ok(function),
        }
    }

    #[getter]
    fn __func__(&self) -> Result<Ref, Raised> {
        self.callable()
    }
}
