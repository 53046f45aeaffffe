//! `iter`, `next`, `all`, `any`, `sum`, `min`, `max`, `sorted`, `aiter`, `anext`.

use habu_macros::pymodule;
use habu_runtime::object::protocol::iterate::Items;
use habu_runtime::object::protocol::operator::{Operator, binary_op};
use habu_runtime::object::protocol::{self, iterate};
use habu_runtime::object::slots::CompareOp;
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::types::bytearray::ByteArray;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::Int;
use habu_runtime::types::iterators::CallableIterator;
use habu_runtime::types::list::List;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::Builtins;

/// Whether `left op right`. Small integers and floats, which are compared most, are compared without their slots.
#[inline(always)]
fn holds(left: &Object, right: &Object, op: CompareOp) -> Result<bool, Raised> {
    if let (Some(left), Some(right)) = (left.downcast_exact::<Int>(), right.downcast_exact::<Int>())
        && let (Some(left), Some(right)) = (left.to_i64(), right.to_i64())
    {
        return Ok(op.holds(left.cmp(&right)));
    }
    if let (Some(left), Some(right)) = (left.downcast_exact::<Float>(), right.downcast_exact::<Float>()) {
        // What is not ordered, a NaN, is neither less nor greater.
        return Ok(left.value().partial_cmp(&right.value()).is_some_and(|order| op.holds(order)));
    }
    protocol::truth(&*protocol::compare(left, right, op)?)
}

/// The extreme of the arguments or of one iterable.
fn extreme(
    name: &str,
    args: &[&Object],
    key: Option<&Object>,
    default: Option<&Object>,
    op: CompareOp,
) -> Result<Ref, Raised> {
    let key = key.filter(|key| !is_none(key));
    if args.len() > 1 && default.is_some() {
        return Err(raise!(TypeError, "Cannot specify a default for {name}() with multiple positional arguments"));
    }
    let mut best: Option<(Ref, Ref)> = None;
    let mut consider = |item: Ref| -> Result<(), Raised> {
        let value = match key {
            Some(key) => protocol::call1(key, &item)?,
            None => item.clone(),
        };
        let better = match &best {
            None => true,
            Some((_, known)) => holds(&value, known, op)?,
        };
        if better {
            best = Some((item, value));
        }
        Ok(())
    };
    match args {
        [iterable] => iterate::for_each(iterable, &mut consider)?,
        many => {
            for item in many {
                consider(item.to_ref())?;
            }
        }
    }
    match (best, default) {
        (Some((item, _)), _) => Ok(item),
        (None, Some(default)) => Ok(default.to_ref()),
        (None, None) => Err(raise!(ValueError, "{name}() arg is an empty sequence")),
    }
}

#[pymodule(table = ITERATION)]
impl Builtins {
    /// iter(iterable) -> iterator
    /// iter(callable, sentinel) -> iterator
    ///
    /// Get an iterator from an object.  In the first form, the argument must
    /// supply its own iterator, or be a sequence.
    /// In the second form, the callable is called until it returns the sentinel.
    #[no_signature]
    #[signature(object, sentinel = None, /)]
    fn iter(object: &Object, sentinel: Option<&Object>) -> Result<Ref, Raised> {
        let Some(sentinel) = sentinel else { return iterate::iterator(object) };
        if !protocol::is_callable(object) {
            return Err(raise!(TypeError, "iter(v, w): v must be callable"));
        }
        CallableIterator::new(object.to_ref(), sentinel.to_ref()).map(Ref::into_object)
    }

