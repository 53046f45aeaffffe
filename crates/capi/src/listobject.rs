//! `listobject.h`

use std::ffi::c_int;

use habu_runtime::object::{Object, Ref};
use habu_runtime::raise;
use habu_runtime::types::list::{self, List};
use habu_runtime::types::tuple::Tuple;

use crate::border::*;

/// Bounds of a slice, kept within a length.
pub(crate) fn bounds(low: isize, high: isize, length: usize) -> (usize, usize) {
    let low = (low.max(0) as usize).min(length);
    let high = (high.max(0) as usize).min(length);
    (low, high.max(low))
}

export! {
    fn PyList_New(count: isize) => New {
        if count < 0 {
            return Err(bad_internal_call());
        }
        List::unfilled(count as usize)
    }
    fn PyList_Size(list: &Object) => isize { Ok(expect::<List>(list)?.len()) }
    fn PyList_GetItem(list: &Object, index: isize) => Borrowed {
        let list = expect::<List>(list)?;
        match list.get(index as usize) {
            Some(item) => Ok(Some(item)),
            None => Err(raise!(IndexError, "list index out of range")),
        }
    }
    fn PyList_SetItem(list: &Object, index: isize, item: Option<Ref>) => c_int {
        let list = expect::<List>(list)?;
        if index < 0 || index as usize >= list.len() {
            return Err(raise!(IndexError, "list assignment index out of range"));
        }
        drop(list.put(index as usize, item));
        Ok(())
    }
    fn PyList_Insert(list: &Object, index: isize, item: Option<&Object>) => c_int {
        let (list, Some(item)) = (expect::<List>(list)?, item) else { return Err(bad_internal_call()) };
        let length = list.len();
        let index = if index < 0 { (index + length as isize).max(0) as usize } else { (index as usize).min(length) };
        list.insert_at(index, item.to_ref())
    }
    fn PyList_Append(list: &Object, item: Option<&Object>) -> c_int {
        if let Some(item) = item
            && let Some(to) = list.downcast::<List>()
            && to.push_if_room(item)
        {
            return 0;
        }
        append(list, item)
    }
    fn PyList_GetSlice(list: &Object, low: isize, high: isize) => New {
        let list = expect::<List>(list)?;
        let (low, high) = bounds(low, high, list.len());
        list.slice(low, high - low)
    }
    fn PyList_SetSlice(list: &Object, low: isize, high: isize, new: Option<&Object>) => c_int {
        let list = expect::<List>(list)?;
        let mut items = habu_heap::Buffer::<Ref>::new();
        if let Some(new) = new {
            items = habu_runtime::object::protocol::sequence::fast_items(new, "can only assign an iterable")?;
        }
        let (low, high) = bounds(low, high, list.len());
        list.splice(low, high, std::mem::take(&mut items))
    }
    fn PyList_Sort(list: &Object) => c_int { list::sort(expect::<List>(list)?, None, false) }
    fn PyList_Reverse(list: &Object) => c_int {
        let list = expect::<List>(list)?;
        let length = list.len();
        for index in 0..length / 2 {
            list.swap(index, length - 1 - index);
        }
        Ok(())
    }
    fn PyList_AsTuple(list: Option<&Object>) => New {
        expect_some::<List>(list)?.to_tuple()
    }
    fn _PyList_Extend(list: &Object, iterable: &Object) => New {
        expect::<List>(list)?.extend(iterable)?;
        Ok(habu_runtime::types::none())
    }
    fn PyTuple_New(count: isize) => New {
        if count < 0 {
            return Err(bad_internal_call());
        }
        Tuple::unfilled(count as usize)
    }
    fn PyTuple_Size(tuple: &Object) => isize { Ok(expect::<Tuple>(tuple)?.len()) }
    fn PyTuple_GetItem(tuple: &Object, index: isize) => Borrowed {
        match expect::<Tuple>(tuple)?.get(index as usize) {
            Some(item) => Ok(Some(item)),
            None => Err(raise!(IndexError, "tuple index out of range")),
        }
    }
    fn PyTuple_SetItem(tuple: &Object, index: isize, item: Option<Ref>) => c_int {
        let tuple = expect::<Tuple>(tuple)?;
        if tuple.refcount() != 1 {
            return Err(bad_internal_call());
        }
        if index < 0 || index as usize >= tuple.len() {
            return Err(raise!(IndexError, "tuple assignment index out of range"));
        }
        drop(tuple.put(index as usize, item));
        Ok(())
    }
    fn PyTuple_GetSlice(tuple: Option<&Object>, low: isize, high: isize) => New {
        let tuple = expect_some::<Tuple>(tuple)?;
        let (low, high) = bounds(low, high, tuple.len());
        if low == 0 && high == tuple.len() && tuple.is_exact::<Tuple>() {
            return Ok(tuple.to_ref());
        }
        Ok(Tuple::from_slice(&tuple.as_slice()[low..high])?.into_object())
    }
    fn _PyTuple_FromArraySteal(items: *const Option<Ref>, count: isize) => New {
        Tuple::build(count.max(0) as usize, |index| {
            // SAFETY: the caller gives that many owned references.
            unsafe { items.add(index).read() }.ok_or_else(null_error)
        })
    }
    fn _PyTuple_Resize(place: Out<*mut Object>, size: isize) => c_int {
        let tuple = place.take();
        let Some(tuple) = tuple.as_deref().and_then(Object::downcast::<Tuple>).filter(|_| size >= 0) else {
            return Err(bad_internal_call());
        };
        if tuple.len() == size as usize {
            place.give(Some(tuple.to_ref()));
            return Ok(());
        }
        if tuple.refcount() != 1 && tuple.len() != 0 {
            return Err(bad_internal_call());
        }
        let made = Tuple::unfilled(size as usize)?;
        for index in 0..tuple.len().min(size as usize) {
            drop(made.put(index, tuple.put(index, None)));
        }
        place.give(Some(made.into_object()));
        Ok(())
    }
}

/// `PyList_Append` where the list has to grow, or is none.
#[inline(never)]
fn append(list: &Object, item: Option<&Object>) -> c_int {
    answer(|| {
        let (list, Some(item)) = (expect::<List>(list)?, item) else { return Err(bad_internal_call()) };
        list.push(item.to_ref())
    })
}

/// The items that the variable arguments are, as a tuple (`PyTuple_Pack`).
unsafe extern "C" fn pack(count: isize, list: &mut VaList) -> New {
    let tuple = Tuple::build(count.max(0) as usize, |_| list.object().map(Object::to_ref).ok_or_else(null_error));
    tuple.map(Ref::into_object)
}

variadic! {
    PyTuple_Pack fixed 1 => pack;
}
