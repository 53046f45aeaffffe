//! `cmp_to_key`: objects that compare by a function of two arguments.

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::descriptor_tables::T_OBJECT;
use habu_runtime::object::protocol::call::call_lending;
use habu_runtime::object::protocol::compare;
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Field, IntoObject, MemberDef, Object, Raised, Ref};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

/// A comparison without a value, which makes keys when called; or a key.
#[pytype(name = "functools.KeyWrapper", generic_get, doc = "", gc, heap, immutable, flag = DISALLOW_INSTANTIATION)]
pub(super) struct KeyWrapper {
    base: Object,
    #[traverse]
    comparison: Field,
    #[traverse]
    object: Field,
}

assert_layout!(KeyWrapper, size 32);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"obj".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(KeyWrapper, object) as isize,
    flags: 0,
    doc: c"Value wrapped by a key function.".as_ptr(),
}];

/// What `cmp_to_key` gives.
pub(super) fn key_function(comparison: &Object) -> Result<Ref, Raised> {
    let wrapper = KeyWrapper {
        base: Object::of::<KeyWrapper>(),
        comparison: Field::new(comparison.to_ref()),
        object: Field::empty(),
    };
    Ok(habu_runtime::object::create(wrapper)?.into_object())
}

#[pymethods(members = MEMBERS)]
impl KeyWrapper {
    #[slot(tp_call)]
    fn call(&self, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref, Raised> {
        let by_name = match kwargs {
            Some(kwargs) if args.len() == 0 && kwargs.len() == 1 => kwargs.get_str("obj")?,
            _ => None,
        };
        let given = args.len() + kwargs.map_or(0, Dict::len);
        let object = match (by_name, args.get(0)) {
            (Some(object), _) => object,
            (None, Some(object)) if given == 1 => object,
            (None, None) => return Err(raise!(TypeError, "K() missing required argument 'obj' (pos 1)")),
            (None, Some(_)) => return Err(raise!(TypeError, "K() takes at most 1 argument ({given} given)")),
        };
        let key = KeyWrapper {
            base: Object::of::<KeyWrapper>(),
            comparison: Field::optional(self.comparison.get()),
            object: Field::new(object),
        };
        Ok(habu_runtime::object::create(key)?.into_object())
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<KeyWrapper>() else {
            return Err(raise!(TypeError, "other argument must be K instance"));
        };
        let (Some(left), Some(right), Some(comparison)) =
            (self.object.get(), other.object.get(), self.comparison.get())
        else {
            return Err(raise!(AttributeError, "object"));
        };
        let order = call_lending(&comparison, [left, right], &[])?;
        compare(&order, &*0i64.into_object()?, op)
    }
}
