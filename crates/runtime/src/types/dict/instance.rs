//! The dictionaries of instances: where they stand, and how attributes are read and written without making one.
//!
//! Instances of ordinary classes have a *managed* dictionary: two words before the GC head, `values` and the dictionary.  As long as nobody
//! asks for `__dict__`, the attributes stand in the values alone, whose names are the class's shared keys (`ht_cached_keys`); when somebody
//! does, or when the shared keys are full, the values become those of a split dictionary, or of one of its own.  At most one of the two
//! words is set.  Other instances keep a plain dictionary at `tp_dictoffset`.

use std::cell::Cell;
use std::ptr::NonNull;

use super::keys::{EMPTY, Keys, cell_ref, fill_cell, take_cell};
use super::table::find_text;
use super::value::{Dict, may_be_tracked};
use super::values::Values;
use crate::gc;
use crate::object::typeobject::flags;
use crate::object::{Field, HeapType, Object, Raised, Ref, Stopped, Traverse, Type, Visit};
use crate::raise;
use crate::types::str::Str;

/// The place of an object's dictionary, if its type has one; what a managed one has in values stays there.
pub fn place(object: &Object) -> Option<&Field<Dict>> {
    let ty = object.ty();
    let offset = ty.tp_dictoffset.get();
    if offset == 0 {
        return None;
    }
    let start = std::ptr::from_ref(object).cast::<u8>();
    let offset = if ty.has_flag(flags::MANAGED_DICT) {
        -24
    } else if offset < 0 {
        // SAFETY: such types have objects of variable size.
        let size = unsafe { &*std::ptr::from_ref(object).cast::<crate::object::VarObject>() }.size.get().abs();
        let whole = ty.tp_basicsize.get() + size * ty.tp_itemsize.get();
        ((whole + 7) & !7) + offset
    } else {
        offset
    };
    // SAFETY: the type says that a dictionary or null stands there.
    Some(unsafe { &*start.offset(offset).cast() })
}

/// Whether the plain dictionary of an object whose type has one, not a managed one, is known to lack a name.
pub(crate) fn lacks_name(object: &Object, name: &Str) -> bool {
    match place(object) {
        None => false,
        // SAFETY: nothing runs while the dictionary is looked at.
        Some(place) => match unsafe { place.pointer().as_ref() } {
            None => true,
            Some(dict) => dict.has_only_names() && dict.entry_of_name(name) == EMPTY,
        },
    }
}

/// The word of the values of an instance with a managed dictionary.
///
/// # Safety
/// The object's type has the flag MANAGED_DICT.
#[inline(always)]
unsafe fn values_place(object: &Object) -> &Cell<Option<Values>> {
    // SAFETY: such objects have the word four words before the header.
    unsafe { &*std::ptr::from_ref(object).cast::<Cell<Option<Values>>>().sub(4) }
}

/// The values of an instance, while its attributes stand there.
#[inline(always)]
pub fn inline_values(object: &Object) -> Option<Values> {
    if !object.ty().has_flag(flags::MANAGED_DICT) {
        return None;
    }
    // SAFETY: the flag was checked.
    unsafe { values_place(object) }.get()
}

/// The keys that the instances of a class share.
#[inline(always)]
pub fn shared_keys(ty: &Type) -> Option<&Keys> {
    let keys = ty.as_heap_type()?.ht_cached_keys.get().cast::<Keys>();
    // SAFETY: null or a table that the class owns a use of.
    unsafe { keys.as_ref() }
}

/// Gives a new instance of a class with a managed dictionary its values; without memory it goes without them.
pub fn initialise(object: &Object) {
    if !object.ty().has_flag(flags::MANAGED_DICT) {
        return;
    }
    let Some(keys) = shared_keys(object.ty()) else { return };
    // Each instance leaves room for one attribute less, so that keys that few instances have do not cost all of them.
    if keys.usable.get() > 1 {
        keys.usable.set(keys.usable.get() - 1);
    }
    match Values::allocate(keys.shared_size()) {
        // SAFETY: the flag was checked; the word is zero.
        Ok(values) => unsafe { values_place(object) }.set(Some(values)),
        Err(raised) => raised.clear(),
    }
}

/// The instance attribute `name`, where it is told without running Python code: of an object without a dictionary, or with its values in line.
#[inline(always)]
pub fn get_inline(object: &Object, name: &Str) -> Option<Option<Ref>> {
    if object.ty().tp_dictoffset.get() == 0 {
        return Some(None);
    }
    if !name.is_exact::<Str>() {
        return None;
    }
    let (values, keys) = (inline_values(object)?, shared_keys(object.ty())?);
    Some(match find_text(keys, name, name.hash()) {
        EMPTY => None,
        index => values.get(index),
    })
}

