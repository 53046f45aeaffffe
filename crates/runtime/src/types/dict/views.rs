//! `dict_keys`, `dict_values` and `dict_items`: views on a dictionary; those of keys and items behave like sets.

use habu_macros::{pymethods, pytype};

use super::iterators::*;
use super::value::Dict;
use crate::object::protocol::repr_guard::guarded;
use crate::object::slots::CompareOp;
use crate::object::{Field, Object, Raised, Ref, protocol};
use crate::types::mappingproxy::MappingProxy;
use crate::types::not_implemented;
use crate::types::set::{Set, SetCore, algebra};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// `name([...])`
fn show(view: &Object) -> Result<Ref<Str>, Raised> {
    guarded(
        view,
        || Str::new("..."),
        || {
            let list = protocol::to_list(view)?;
            let name = view.type_ref();
            let mut text = protocol::TextBuilder::new();
            text.push_ascii(name.name())?;
            text.push_ascii("(")?;
            text.push(&*protocol::repr(&list)?)?;
            text.push_ascii(")")?;
            text.finish()
        },
    )
}

/// Whether the object is a set or one of the views that are like sets.
fn is_set_like(object: &Object) -> bool {
    SetCore::of(object).is_some() || object.isinstance::<DictKeys>() || object.isinstance::<DictItems>()
}

