//! `mappingproxy`: a read-only view of a mapping, as classes show their dictionaries.

use habu_macros::{pymethods, pytype};

use crate::id;
use crate::object::slots::CompareOp;
use crate::object::typeobject::flags;
use crate::object::{Field, Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::threads::thread::check_native_stack;
use crate::types::dict::Dict;
use crate::types::singletons::none_static;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The view.
#[pytype(name = "mappingproxy", generic_get, c_name = "PyDictProxy_Type", doc = "", gc, flag = MAPPING)]
pub struct MappingProxy {
    base: Object,
    #[traverse]
    mapping: Field,
}

crate::assert_layout!(MappingProxy, size 24, mapping @ 16);

impl MappingProxy {
    /// A view of `mapping`.
    pub fn of(mapping: Ref) -> Result<Ref<MappingProxy>, Raised> {
        crate::object::create(MappingProxy { base: Object::of::<MappingProxy>(), mapping: Field::new(mapping) })
    }

    /// What the view shows. All that a view does goes through here, so that views of views end before the native stack does.
    fn mapping(&self) -> Result<Ref, Raised> {
        check_native_stack()?;
        match self.mapping.get() {
            Some(mapping) => Ok(mapping),
            // The collector cleared the view.
            None => Dict::new().map(Ref::into_object),
        }
    }

    fn call(&self, name: &Str, arguments: &[&Object]) -> Result<Ref, Raised> {
        protocol::call_method(&*self.mapping()?, name, arguments)
    }
}

/// What an operand shows, when it is a view.
fn shown(operand: &Object) -> Result<Ref, Raised> {
    match operand.downcast::<MappingProxy>() {
        Some(view) => view.mapping(),
        None => Ok(operand.to_ref()),
    }
}

#[pymethods]
impl MappingProxy {
    #[slot(tp_new)]
    fn new_instance(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<MappingProxy>, Raised> {
        let _ = cls;
        let named = match kwargs {
            Some(kwargs) => kwargs.get_str("mapping")?,
            None => None,
        };
        let given = args.len() + kwargs.map_or(0, Dict::len);
        if given > 1 {
            return Err(raise!(TypeError, "mappingproxy() takes at most 1 argument ({given} given)"));
        }
        let mapping = match (args.get(0), named) {
            (Some(mapping), _) | (None, Some(mapping)) => mapping,
            (None, None) => {
                return Err(raise!(TypeError, "mappingproxy() missing required argument 'mapping' (pos 1)"));
            }
        };
        let is_mapping = protocol::mapping::is_mapping(&mapping)
            && !mapping.ty().has_flag(flags::LIST_SUBCLASS)
            && !mapping.ty().has_flag(flags::TUPLE_SUBCLASS);
        if !is_mapping {
            return Err(raise!(
                TypeError,
                "mappingproxy() argument must be a mapping, not {}",
                mapping.ty().full_name()
            ));
        }
        MappingProxy::of(mapping)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let mut text = protocol::TextBuilder::new();
        text.push_ascii("mappingproxy(")?;
        text.push(&*protocol::repr(&*self.mapping()?)?)?;
        text.push_ascii(")")?;
        text.finish()
    }

    #[slot(tp_str)]
    fn str(&self) -> Result<Ref<Str>, Raised> {
        protocol::str(&*self.mapping()?)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        protocol::compare(&*self.mapping()?, other, op)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        protocol::iterator(&*self.mapping()?)
    }

    #[slot(mp_length)]
    fn length(&self) -> Result<usize, Raised> {
        protocol::length(&*self.mapping()?)
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        protocol::get_item(&*self.mapping()?, key)
    }

    #[slot(sq_contains)]
    fn contains(&self, key: &Object) -> Result<bool, Raised> {
        let mapping = self.mapping()?;
        match mapping.downcast_exact::<Dict>() {
            Some(dict) => dict.contains(key),
            None => protocol::contains(&mapping, key),
        }
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        protocol::binary_op(&*shown(left)?, &*shown(right)?, protocol::Operator::Or)
    }

    #[slot(nb_inplace_or)]
    fn inplace_or(&self, _other: &Object) -> Result<Ref, Raised> {
        Err(raise!(TypeError, "'|=' is not supported by {}; use '|' instead", self.ty().full_name()))
    }

    /// D.get(k[,d]) -> D[k] if k in D, else d.  d defaults to None.
    #[no_signature]
    #[signature(key, default = None, /)]
    fn get(&self, key: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        self.call(&*Str::intern("get")?, &[key, default.unwrap_or(none_static())])
    }

    /// D.keys() -> a set-like object providing a view on D's keys
    #[no_signature]
    fn keys(&self) -> Result<Ref, Raised> {
        self.call(id!(keys), &[])
    }

    /// D.values() -> an object providing a view on D's values
    #[no_signature]
    fn values(&self) -> Result<Ref, Raised> {
        self.call(id!(values), &[])
    }

    /// D.items() -> a set-like object providing a view on D's items
    #[no_signature]
    fn items(&self) -> Result<Ref, Raised> {
        self.call(id!(items), &[])
    }

    /// D.copy() -> a shallow copy of D
    #[no_signature]
    fn copy(&self) -> Result<Ref, Raised> {
        self.call(&*Str::intern("copy")?, &[])
    }

    /// See PEP 585
    #[classmethod]
    #[no_signature]
    fn __class_getitem__(cls: &Type, item: &Object) -> Result<Ref, Raised> {
        crate::types::generic_alias::alias(cls, item)
    }

    /// D.__reversed__() -> reverse iterator
    #[no_signature]
    fn __reversed__(&self) -> Result<Ref, Raised> {
        self.call(id!(__reversed__), &[])
    }
}
