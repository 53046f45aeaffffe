//! `types.UnionType`: `int | str` (PEP 604).

use std::mem::offset_of;

use habu_macros::{pymethods, pytype};

use super::generic_alias::GenericAlias;
use super::generic_alias::substitute::{collect_parameters, substitute};
use super::generic_alias::text::push_item;
use crate::object::descriptor_tables::{READONLY, T_OBJECT};
use crate::object::protocol::{self, Operator, TextBuilder, binary_op, equal};
use crate::object::slots::CompareOp;
use crate::object::{Field, MemberDef, Object, PyType, Raised, Ref, Type};
use crate::types::not_implemented;
use crate::types::set::FrozenSet;
use crate::types::singletons::{NoneObject, is_none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Represent a PEP 604 union type
///
/// E.g. for int | str
#[pytype(name = "types.UnionType", c_name = "_PyUnion_Type", gc, flag = DISALLOW_INSTANTIATION)]
pub struct UnionType {
    base: Object,
    #[traverse]
    args: Field<Tuple>,
    #[traverse]
    parameters: Field<Tuple>,
}

crate::assert_layout!(UnionType, size 32, args @ 16, parameters @ 24);

static MEMBERS: &[MemberDef] = &[MemberDef {
    name: c"__args__".as_ptr(),
    kind: T_OBJECT,
    offset: offset_of!(UnionType, args) as isize,
    flags: READONLY,
    doc: std::ptr::null(),
}];

/// What a union may be made of.
fn is_member(object: &Object) -> bool {
    is_none(object)
        || object.isinstance::<Type>()
        || object.isinstance::<GenericAlias>()
        || object.isinstance::<UnionType>()
}

/// What one side of `|` is made of, each once; None stands for its type.
fn members_of(object: &Object) -> Result<Ref<Tuple>, Raised> {
    match object.downcast::<UnionType>() {
        Some(union) => Ok(union.args()),
        None if is_none(object) => Tuple::from_refs([NoneObject::type_object().to_ref()]),
        None => Tuple::from_refs([object.to_ref()]),
    }
}

/// Whether the class or alias is among those: aliases are equal, classes are the same.
fn is_among(item: &Object, members: &[Ref]) -> Result<bool, Raised> {
    if members.iter().any(|known| known.is(item)) {
        return Ok(true);
    }
    if item.isinstance::<GenericAlias>() {
        for known in members.iter().filter(|known| known.isinstance::<GenericAlias>()) {
            if equal(known, item)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// `left | right` of classes, aliases, unions and None; NotImplemented for anything else.
pub fn union_of(left: &Object, right: &Object) -> Result<Ref, Raised> {
    if !is_member(left) || !is_member(right) {
        return Ok(not_implemented());
    }
    // Each side has each member once, so that only the right one's are looked for, and only in the left one.
    let (first, second) = (members_of(left)?, members_of(right)?);
    let mut fresh = habu_heap::Buffer::<Ref>::new();
    for item in second.as_slice() {
        if !is_among(item, first.as_slice())? {
            fresh.push(item.clone())?;
        }
    }
    let (old, count) = (first.as_slice(), first.len() + fresh.len());
    if let [only] = old
        && count == 1
    {
        return Ok(only.clone());
    }
    let args = match fresh.is_empty() {
        true => first.clone(),
        false => Tuple::build(count, |index| Ok(old.get(index).unwrap_or_else(|| &fresh[index - old.len()]).clone()))?,
    };
    let union = UnionType { base: Object::of::<UnionType>(), args: Field::new(args), parameters: Field::empty() };
    Ok(crate::object::create(union)?.into_object())
}

impl UnionType {
    /// The classes.
    pub fn args(&self) -> Ref<Tuple> {
        self.args.get().unwrap_or_else(Tuple::empty)
    }

    fn own_parameters(&self) -> Result<Ref<Tuple>, Raised> {
        if let Some(parameters) = self.parameters.get() {
            return Ok(parameters);
        }
        crate::threads::thread::check_native_stack()?;
        let parameters = collect_parameters(&self.args())?;
        self.parameters.set(Some(parameters.clone()));
        Ok(parameters)
    }

    /// The classes without their order.
    fn set(&self) -> Result<Ref<FrozenSet>, Raised> {
        FrozenSet::from_refs(self.args().as_slice())
    }
}

#[pymethods(members = MEMBERS)]
impl UnionType {
    #[slot(tp_getattro)]
    fn get_attribute(&self, name: &Object) -> Result<Ref, Raised> {
        if let Some(name) = name.downcast::<Str>().filter(|name| name.equals("__module__")) {
            return protocol::get_attribute(self.ty(), name);
        }
        // SAFETY: the generic lookup is for objects of any type.
        unsafe { crate::types::object::generic_get_attribute(self, name) }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let mut text = TextBuilder::new();
        for (index, item) in self.args().as_slice().iter().enumerate() {
            if index > 0 {
                text.push_ascii(" | ")?;
            }
            if item.is(NoneObject::type_object()) {
                text.push_ascii("None")?;
            } else {
                push_item(&mut text, item)?;
            }
        }
        text.finish()
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        // The order of the classes does not matter.
        protocol::hash(&*self.set()?)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<UnionType>() else { return Ok(not_implemented()) };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        protocol::compare(&*self.set()?, &*other.set()?, op)
    }

    #[slot(nb_or)]
    fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
        union_of(left, right)
    }

    #[slot(mp_subscript)]
    fn subscript(&self, item: &Object) -> Result<Ref, Raised> {
        let args = substitute(self, &self.args(), &*self.own_parameters()?, item)?;
        let mut items = args.as_slice().iter();
        let Some(first) = items.next() else { return Ok(args.into_object()) };
        items.try_fold(first.clone(), |union, item| binary_op(&union, item, Operator::Or))
    }

    /// Type variables in the types.UnionType.
    #[getter]
    #[name = "__parameters__"]
    fn parameters(&self) -> Result<Ref<Tuple>, Raised> {
        self.own_parameters()
    }
}
