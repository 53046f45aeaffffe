//! `tee`: several iterators over one, which share what was read in a chain of blocks of 57 items.
//!
//! A block lives as long as an iterator has still to pass through it.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::exceptions::exc;
use habu_runtime::id;
use habu_runtime::object::protocol::number::index_as_size;
use habu_runtime::object::protocol::{call0, iterator, lookup_attribute, next};
use habu_runtime::object::{Field, IntoObject, Object, PyType, Raised, Ref, Traverse, Type, Visit};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, raise};

use super::{argument, plain_arguments, reduced, state_tuple};

/// The items of a block.
const BLOCK: usize = 57;

/// teedataobject(iterable, values, next, /)
/// --
///
/// Data container common to multiple tee objects.
#[pytype(name = "itertools._tee_dataobject", generic_get, gc)]
pub(super) struct TeeData {
    base: Object,
    #[traverse]
    items: Field,
    /// How many items were read into the block.
    read: Cell<u32>,
    /// Whether an item is being read.
    running: Cell<bool>,
    #[traverse]
    following: Field<TeeData>,
    #[traverse]
    values: Values,
}

/// The items of a block.
struct Values([Field; BLOCK]);

impl Traverse for Values {
    fn traverse(&self, visit: &Visit) -> Result<(), habu_runtime::object::Stopped> {
        self.0.iter().try_for_each(|value| value.traverse(visit))
    }

    fn clear(&self) {
        self.0.iter().for_each(Field::clear);
    }
}

/// Iterator wrapped to make it copyable.
#[pytype(name = "itertools._tee", gc, weaklist = weaklist, doc = "_tee(iterable, /)\n--\n\nIterator wrapped to make it copyable.")]
pub(super) struct Tee {
    base: Object,
    #[traverse]
    data: Field<TeeData>,
    index: Cell<usize>,
    weaklist: Cell<*const Object>,
}

assert_layout!(TeeData, size 496);
assert_layout!(Tee, size 40, weaklist @ 32);

impl TeeData {
    fn start(items: Ref) -> Result<Ref<TeeData>, Raised> {
        habu_runtime::object::create(TeeData {
            base: Object::of::<TeeData>(),
            items: Field::new(items),
            read: Cell::new(0),
            running: Cell::new(false),
            following: Field::empty(),
            values: Values([const { Field::empty() }; BLOCK]),
        })
    }

    /// The item at `index`, read now if nobody asked for it before.
    fn item(&self, index: usize) -> Result<Option<Ref>, Raised> {
        if index < self.read.get() as usize {
            return Ok(self.values.0[index].get());
        }
        if self.running.get() {
            return Err(raise!(RuntimeError, "cannot re-enter the tee iterator"));
        }
        let Some(items) = self.items.get() else { return Ok(None) };
        self.running.set(true);
        let item = next(&items);
        self.running.set(false);
        let Some(item) = item? else { return Ok(None) };
        let read = self.read.get() as usize;
        if let Some(place) = self.values.0.get(read) {
            place.set(Some(item.clone()));
            self.read.set(read as u32 + 1);
        }
        Ok(Some(item))
    }

    /// The block after this one.
    fn next_block(&self) -> Result<Ref<TeeData>, Raised> {
        if let Some(following) = self.following.get() {
            return Ok(following);
        }
        let block = TeeData::start(self.items.get().unwrap_or_else(none))?;
        self.following.set(Some(block.clone()));
        Ok(block)
    }
}

impl Drop for TeeData {
    fn drop(&mut self) {
        // A long chain ends block by block, without recursion.
        let mut following = self.following.take();
        while let Some(block) = following {
            following = if block.refcount() == 1 { block.following.take() } else { None };
        }
    }
}

fn invalid() -> Raised {
    raise!(ValueError, "Invalid arguments")
}

#[pymethods]
impl TeeData {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<TeeData>, Raised> {
        plain_arguments::<TeeData>(cls, args, kwargs, 3, 3)?;
        let (items, values, following) = (argument(args, 0), argument(args, 1), argument(args, 2));
        let Some(values) = values.downcast::<List>() else {
            return Err(raise!(
                TypeError,
                "_tee_dataobject() argument 2 must be list, not {}",
                values.ty().full_name()
            ));
        };
        let block = TeeData::start(items)?;
        let count = values.len();
        if count > BLOCK {
            return Err(invalid());
        }
        for (index, place) in block.values.0.iter().enumerate().take(count) {
            place.set(values.get(index));
        }
        block.read.set(count as u32);
        if count == BLOCK {
            if !is_none(&following) {
                let following = following.downcast_into::<TeeData>().map_err(|_| invalid())?;
                block.following.set(Some(following));
            }
        } else if !is_none(&following) {
            return Err(invalid());
        }
        Ok(block)
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let values = List::new()?;
        for place in self.values.0.iter().take(self.read.get() as usize) {
            values.push(place.get().unwrap_or_else(none))?;
        }
        let items = self.items.get().unwrap_or_else(none);
        let following = self.following.get().map_or_else(none, Ref::into_object);
        reduced(self, Tuple::from_refs([items, values.into_object(), following])?, None)
    }
}

