//! Computed attributes of built-in types, `type.__name__`.

use habu_macros::{pymethods, pytype};

use super::DescriptorHead;
use crate::object::{GetSetDef, Object, Raised, Ref, Type};
use crate::raise;
use crate::types::str::Str;

/// A computed attribute (`PyGetSetDescrObject`).
#[pytype(name = "getset_descriptor", generic_get, c_name = "PyGetSetDescr_Type", doc = "", gc)]
pub struct GetSetDescriptor {
    #[traverse]
    head: DescriptorHead,
    definition: &'static GetSetDef,
}

crate::assert_layout!(GetSetDescriptor, size 48);

impl GetSetDescriptor {
    /// The descriptor of a computed attribute.
    pub fn new(owner: &Type, name: &Str, definition: &'static GetSetDef) -> Result<Ref<GetSetDescriptor>, Raised> {
        crate::object::create(GetSetDescriptor {
            head: DescriptorHead::of::<GetSetDescriptor>(owner, name),
            definition,
        })
    }
}

#[pymethods]
impl GetSetDescriptor {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        self.head.repr("attribute")
    }

    #[slot(tp_descr_get)]
    fn get(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance else { return Ok(self.to_ref()) };
        self.head.check_receiver(instance)?;
        match self.definition.get {
            // SAFETY: the receiver is an instance of the type that the getter belongs to.
            Some(get) => unsafe { get(instance, self.definition.closure) },
            None => Err(raise!(
                AttributeError,
                "attribute '{}' of '{}' objects is not readable",
                self.head.name_text(),
                self.head.owner().full_name()
            )),
        }
    }

    #[slot(tp_descr_set)]
    fn set(&self, instance: &Object, value: Option<&Object>) -> Result<(), Raised> {
        self.head.check_receiver(instance)?;
        match self.definition.set {
            // SAFETY: as in `get`.
            Some(set) => unsafe { set(instance, value, self.definition.closure) }.result(),
            None => Err(raise!(
                AttributeError,
                "attribute '{}' of '{}' objects is not writable",
                self.head.name_text(),
                self.head.owner().full_name()
            )),
        }
    }

    #[getter]
    fn __name__(&self) -> Result<&'static str, Raised> {
        Ok(self.definition.name())
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
    fn __doc__(&self) -> Result<Option<&'static str>, Raised> {
        Ok(self.definition.doc())
    }
}
