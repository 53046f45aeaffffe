//! What Python calls on ranges.

use habu_macros::pymethods;

use super::iterators::iterate;
use super::value::{MEMBERS, Range, arithmetic};
use crate::object::protocol::number::{Operator, has_index, index, index_exact};
use crate::object::protocol::sequence::{self, check_count, no_keywords};
use crate::object::protocol::{compare_truth, hash, repr};
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::int::value::Bool;
use crate::types::slice::Slice;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::{boolean, none, not_implemented};

/// The value as an integer, when its type is exactly int or bool, whose equality is known.
fn plain_integer(value: &Object) -> Option<&Int> {
    (value.is_exact::<Int>() || value.is_exact::<Bool>()).then(|| value.downcast()).flatten()
}

impl Range {
    /// A part of a range with the parts that matter for equality: a start without items and a step without two do not.
    fn identity(&self) -> Result<Ref<Tuple>, Raised> {
        let length = Ref::from_borrowed(self.length());
        let (some, several) = match length.to_i64() {
            Some(0) => (false, false),
            Some(1) => (true, false),
            _ => (true, true),
        };
        let start = if some { Ref::from_borrowed(self.start()).into_object() } else { none() };
        let step = if several { Ref::from_borrowed(self.step()).into_object() } else { none() };
        Tuple::from_refs([length.into_object(), start, step])
    }

    fn item_from_either_end(&self, index: &Int) -> Result<Ref<Int>, Raised> {
        let index = if index.is_negative() {
            arithmetic(index, self.length(), Operator::Add)?
        } else {
            Ref::from_borrowed(index)
        };
        if index.is_negative() || compare_truth(&index, self.length(), CompareOp::Ge)? {
            return Err(raise!(IndexError, "range object index out of range"));
        }
        self.item_at(&index)
    }

    fn subrange(&self, slice: &Slice) -> Result<Ref<Range>, Raised> {
        let parts = slice.long_indices(self.length())?;
        let [start, stop, step] = [index(&parts[0])?, index(&parts[1])?, index(&parts[2])?];
        Range::new(self.item_at(&start)?, self.item_at(&stop)?, arithmetic(self.step(), &step, Operator::Multiply)?)
    }
}

#[pymethods(members = MEMBERS)]
impl Range {
    #[slot(tp_new)]
    fn construct(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Range>, Raised> {
        no_keywords("range", kwargs)?;
        Range::from_arguments(args.as_borrowed_slice())
    }

    #[slot(tp_vectorcall)]
    fn call_type(_cls: &Object, arguments: &[&Object], names: Option<&Tuple>) -> Result<Ref<Range>, Raised> {
        if names.is_some_and(|names| names.len() > 0) {
            return Err(raise!(TypeError, "range() takes no keyword arguments"));
        }
        Range::from_arguments(arguments)
    }

    #[hidden]
    fn from_arguments(arguments: &[&Object]) -> Result<Ref<Range>, Raised> {
        check_count("range", arguments.len(), 1, 3)?;
        match arguments {
            [start, stop, rest @ ..] => {
                let (start, stop) = (index_exact(start)?, index_exact(stop)?);
                let step = match rest.first() {
                    Some(step) => index_exact(step)?,
                    None => Int::from_i64(1)?,
                };
                if step.digits().is_empty() {
                    return Err(raise!(ValueError, "range() arg 3 must not be zero"));
                }
                Range::new(start, stop, step)
            }
            [stop] => Range::new(Int::from_i64(0)?, index_exact(stop)?, Int::from_i64(1)?),
            [] => Range::new(Int::from_i64(0)?, Int::from_i64(0)?, Int::from_i64(1)?),
        }
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let (start, stop) = (repr(self.start())?, repr(self.stop())?);
        if self.step().to_i64() == Some(1) {
            return Str::from_format(format_args!("range({start}, {stop})"));
        }
        Str::from_format(format_args!("range({start}, {stop}, {})", repr(self.step())?))
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        hash(&*self.identity()?)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Range>() else { return Ok(not_implemented()) };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        let same = self.is(other) || compare_truth(&*self.identity()?, &*other.identity()?, CompareOp::Eq)?;
        Ok(boolean(same == (op == CompareOp::Eq)))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        iterate(self, false)
    }

    #[slot(nb_bool)]
    fn truth(&self) -> Result<bool, Raised> {
        Ok(!self.length().digits().is_empty())
    }

    #[slot(sq_length)]
    fn len(&self) -> Result<usize, Raised> {
        match self.length().to_i64() {
            Some(length) => Ok(length as usize),
            None => Err(raise!(OverflowError, "Python int too large to convert to C ssize_t")),
        }
    }

    #[slot(mp_length)]
    fn mapping_length(&self) -> Result<usize, Raised> {
        self.len()
    }

    #[slot(sq_item)]
    fn item(&self, index: isize) -> Result<Ref<Int>, Raised> {
        self.item_from_either_end(&*Int::from_i64(index as i64)?)
    }

    #[slot(mp_subscript)]
    fn subscript(&self, key: &Object) -> Result<Ref, Raised> {
        if has_index(key) {
            return Ok(self.item_from_either_end(&*index(key)?)?.into_object());
        }
        match key.downcast::<Slice>() {
            Some(slice) => Ok(self.subrange(slice)?.into_object()),
            None => Err(raise!(TypeError, "range indices must be integers or slices, not {}", key.ty().full_name())),
        }
    }

    #[slot(sq_contains)]
    fn contains(&self, value: &Object) -> Result<bool, Raised> {
        match plain_integer(value) {
            Some(value) => self.contains_integer(value),
            None => sequence::contains_by_iteration(self, value),
        }
    }

    /// Return a reverse iterator.
    #[name = "__reversed__"]
    #[no_signature]
    fn reversed(&self) -> Result<Ref, Raised> {
        iterate(self, true)
    }

    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let part = |part: &Int| Ref::from_borrowed(part).into_object();
        let parts = Tuple::from_refs([part(self.start()), part(self.stop()), part(self.step())])?;
        Tuple::from_refs([self.type_ref().into_object(), parts.into_object()])
    }

    /// rangeobject.count(value) -> integer -- return number of occurrences of value
    #[no_signature]
    fn count(&self, value: &Object) -> Result<usize, Raised> {
        match plain_integer(value) {
            Some(value) => self.contains_integer(value).map(usize::from),
            None => sequence::count(self, value),
        }
    }

    /// rangeobject.index(value) -> integer -- return index of value.
    /// Raise ValueError if the value is not present.
    #[no_signature]
    fn index(&self, value: &Object) -> Result<Ref, Raised> {
        let Some(number) = plain_integer(value) else {
            return crate::object::IntoObject::into_object(sequence::index_of(self, value)?);
        };
        if !self.contains_integer(number)? {
            return Err(raise!(ValueError, "{} is not in range", repr(value)?));
        }
        let distance = arithmetic(number, self.start(), Operator::Subtract)?;
        Ok(arithmetic(&distance, self.step(), Operator::FloorDivide)?.into_object())
    }
}
