//! Type variables in an alias or union, and what a subscript puts in their place.

use crate::id;
use crate::object::protocol::{self, call, call1, lookup_attribute, repr, truth};
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::list::List;
use crate::types::singletons::is_none;
use crate::types::tuple::Tuple;

/// Adds an item that is not in the list yet.
fn push_new(list: &List, item: Ref) -> Result<(), Raised> {
    let mut index = 0;
    while let Some(known) = list.get(index) {
        if known.is(&item) {
            return Ok(());
        }
        index += 1;
    }
    list.push(item)
}

/// The type variables in the arguments, each once, in the order in which they come.
pub fn collect_parameters(args: &Tuple) -> Result<Ref<Tuple>, Raised> {
    let found = List::new()?;
    for arg in args.as_slice() {
        if arg.isinstance::<Type>() {
            continue;
        }
        if lookup_attribute(arg, id!(__typing_subst__))?.is_some() {
            push_new(&found, arg.clone())?;
        } else if let Some(inner) = lookup_attribute(arg, id!(__parameters__))?
            && let Some(inner) = inner.downcast::<Tuple>()
        {
            inner.as_slice().iter().try_for_each(|item| push_new(&found, item.clone()))?;
        }
    }
    found.to_tuple()
}

/// What stands between the brackets, with unpacked tuples in place.
fn unpack_arguments(item: &Object) -> Result<Ref<Tuple>, Raised> {
    let single;
    let items = match item.downcast::<Tuple>() {
        Some(items) => items,
        None => {
            single = Tuple::from_borrowed(&[item])?;
            &single
        }
    };
    let unpacked = List::new()?;
    for item in items.as_slice() {
        let inner =
            if item.isinstance::<Type>() { None } else { lookup_attribute(item, id!(__typing_unpacked_tuple_args__))? };
        let inner = inner.and_then(|inner| inner.downcast_into::<Tuple>().ok());
        match inner {
            Some(inner) if !inner.as_slice().last().is_some_and(|last| last.is(&crate::types::ellipsis())) => {
                inner.as_slice().iter().try_for_each(|item| unpacked.push(item.clone()))?;
            }
            _ => unpacked.push(item.clone())?,
        }
    }
    unpacked.to_tuple()
}

/// The place of a type variable among the parameters.
fn place_of(parameters: &Tuple, variable: &Object) -> Option<usize> {
    parameters.as_slice().iter().position(|parameter| parameter.is(variable))
}

/// An argument that has type variables of its own, subscripted with what they stand for.
fn substitute_inner(object: &Ref, parameters: &Tuple, items: &Tuple) -> Result<Ref, Raised> {
    let Some(inner) = lookup_attribute(object, id!(__parameters__))? else { return Ok(object.clone()) };
    let Some(inner) = inner.downcast::<Tuple>().filter(|inner| inner.len() > 0) else { return Ok(object.clone()) };
    let arguments = List::new()?;
    for variable in inner.as_slice() {
        match place_of(parameters, variable).and_then(|place| Some((place, items.get(place)?))) {
            Some((_, item)) => match item.downcast::<Tuple>() {
                // A variadic variable stands for several.
                Some(several) if variable.ty().tp_iter.get().is_some() => {
                    several.as_slice().iter().try_for_each(|item| arguments.push(item.clone()))?;
                }
                _ => arguments.push(item)?,
            },
            None => arguments.push(variable.clone())?,
        }
    }
    protocol::get_item(object, &*arguments.to_tuple()?)
}

/// The arguments of `whole` with `item` in the place of its type variables.
pub fn substitute(whole: &Object, args: &Tuple, parameters: &Tuple, item: &Object) -> Result<Ref<Tuple>, Raised> {
    if parameters.len() == 0 {
        return Err(raise!(TypeError, "{} is not a generic class", repr(whole)?));
    }
    let mut items = unpack_arguments(item)?;
    for parameter in parameters.as_slice() {
        if let Some(prepare) = lookup_attribute(parameter, id!(__typing_prepare_subst__))?
            && !is_none(&prepare)
        {
            let prepared = call(&prepare, &[whole, &items])?;
            items = protocol::to_tuple(&prepared)?;
        }
    }
    if items.len() != parameters.len() {
        return Err(raise!(
            TypeError,
            "Too {} arguments for {}; actual {}, expected {}",
            if items.len() > parameters.len() { "many" } else { "few" },
            repr(whole)?,
            items.len(),
            parameters.len()
        ));
    }
    let new = List::new()?;
    for arg in args.as_slice() {
        if arg.isinstance::<Type>() {
            new.push(arg.clone())?;
            continue;
        }
        let unpack = match lookup_attribute(arg, id!(__typing_is_unpacked_typevartuple__))? {
            Some(unpack) => truth(&unpack)?,
            None => false,
        };
        let value = match lookup_attribute(arg, id!(__typing_subst__))? {
            Some(method) => {
                let Some(item) = place_of(parameters, arg).and_then(|place| items.get(place)) else {
                    return Err(raise!(SystemError, "a type variable is not among the parameters"));
                };
                call1(&method, &item)?
            }
            None => substitute_inner(arg, parameters, &items)?,
        };
        match value.downcast::<Tuple>() {
            Some(several) if unpack => {
                several.as_slice().iter().try_for_each(|item| new.push(item.clone()))?;
            }
            _ => new.push(value)?,
        }
    }
    new.to_tuple()
}
