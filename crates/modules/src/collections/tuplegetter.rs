//! `_tuplegetter`: the fields of named tuples.

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::object::descriptor_tables::T_OBJECT;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::repr;
use habu_runtime::object::protocol::sequence::{check_count, no_keywords};
use habu_runtime::object::{Field, IntoObject, MemberDef, Object, Raised, Ref, Type};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

/// A descriptor that gives one item of a tuple.
#[pytype(name = "_collections._tuplegetter", doc = "", gc)]
pub(super) struct TupleGetter {
    base: Object,
    index: usize,
    #[traverse]
    doc: Field,
}

assert_layout!(TupleGetter, size 32);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"__doc__".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(TupleGetter, doc) as isize,
    flags: 0,
    doc: std::ptr::null(),
}];

#[pymethods(members = MEMBERS)]
impl TupleGetter {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<TupleGetter>, Raised> {
        no_keywords("_tuplegetter", kwargs)?;
        check_count("_tuplegetter", args.len(), 2, 2)?;
        let index = index_as_size(&args.get(0).unwrap_or_else(none), Some(exc::OverflowError()))?;
        let getter = TupleGetter {
            base: Object::header(cls),
            index: index as usize,
            doc: Field::new(args.get(1).unwrap_or_else(none)),
        };
        habu_runtime::object::instantiate(cls, getter)
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let doc = repr(&self.doc.get().unwrap_or_else(none))?;
        Str::from_format(format_args!("{}({}, {doc})", self.ty().name(), self.index as isize))
    }

    #[slot(tp_descr_get)]
    fn get(&self, instance: Option<&Object>, _owner: Option<&Object>) -> Result<Ref, Raised> {
        let Some(instance) = instance else { return Ok(self.to_ref()) };
        if let Some(tuple) = instance.downcast::<Tuple>() {
            return tuple.get(self.index).ok_or_else(|| raise!(IndexError, "tuple index out of range"));
        }
        if is_none(instance) {
            return Ok(self.to_ref());
        }
        Err(raise!(
            TypeError,
            "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
            self.index as isize,
            instance.ty().full_name()
        ))
    }

    #[slot(tp_descr_set)]
    fn set(&self, _instance: &Object, value: Option<&Object>) -> Result<(), Raised> {
        Err(match value {
            Some(_) => raise!(AttributeError, "can't set attribute"),
            None => raise!(AttributeError, "can't delete attribute"),
        })
    }

    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let index = (self.index as isize).into_object()?;
        let arguments = Tuple::from_refs([index, self.doc.get().unwrap_or_else(none)])?;
        Tuple::from_refs([self.type_ref().into_object(), arguments.into_object()])
    }
}
