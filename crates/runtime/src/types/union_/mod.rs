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
use crate::types::list::List;
use crate::types::set::FrozenSet;
use crate::types::singletons::{NoneObject, is_none};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, not_implemented};

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

/// Adds the classes of one side that are not there yet; None stands for its type.
fn push_members(members: &List, object: &Object) -> Result<(), Raised> {
    if let Some(union) = object.downcast::<UnionType>() {
        return union.args().as_slice().iter().try_for_each(|item| push_members(members, item));
    }
    let item = if is_none(object) { NoneObject::type_object() } else { object };
    let mut index = 0;
    while let Some(known) = members.get(index) {
        let both_aliases = known.isinstance::<GenericAlias>() && item.isinstance::<GenericAlias>();
        if if both_aliases { equal(&known, item)? } else { known.is(item) } {
            return Ok(());
        }
        index += 1;
    }
    members.push(item.to_ref())
}

/// `left | right` of classes, aliases, unions and None; NotImplemented for anything else.
pub fn union_of(left: &Object, right: &Object) -> Result<Ref, Raised> {
    if !is_member(left) || !is_member(right) {
        return Ok(not_implemented());
    }
    let members = List::new()?;
    push_members(&members, left)?;
    push_members(&members, right)?;
    match members.get(0) {
        Some(only) if members.len() == 1 => Ok(only),
        _ => {
            let union = UnionType {
                base: Object::of::<UnionType>(),
                args: Field::new(members.to_tuple()?),
                parameters: Field::empty(),
            };
            Ok(crate::object::create(union)?.into_object())
        }
    }
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

    /// Whether each class of the other union is one of this.
    fn covers(&self, other: &UnionType) -> Result<bool, Raised> {
        let ours = self.args();
        for item in other.args().as_slice() {
            if !protocol::contains(&ours, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[pymethods(members = MEMBERS)]
impl UnionType {
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
        protocol::hash(&*FrozenSet::from_refs(self.args().as_slice())?)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<UnionType>() else { return Ok(not_implemented()) };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        let same = self.args().len() == other.args().len() && self.covers(other)?;
        Ok(boolean(same == (op == CompareOp::Eq)))
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