    /// next(iterator[, default])
    ///
    /// Return the next item from the iterator. If default is given and the iterator
    /// is exhausted, it is returned instead of raising StopIteration.
    #[no_signature]
    #[signature(iterator, default = None, /)]
    fn next(iterator: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        let Some(slot) = iterator.ty().tp_iternext.get().filter(|_| iterate::is_iterator(iterator)) else {
            return Err(raise!(TypeError, "'{}' object is not an iterator", iterator.ty().full_name()));
        };
        // SAFETY: the slot belongs to the iterator's own type.
        if let Some(item) = unsafe { slot(iterator) } {
            return Ok(item);
        }
        let raised = habu_runtime::threads::Thread::current().has_exception();
        match default {
            Some(default) => {
                // What the iterator raised is forgotten when it is the end; any other error stays.
                if raised {
                    protocol::attribute::ignore::<Ref>(Raised::set(), habu_runtime::exceptions::exc::StopIteration())?;
                }
                Ok(default.to_ref())
            }
            None if raised => Err(Raised::set()),
            None => {
                Err(habu_runtime::exceptions::raise_with_arguments(habu_runtime::exceptions::exc::StopIteration(), &[]))
            }
        }
    }

    /// Return True if bool(x) is True for all values x in the iterable.
    ///
    /// If the iterable is empty, return True.
    fn all(iterable: &Object) -> Result<bool, Raised> {
        let mut items = Items::of(iterable)?;
        while let Some(item) = items.next()? {
            if !protocol::truth(&item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Return True if bool(x) is True for any x in the iterable.
    ///
    /// If the iterable is empty, return False.
    fn any(iterable: &Object) -> Result<bool, Raised> {
        let mut items = Items::of(iterable)?;
        while let Some(item) = items.next()? {
            if protocol::truth(&item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Return the sum of a 'start' value (default: 0) plus an iterable of numbers
    ///
    /// When the iterable is empty, return the start value.
    /// This function is intended specifically for use with numeric values and may
    /// reject non-numeric types.
    #[signature(iterable, /, start = None)]
    #[shown("($module, iterable, /, start=0)")]
    fn sum(iterable: &Object, start: Option<&Object>) -> Result<Ref, Raised> {
        let mut items = Items::of(iterable)?;
        let mut total = match start {
            None => Int::from_i64(0)?.into_object(),
            Some(start) if start.isinstance::<Str>() => {
                return Err(raise!(TypeError, "sum() can't sum strings [use ''.join(seq) instead]"));
            }
            Some(start) if start.isinstance::<Bytes>() => {
                return Err(raise!(TypeError, "sum() can't sum bytes [use b''.join(seq) instead]"));
            }
            Some(start) if start.isinstance::<ByteArray>() => {
                return Err(raise!(TypeError, "sum() can't sum bytearray [use b''.join(seq) instead]"));
            }
            Some(start) => start.to_ref(),
        };
        // Small integers are added up without an object for each sum.
        if total.is_exact::<Int>()
            && let Some(mut small) = total.downcast::<Int>().and_then(Int::to_i64)
        {
            loop {
                let Some(item) = items.next()? else { return Ok(Int::from_i64(small)?.into_object()) };
                let value = item.downcast_exact::<Int>().and_then(Int::to_i64);
                match value.and_then(|value| small.checked_add(value)) {
                    Some(sum) => small = sum,
                    None => {
                        let sum = Int::from_i64(small)?;
                        total = binary_op(&sum, &item, Operator::Add)?;
                        break;
                    }
                }
            }
        }
        // So are floats, and small integers among them.
        if let Some(mut sum) = total.downcast_exact::<Float>().map(Float::value) {
            loop {
                let Some(item) = items.next()? else { return Ok(Float::new(sum)?.into_object()) };
                let small = || item.downcast_exact::<Int>().and_then(Int::to_i64).map(|value| value as f64);
                match item.downcast_exact::<Float>().map(Float::value).or_else(small) {
                    Some(value) => sum += value,
                    None => {
                        total = binary_op(&*Float::new(sum)?, &item, Operator::Add)?;
                        break;
                    }
                }
            }
        }
        while let Some(item) = items.next()? {
            total = binary_op(&total, &item, Operator::Add)?;
        }
        Ok(total)
    }

    /// min(iterable, *[, default=obj, key=func]) -> value
    /// min(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// With a single iterable argument, return its smallest item. The
    /// default keyword-only argument specifies an object to return if
    /// the provided iterable is empty.
    /// With two or more arguments, return the smallest argument.
    #[no_signature]
    #[raw]
    fn min(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let _held = habu_runtime::object::args::hold(args);
        let (args, key, default) = extreme_arguments("min", args, names)?;
        extreme("min", args, key, default, CompareOp::Lt)
    }

    /// max(iterable, *[, default=obj, key=func]) -> value
    /// max(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// With a single iterable argument, return its biggest item. The
    /// default keyword-only argument specifies an object to return if
    /// the provided iterable is empty.
    /// With two or more arguments, return the largest argument.
    #[no_signature]
    #[raw]
    fn max(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let _held = habu_runtime::object::args::hold(args);
        let (args, key, default) = extreme_arguments("max", args, names)?;
        extreme("max", args, key, default, CompareOp::Gt)
    }

    /// Return a new list containing all items from the iterable in ascending order.
    ///
    /// A custom key function can be supplied to customize the sort order, and the
    /// reverse flag can be set to request the result in descending order.
    #[raw]
    #[shown("($module, iterable, /, *, key=None, reverse=False)")]
    fn sorted(args: &[&Object], names: Option<&Tuple>) -> Result<Ref<List>, Raised> {
        let named = names.map_or(0, Tuple::len);
        if args.len() - named != 1 {
            return Err(raise!(TypeError, "sorted expected 1 argument, got {}", args.len() - named));
        }
        let list = protocol::sequence::to_list(args[0])?;
        if names.is_none() {
            habu_runtime::types::list::sort(&list, None, false)?;
            return Ok(list);
        }
        let sort = protocol::get_attribute_str(&list, "sort")?;
        protocol::vectorcall(&sort, &args[1..], names)?;
        Ok(list)
    }

    /// Return an AsyncIterator for an AsyncIterable object.
    fn aiter(async_iterable: &Object) -> Result<Ref, Raised> {
        iterate::async_iterator(async_iterable)
    }

    /// async anext(aiterator[, default])
    ///
    /// Return the next item from the async iterator.  If default is given and the async
    /// iterator is exhausted, it is returned instead of raising StopAsyncIteration.
    #[signature(aiterator, default = None, /)]
    #[shown("($module, aiterator, default=<unrepresentable>, /)")]
    fn anext(aiterator: &Object, default: Option<&Object>) -> Result<Ref, Raised> {
        let Some(slot) = aiterator.ty().asynchronous().and_then(|suite| suite.am_anext.get()) else {
            return Err(raise!(TypeError, "'{}' object is not an async iterator", aiterator.ty().full_name()));
        };
        // SAFETY: the slot belongs to the iterator's own type.
        let awaitable = unsafe { slot(aiterator) }?;
        match default {
            Some(default) => {
                habu_runtime::types::async_generator::anext::AnextAwaitable::new(awaitable, default.to_ref())
                    .map(Ref::into_object)
            }
            None => Ok(awaitable),
        }
    }
}

/// The positional arguments of `min` and `max`, and their `key` and `default`.
#[expect(clippy::type_complexity, reason = "the arguments as the caller takes them apart")]
fn extreme_arguments<'a>(
    function: &str,
    args: &'a [&'a Object],
    names: Option<&Tuple>,
) -> Result<(&'a [&'a Object], Option<&'a Object>, Option<&'a Object>), Raised> {
    let names = names.map_or(&[][..], Tuple::as_slice);
    let (args, named) = args.split_at(args.len() - names.len());
    if args.is_empty() {
        return Err(raise!(TypeError, "{function} expected at least 1 argument, got 0"));
    }
    if named.len() > 2 {
        let given = named.len();
        return Err(raise!(TypeError, "{function}() takes at most 2 keyword arguments ({given} given)"));
    }
    let (mut key, mut default) = (None, None);
    for (name, value) in names.iter().zip(named) {
        match name.downcast::<Str>() {
            Some(name) if name.equals("key") => key = Some(*value),
            Some(name) if name.equals("default") => default = Some(*value),
            _ => {
                let name = protocol::str(name)?;
                return Err(raise!(TypeError, "'{name}' is an invalid keyword argument for {function}()"));
            }
        }
    }
    Ok((args, key, default))
}
