//! The direct subclasses of a type: a dictionary from their addresses to weak references.

use crate::object::{Object, Raised, Ref, Type};
use crate::types::dict::Dict;
use crate::types::int::Int;
use crate::types::list::List;
use crate::types::weakref::WeakReference;

fn table(ty: &Type) -> Option<Ref<Dict>> {
    ty.tp_subclasses.get().and_then(|table| table.downcast_into::<Dict>().ok())
}

/// Notes that `ty` derives from `base`.
pub fn add(base: &Type, ty: &Type) -> Result<(), Raised> {
    let table = match table(base) {
        Some(table) => table,
        None => {
            let table = Dict::new()?;
            base.tp_subclasses.set(Some(table.clone().into_object()));
            table
        }
    };
    let key = Int::from_u64(ty.address() as u64)?;
    table.set(&key, &*WeakReference::plain(ty)?)
}

/// Forgets that `ty` derived from `base`. A type ends while anything else is going on: an exception that is set stays so, and no memory is needed.
pub fn remove(base: &Type, ty: &Type) {
    let Some(table) = table(base) else { return };
    crate::exceptions::keep_current(|| {
        let removed = match Int::from_u64(ty.address() as u64) {
            Ok(key) => table.remove(&key),
            Err(raised) => {
                raised.clear();
                match key_of(&table, ty) {
                    Some(key) => table.remove(&key),
                    None => return,
                }
            }
        };
        if let Err(raised) = removed {
            raised.clear();
        }
    });
}

/// The key under which a type stands, found without memory for another.
fn key_of(table: &Dict, ty: &Type) -> Option<Ref> {
    let mut at = 0;
    while let Some((key, _)) = table.next_item(&mut at) {
        if key.downcast::<Int>().and_then(Int::to_u64) == Some(ty.address() as u64) {
            return Some(key);
        }
    }
    None
}

/// The direct subclasses that are alive, in the order in which they were made.
pub fn alive(ty: &Type) -> Result<Ref<List>, Raised> {
    let list = List::new()?;
    if let Some(table) = table(ty) {
        let mut at = 0;
        while let Some((_, reference)) = table.next_item(&mut at) {
            if let Some(subclass) = reference.downcast::<WeakReference>().and_then(WeakReference::target) {
                list.push(subclass)?;
            }
        }
    }
    Ok(list)
}

/// Calls `each`, which runs no Python code, for every direct subclass that is alive. It takes no memory and so cannot fail.
pub fn visit(ty: &Type, mut each: impl FnMut(&Type)) {
    let Some(table) = table(ty) else { return };
    let mut at = 0;
    while let Some((_, reference)) = table.next_item(&mut at) {
        let subclass = reference.downcast::<WeakReference>().and_then(WeakReference::target);
        if let Some(subclass) = subclass.as_deref().and_then(Object::downcast::<Type>) {
            each(subclass);
        }
    }
}

/// Calls `each` for every direct subclass that is alive.
pub fn for_each(ty: &Type, mut each: impl FnMut(&Type) -> Result<(), Raised>) -> Result<(), Raised> {
    let list = alive(ty)?;
    for index in 0..list.len() {
        if let Some(subclass) = list.get(index)
            && let Some(subclass) = Object::downcast::<Type>(&subclass)
        {
            each(subclass)?;
        }
    }
    Ok(())
}