/// The instance attribute `name`.
#[inline]
pub fn get(object: &Object, name: &Str) -> Result<Option<Ref>, Raised> {
    if let Some(values) = inline_values(object)
        && let Some(keys) = shared_keys(object.ty())
    {
        if name.is_exact::<Str>() {
            return Ok(match find_text(keys, name, name.hash()) {
                EMPTY => None,
                index => values.get(index),
            });
        }
        return dictionary(object)?.get(name);
    }
    match place(object).and_then(Field::get) {
        Some(dict) => dict.get(name),
        None => Ok(None),
    }
}

/// The entry of `name` in the shared keys, added where there is room; EMPTY where there is none.
fn shared_entry(keys: &Keys, name: &Str) -> isize {
    let hash = name.hash();
    let found = find_text(keys, name, hash);
    if found != EMPTY || keys.usable.get() <= 0 {
        return found;
    }
    let index = keys.entries.get();
    keys.set_index(keys.free_position(hash), index);
    fill_cell(keys.entry_cells(index).0, Ref::from_borrowed(name).into_object());
    keys.entries.set(index + 1);
    keys.usable.set(keys.usable.get() - 1);
    keys.version.set(0);
    index
}

/// Sets or deletes an instance attribute; false when there was none to delete.
pub fn set(object: &Object, name: &Str, value: Option<&Object>) -> Result<bool, Raised> {
    if let Some(values) = inline_values(object)
        && let Some(keys) = shared_keys(object.ty())
        && name.is_exact::<Str>()
    {
        let index = shared_entry(keys, name);
        if index != EMPTY {
            let cell = values.cell(index);
            let old = match value {
                Some(value) => {
                    let old = take_cell(cell);
                    fill_cell(cell, value.to_ref());
                    if old.is_none() {
                        values.append(index);
                    }
                    old
                }
                None => {
                    let old = take_cell(cell);
                    if old.is_none() {
                        return Ok(false);
                    }
                    values.forget(index);
                    old
                }
            };
            drop(old);
            return Ok(true);
        }
    }
    match value {
        Some(value) => {
            dictionary_by(object, shared_dictionary)?.set(name, value)?;
            Ok(true)
        }
        None => {
            if inline_values(object).is_some() {
                return Ok(dictionary(object)?.remove(name)?.is_some());
            }
            match place(object).and_then(Field::get) {
                Some(dict) => Ok(dict.remove(name)?.is_some()),
                None => Ok(false),
            }
        }
    }
}

/// A dictionary that takes over the values of an instance of `ty`.
fn from_values(ty: &Type, values: Values) -> Result<Ref<Dict>, Raised> {
    let Some(keys) = shared_keys(ty) else { return Err(raise!(SystemError, "values without shared keys")) };
    let used = values.used();
    let track = (0..used).any(|at| {
        // SAFETY: the value is set, and nothing runs meanwhile.
        unsafe { values.cell(values.order(at)).get().as_ref() }.is_some_and(may_be_tracked)
    });
    keys.retain();
    let dict = Dict::from_table(NonNull::from(keys), Some(values), used)?;
    if track {
        gc::track(&dict);
    }
    Ok(dict)
}

/// The dictionary for the first attribute of an instance of `ty`: with the class's shared keys, where it has some.
fn shared_dictionary(ty: &Type) -> Result<Ref<Dict>, Raised> {
    match shared_keys(ty) {
        Some(keys) => {
            let values = Values::allocate(keys.shared_size())?;
            keys.retain();
            Dict::from_table(NonNull::from(keys), Some(values), 0)
        }
        None => Dict::new(),
    }
}

/// `object.__dict__`, made when it is asked for: an ordinary one unless there are values already, as in CPython.
pub fn dictionary(object: &Object) -> Result<Ref<Dict>, Raised> {
    dictionary_by(object, |_| Dict::new())
}

/// As `dictionary`, with what makes an empty one.
fn dictionary_by(object: &Object, empty: impl FnOnce(&Type) -> Result<Ref<Dict>, Raised>) -> Result<Ref<Dict>, Raised> {
    let Some(place) = place(object) else {
        return Err(raise!(AttributeError, "This object has no __dict__"));
    };
    if let Some(dict) = place.get() {
        return Ok(dict);
    }
    let ty = object.type_ref();
    if let Some(values) = inline_values(object) {
        // Allocating may collect, and a finalizer may ask for this same dictionary: the values are given up first.
        // SAFETY: there are values, so the dictionary is a managed one.
        let word = unsafe { values_place(object) };
        word.set(None);
        let dict = from_values(&ty, values)?;
        place.set(Some(dict.clone()));
        return Ok(dict);
    }
    let dict = empty(&ty)?;
    if let Some(other) = place.get() {
        return Ok(other);
    }
    place.set(Some(dict.clone()));
    Ok(dict)
}

