//! How classes are shown within aliases and unions.

use crate::id;
use crate::object::protocol::{TextBuilder, lookup_attribute, repr, str};
use crate::object::{Object, Raised};
use crate::types::singletons::is_none;
use crate::types::str::Str;

/// Appends a class by its qualified name, with its module unless that is builtins; `...` for Ellipsis; anything else, and what is an alias
/// itself, by its `repr`.
pub fn push_item(text: &mut TextBuilder, item: &Object) -> Result<(), Raised> {
    if item.is(&crate::types::ellipsis()) {
        return text.push_ascii("...");
    }
    if lookup_attribute(item, id!(__origin__))?.is_some() && lookup_attribute(item, id!(__args__))?.is_some() {
        return text.push(&*repr(item)?);
    }
    let name = lookup_attribute(item, id!(__qualname__))?;
    let module = match &name {
        Some(_) => lookup_attribute(item, id!(__module__))?,
        None => None,
    };
    match (name, module.filter(|module| !is_none(module))) {
        (Some(name), Some(module)) => {
            if !module.downcast::<Str>().is_some_and(|module| module.equals("builtins")) {
                text.push(&*str(&module)?)?;
                text.push_ascii(".")?;
            }
            text.push(&*str(&name)?)
        }
        _ => text.push(&*repr(item)?),
    }
}