impl Tee {
    /// An iterator over an iterable, or a copy when that is a `_tee`.
    fn over(iterable: &Object) -> Result<Ref<Tee>, Raised> {
        let items = iterator(iterable)?;
        if let Some(tee) = items.downcast::<Tee>() {
            return tee.duplicate();
        }
        Tee::at(TeeData::start(items)?, 0)
    }

    fn at(data: Ref<TeeData>, index: usize) -> Result<Ref<Tee>, Raised> {
        habu_runtime::object::create(Tee {
            base: Object::of::<Tee>(),
            data: Field::new(data),
            index: Cell::new(index),
            weaklist: Cell::new(std::ptr::null()),
        })
    }

    fn duplicate(&self) -> Result<Ref<Tee>, Raised> {
        match self.data.get() {
            Some(data) => Tee::at(data, self.index.get()),
            None => Err(raise!(RuntimeError, "the tee iterator was cleared")),
        }
    }
}

#[pymethods]
impl Tee {
    #[slot(tp_new)]
    fn construct(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Tee>, Raised> {
        plain_arguments::<Tee>(cls, args, kwargs, 1, 1)?;
        Tee::over(&argument(args, 0))
    }

    #[slot(tp_iter)]
    fn iter(&self) -> Result<Ref, Raised> {
        Ok(self.to_ref())
    }

    #[slot(tp_iternext)]
    fn next(&self) -> Result<Option<Ref>, Raised> {
        let Some(mut data) = self.data.get() else { return Ok(None) };
        if self.index.get() >= BLOCK {
            data = data.next_block()?;
            self.data.set(Some(data.clone()));
            self.index.set(0);
        }
        let item = data.item(self.index.get())?;
        if item.is_some() {
            self.index.set(self.index.get() + 1);
        }
        Ok(item)
    }

    /// Returns an independent iterator.
    #[name = "__copy__"]
    #[no_signature]
    fn copy(&self) -> Result<Ref<Tee>, Raised> {
        self.duplicate()
    }

    /// Return state information for pickling.
    #[name = "__reduce__"]
    #[no_signature]
    fn reduce(&self) -> Result<Ref<Tuple>, Raised> {
        let arguments = Tuple::from_refs([Tuple::empty().into_object()])?;
        let data = self.data.get().map_or_else(none, Ref::into_object);
        let state = Tuple::from_refs([data, self.index.get().into_object()?])?;
        reduced(self, arguments, Some(state.into_object()))
    }

    /// Set state information for unpickling.
    #[name = "__setstate__"]
    #[no_signature]
    fn set_state(&self, state: &Object) -> Result<(), Raised> {
        let state = state_tuple(state)?;
        let [data, index] = state.as_slice() else {
            return Err(raise!(TypeError, "function takes exactly 2 arguments ({} given)", state.len()));
        };
        let Ok(data) = data.clone().downcast_into::<TeeData>() else {
            let expected = TeeData::type_object().full_name();
            return Err(raise!(TypeError, "argument 1 must be {expected}, not {}", data.ty().full_name()));
        };
        let index = index_as_size(index, Some(exc::OverflowError()))?;
        match usize::try_from(index) {
            Ok(index) if index <= BLOCK => {
                self.data.set(Some(data));
                self.index.set(index);
                Ok(())
            }
            _ => Err(raise!(ValueError, "Index out of range")),
        }
    }
}

/// `tee(iterable, n)`: an iterator that can be copied serves itself, and is copied.
pub(super) fn tee(iterable: &Object, count: isize) -> Result<Ref<Tuple>, Raised> {
    let Ok(count) = usize::try_from(count) else { return Err(raise!(ValueError, "n must be >= 0")) };
    if count == 0 {
        return Ok(Tuple::empty());
    }
    let items = iterator(iterable)?;
    let (first, copy) = match lookup_attribute(&items, id!(__copy__))? {
        Some(copy) => (items, copy),
        None => {
            let first = Tee::over(&items)?.into_object();
            let copy = habu_runtime::object::protocol::get_attribute(&first, id!(__copy__))?;
            (first, copy)
        }
    };
    Tuple::build(count, |at| if at == 0 { Ok(first.clone()) } else { call0(&copy) })
}