/// Whether the instance has no attributes of its own, or no place for them; makes no dictionary.
pub fn is_empty(object: &Object) -> bool {
    match inline_values(object) {
        Some(values) => values.used() == 0,
        None => place(object).and_then(Field::get).is_none_or(|dict| dict.len() == 0),
    }
}

/// `object.__dict__ = value`
pub fn set_dictionary(object: &Object, value: Option<&Object>) -> Result<(), Raised> {
    let Some(place) = place(object) else {
        return Err(raise!(AttributeError, "This object has no __dict__"));
    };
    let Some(value) = value else {
        if inline_values(object).is_some() {
            dictionary(object)?;
        }
        place.set(None);
        return Ok(());
    };
    let Some(dict) = value.downcast::<Dict>() else {
        return Err(raise!(TypeError, "__dict__ must be set to a dictionary, not a '{}'", value.ty().full_name()));
    };
    if inline_values(object).is_some() {
        dictionary(object)?;
    }
    place.set(Some(Ref::from_borrowed(dict)));
    Ok(())
}

/// Shows the collector what the instance's dictionary holds.
pub fn visit(object: &Object, visit: &Visit) -> Result<(), Stopped> {
    if let Some(values) = inline_values(object) {
        for at in 0..values.used() {
            // SAFETY: the value is set; a visitor changes nothing.
            if let Some(value) = unsafe { values.cell(values.order(at)).get().as_ref() } {
                visit.object(value)?;
            }
        }
        return Ok(());
    }
    place(object).map_or(Ok(()), |place| place.traverse(visit))
}

/// Breaks cycles through the instance's dictionary.
pub fn clear(object: &Object) {
    if let Some(values) = inline_values(object) {
        while values.used() > 0 {
            let index = values.order(0);
            values.forget(index);
            drop(take_cell(values.cell(index)));
            if inline_values(object) != Some(values) {
                return;
            }
        }
        return;
    }
    if let Some(place) = place(object) {
        place.set(None);
    }
}

/// Ends the dictionary of a dying instance.
pub fn end(object: &Object) {
    if object.ty().has_flag(flags::MANAGED_DICT) {
        // SAFETY: the flag was checked; the dying instance owns its values.
        unsafe {
            if let Some(values) = values_place(object).take() {
                values.end();
                return;
            }
        }
    }
    if let Some(place) = place(object) {
        place.set(None);
    }
}

/// Gives an object whose class is about to change a dictionary of its own.
pub fn unshare(object: &Object) -> Result<(), Raised> {
    if inline_values(object).is_some() {
        dictionary(object)?;
    }
    Ok(())
}

/// Prepares the keys that instances of a class share.
pub fn share_keys(ty: &Type) -> Result<(), Raised> {
    let Some(heap) = ty.as_heap_type() else { return Ok(()) };
    if ty.has_flag(flags::MANAGED_DICT) && heap.ht_cached_keys.get().is_null() {
        heap.ht_cached_keys.set(Keys::allocate_shared()?.as_ptr().cast());
    }
    Ok(())
}

/// Releases the keys that instances of a class shared.
pub fn release_keys(heap: &HeapType) {
    if let Some(keys) = NonNull::new(heap.ht_cached_keys.replace(std::ptr::null_mut())) {
        // SAFETY: the class owned one use of the table.
        unsafe { Keys::release(keys.cast()) };
    }
}

/// The bytes of the keys that instances of a class share.
pub fn cached_keys_size(heap: &HeapType) -> usize {
    // SAFETY: null or a table.
    unsafe { heap.ht_cached_keys.get().cast::<Keys>().as_ref() }.map_or(0, Keys::size)
}

/// The index of a name in a class's shared keys, for inline caches.
pub fn shared_index(ty: &Type, name: &Str) -> Option<usize> {
    let keys = shared_keys(ty)?;
    match find_text(keys, name, name.hash()) {
        EMPTY => None,
        index => Some(index as usize),
    }
}

/// The attribute at `index` of the instance's values: one load after the checks that an inline cache has made.
#[inline(always)]
pub fn value_at(object: &Object, index: usize) -> Option<Ref> {
    cell_ref(inline_values(object)?.cell(index as isize))
}

/// The dictionary of an instance with a managed one, if it has been made.
#[inline(always)]
pub(crate) fn managed_dictionary(object: &Object) -> Option<Ref<Dict>> {
    if !object.ty().has_flag(flags::MANAGED_DICT) {
        return None;
    }
    place(object).and_then(Field::get)
}

/// The version of the shared keys, given out now if they have none; 0 when there are no more.
pub(crate) fn shared_version_for_cache(keys: &Keys) -> u32 {
    if keys.version.get() == 0 {
        let next = &crate::threads::Thread::current().interpreter().eval.next_keys_version;
        let version = next.get();
        if version != 0 {
            keys.version.set(version);
            next.set(version.wrapping_add(1));
        }
    }
    keys.version.get()
}