/// Whether everything in `some` is in `all`.
fn contains_all(all: &Object, some: &Object) -> Result<bool, Raised> {
    let iterator = protocol::iterator(some)?;
    while let Some(item) = protocol::next(&iterator)? {
        if !protocol::contains(all, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(view: &Object, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
    if !is_set_like(other) {
        return Ok(not_implemented());
    }
    let (ours, theirs) = (protocol::length(view)?, protocol::length(other)?);
    let holds = match op {
        CompareOp::Eq | CompareOp::Ne => {
            let equal = ours == theirs && contains_all(other, view)?;
            equal == (op == CompareOp::Eq)
        }
        CompareOp::Lt => ours < theirs && contains_all(other, view)?,
        CompareOp::Le => ours <= theirs && contains_all(other, view)?,
        CompareOp::Gt => ours > theirs && contains_all(view, other)?,
        CompareOp::Ge => ours >= theirs && contains_all(view, other)?,
    };
    Ok(crate::types::boolean(holds))
}

/// A set of the items of an operand. That of a view on keys has the room that one of the dictionary has, which the order shows.
fn set_of(operand: &Object) -> Result<Ref<Set>, Raised> {
    let set = Set::new()?;
    let dict = match operand.downcast_exact::<DictKeys>() {
        Some(keys) => Some(keys.dict()?).filter(|dict| dict.is_exact::<Dict>()),
        None => None,
    };
    match dict {
        Some(dict) => set.update_from(&dict)?,
        None => set.update_from(operand)?,
    }
    Ok(set)
}

/// `left - right`
fn difference(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let result = set_of(left)?;
    algebra::subtract(&result.core, right)?;
    Ok(result.into_object())
}

/// `left & right`: the larger view is asked for what the other one has.
fn intersection(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let (mut view, mut other) = (left, right);
    let is_view = |object: &Object| object.isinstance::<DictKeys>() || object.isinstance::<DictItems>();
    if !is_view(view) || (is_view(other) && protocol::length(other)? > protocol::length(view)?) {
        std::mem::swap(&mut view, &mut other);
    }
    // A set that is not smaller looks up more quickly than it is walked through. A frozen one is walked through all the same.
    if other.is_exact::<Set>() && protocol::length(view)? <= protocol::length(other)? {
        std::mem::swap(&mut view, &mut other);
    }
    let result = Set::new()?;
    protocol::for_each(other, |key| {
        if protocol::contains(view, &key)? {
            result.add_item(&key)?;
        }
        Ok(())
    })?;
    Ok(result.into_object())
}

/// `left | right`
fn union(left: &Object, right: &Object) -> Result<Ref, Raised> {
    let result = set_of(left)?;
    result.update_from(right)?;
    Ok(result.into_object())
}

/// `left ^ right`
fn symmetric_difference(left: &Object, right: &Object) -> Result<Ref, Raised> {
    if let (Some(left), Some(right)) = (left.downcast_exact::<DictItems>(), right.downcast_exact::<DictItems>()) {
        return items_in_one(&*left.dict()?, &*right.dict()?);
    }
    let result = set_of(left)?;
    algebra::symmetric_update(&result.core, right)?;
    Ok(result.into_object())
}

/// The items that only one of two dictionaries has. A value is hashed only if it is in the result.
fn items_in_one(left: &Dict, right: &Dict) -> Result<Ref, Raised> {
    let (rest, result) = (left.copy()?, Set::new()?);
    let mut at = 0;
    while let Some((key, hash, value)) = right.next_hashed(&mut at) {
        let same = match rest.get_hashed(&key, hash)? {
            Some(other) => protocol::equal(&other, &value)?,
            None => false,
        };
        if same {
            rest.remove_hashed(&key, hash)?;
        } else {
            result.add_item(&*Tuple::from_refs([key, value])?)?;
        }
    }
    let mut at = 0;
    while let Some((key, _, value)) = rest.next_hashed(&mut at) {
        result.add_item(&*Tuple::from_refs([key, value])?)?;
    }
    Ok(result.into_object())
}

fn is_disjoint(view: &Object, other: &Object) -> Result<bool, Raised> {
    if view.is(other) {
        return Ok(protocol::length(view)? == 0);
    }
    let (mut asked, mut walked) = (view, other);
    if is_set_like(other) && protocol::length(other)? > protocol::length(view)? {
        std::mem::swap(&mut asked, &mut walked);
    }
    let iterator = protocol::iterator(walked)?;
    while let Some(item) = protocol::next(&iterator)? {
        if protocol::contains(asked, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Declares the layout of a view.
macro_rules! view {
    ($(#[$doc:meta])* $view:ident, $name:literal, $symbol:literal) => {
        $(#[$doc])*
        #[pytype(name = $name, c_name = $symbol, doc = "", gc)]
        pub struct $view {
            base: Object,
            #[traverse]
            dict: Field<Dict>,
        }

        crate::assert_layout!($view, size 24, dict @ 16);

        impl $view {
            /// A view on `dict`.
            pub fn new(dict: Ref<Dict>) -> Result<Ref<$view>, Raised> {
                crate::object::create($view { base: Object::of::<$view>(), dict: Field::new(dict) })
            }

            /// The fields of a view whose type is a subtype of this one.
            pub fn fields(base: Object, dict: Ref<Dict>) -> $view {
                $view { base, dict: Field::new(dict) }
            }

            /// The dictionary, unless the collector cleared the view.
            pub fn mapped(&self) -> Option<Ref<Dict>> {
                self.dict.get()
            }

            fn dict(&self) -> Result<Ref<Dict>, Raised> {
                match self.dict.get() {
                    Some(dict) => Ok(dict),
                    // The collector cleared the view.
                    None => Dict::new(),
                }
            }
        }
    };
}

view!(
    /// A view on the keys.
    DictKeys, "dict_keys", "PyDictKeys_Type"
);
view!(
    /// A view on the values.
    DictValues, "dict_values", "PyDictValues_Type"
);
view!(
    /// A view on the items.
    DictItems, "dict_items", "PyDictItems_Type"
);

/// Declares the methods of a view that is like a set.
macro_rules! set_view {
    ($view:ident, $iterator:ident, $reverse:ident, $word:literal, $contains:expr) => {
        #[pymethods]
        impl $view {
            #[slot(tp_repr)]
            fn repr(&self) -> Result<Ref<Str>, Raised> {
                show(self)
            }

            #[slot(tp_richcompare)]
            fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
                compare(self, other, op)
            }

            #[slot(tp_iter)]
            fn iter(&self) -> Result<Ref<$iterator>, Raised> {
                $iterator::new(self.dict()?)
            }

            #[slot(sq_length)]
            fn length(&self) -> Result<usize, Raised> {
                Ok(self.dict()?.len())
            }

            #[slot(sq_contains)]
            fn contains(&self, item: &Object) -> Result<bool, Raised> {
                let contains: fn(&Dict, &Object) -> Result<bool, Raised> = $contains;
                contains(&*self.dict()?, item)
            }

            #[slot(nb_subtract)]
            fn subtract(left: &Object, right: &Object) -> Result<Ref, Raised> {
                difference(left, right)
            }

            #[slot(nb_and)]
            fn and(left: &Object, right: &Object) -> Result<Ref, Raised> {
                intersection(left, right)
            }

            #[slot(nb_or)]
            fn or(left: &Object, right: &Object) -> Result<Ref, Raised> {
                union(left, right)
            }

            #[slot(nb_xor)]
            fn xor(left: &Object, right: &Object) -> Result<Ref, Raised> {
                symmetric_difference(left, right)
            }

            /// Return True if the view and the given iterable have a null intersection.
            #[no_signature]
            fn isdisjoint(&self, other: &Object) -> Result<bool, Raised> {
                is_disjoint(self, other)
            }

            #[doc = concat!("Return a reverse iterator over the dict ", $word, ".")]
            #[no_signature]
            fn __reversed__(&self) -> Result<Ref<$reverse>, Raised> {
                $reverse::new(self.dict()?)
            }

            /// dictionary that this view refers to
            #[getter]
            fn mapping(&self) -> Result<Ref<MappingProxy>, Raised> {
                MappingProxy::of(self.dict()?.into_object())
            }
        }
    };
}

set_view!(DictKeys, DictKeyIterator, DictReverseKeyIterator, "keys", |dict, key| dict.contains(key));
set_view!(DictItems, DictItemIterator, DictReverseItemIterator, "items", |dict, item| {
    let Some(pair) = item.downcast::<Tuple>() else { return Ok(false) };
    let [key, value] = pair.as_slice() else { return Ok(false) };
    match dict.get(key)? {
        Some(found) => protocol::equal(&found, value),
        None => Ok(false),
    }
});

#[pymethods]
impl DictValues {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        show(self)
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref<DictValueIterator>, Raised> {
        DictValueIterator::new(self.dict()?)
    }

    #[slot(sq_length)]
    fn length(&self) -> Result<usize, Raised> {
        Ok(self.dict()?.len())
    }

    /// Return a reverse iterator over the dict values.
    #[no_signature]
    fn __reversed__(&self) -> Result<Ref<DictReverseValueIterator>, Raised> {
        DictReverseValueIterator::new(self.dict()?)
    }

    /// dictionary that this view refers to
    #[getter]
    fn mapping(&self) -> Result<Ref<MappingProxy>, Raised> {
        MappingProxy::of(self.dict()?.into_object())
    }
}
