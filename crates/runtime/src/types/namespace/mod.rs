//! `types.SimpleNamespace`: an object that is nothing but its attributes.

use habu_macros::{pymethods, pytype};

use crate::object::protocol::repr_guard::guarded;
use crate::object::slots::CompareOp;
use crate::object::{Field, Object, PyType, Raised, Ref, Type, protocol};
use crate::raise;
use crate::types::dict::{Dict, Override};
use crate::types::not_implemented;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// A simple attribute-based namespace.
///
/// SimpleNamespace(**kwargs)
#[pytype(name = "types.SimpleNamespace", generic_get, generic_set, c_name = "_PyNamespace_Type", gc, basetype, dict = dict)]
pub struct SimpleNamespace {
    base: Object,
    #[traverse]
    dict: Field<Dict>,
}

crate::assert_layout!(SimpleNamespace, size 24, dict @ 16);

impl SimpleNamespace {
    /// A namespace with the attributes of `dict`, which becomes its dictionary.
    pub fn of(dict: Ref<Dict>) -> Result<Ref<SimpleNamespace>, Raised> {
        crate::object::create(SimpleNamespace { base: Object::of::<SimpleNamespace>(), dict: Field::new(dict) })
    }

    /// The attributes.
    pub fn attributes(&self) -> Result<Ref<Dict>, Raised> {
        if let Some(dict) = self.dict.get() {
            return Ok(dict);
        }
        let dict = Dict::new()?;
        self.dict.set(Some(dict.clone()));
        Ok(dict)
    }

    fn show(&self, name: &str) -> Result<Ref<Str>, Raised> {
        let dict = self.attributes()?;
        let mut text = protocol::TextBuilder::new();
        text.push(&*Str::new(name)?)?;
        text.push_ascii("(")?;
        let (mut at, mut first) = (0, true);
        while let Some((key, value)) = dict.next_item(&mut at) {
            let Some(key) = key.downcast::<Str>().filter(|key| key.len() > 0) else { continue };
            if !first {
                text.push_ascii(", ")?;
            }
            first = false;
            text.push(key)?;
            text.push_ascii("=")?;
            text.push(&*protocol::repr(&value)?)?;
        }
        text.push_ascii(")")?;
        text.finish()
    }
}

#[pymethods]
impl SimpleNamespace {
    #[slot(tp_new)]
    fn new_instance(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> Result<Ref<SimpleNamespace>, Raised> {
        let _ = args;
        let fields = SimpleNamespace { base: Object::of::<SimpleNamespace>(), dict: Field::new(Dict::new()?) };
        crate::object::instantiate(cls, fields)
    }

    #[slot(tp_init)]
    fn init(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<(), Raised> {
        if args.len() > 0 {
            return Err(raise!(TypeError, "no positional arguments expected"));
        }
        let Some(kwargs) = kwargs else { return Ok(()) };
        let mut at = 0;
        while let Some((key, _)) = kwargs.next_item(&mut at) {
            if !key.isinstance::<Str>() {
                return Err(raise!(TypeError, "keywords must be strings"));
            }
        }
        self.attributes()?.merge(kwargs, Override::Replace)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let cls = self.type_ref();
        let plain = std::ptr::eq(&*cls, SimpleNamespace::type_object());
        let name = if plain { "namespace" } else { cls.name() };
        guarded(self, || Str::from_format(format_args!("{name}(...)")), || self.show(name))
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        match other.downcast::<SimpleNamespace>() {
            Some(other) => protocol::compare(&*self.attributes()?, &*other.attributes()?, op),
            None => Ok(not_implemented()),
        }
    }

    /// Return state information for pickling
    #[no_signature]
    fn __reduce__(&self) -> Result<Ref<Tuple>, Raised> {
        let attributes = self.attributes()?.into_object();
        Tuple::from_refs([self.type_ref().into_object(), Tuple::empty().into_object(), attributes])
    }

    #[getter]
    fn __dict__(&self) -> Result<Ref<Dict>, Raised> {
        self.attributes()
    }
}
