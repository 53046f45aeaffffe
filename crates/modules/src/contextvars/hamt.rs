//! The mapping under a context: a hash array mapped trie (as PEP 567 describes), persistent: a change makes new nodes along one path and
//! shares all others, so that copying a context costs nothing.
//!
//! A hash of 32 bits is looked at in pieces of 5. A node is one of three, in CPython's layouts: a `Bitmap` of up to 16 slots, each an entry or
//! a further node; an `Array` of 32 places for further nodes, once there are more; a `Collision` of entries whose whole hash is the same. Keys are
//! compared by identity, so no Python code runs here.
//!
//! Invariant: nodes do not change once they are made, but for the collector, which clears those that nobody reaches.

use std::cell::Cell;

use habu_macros::{pymethods, pytype};
use habu_runtime::object::allocate::raw_memory;
use habu_runtime::object::visit::{Stopped, Traverse, Visit};
use habu_runtime::object::{Field, Object, PyType, Raised, Ref, Type, VarObject, create, instantiate};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{assert_layout, gc};

use super::variable::ContextVar;

/// The bits of a piece of the hash.
const BITS: u32 = 5;
/// The places for a piece.
const PLACES: usize = 1 << BITS;
/// The most slots of a bitmap node.
const MOST: usize = PLACES / 2;
/// How many nodes are above one another at most: seven for the pieces of a hash and one of entries.
pub(super) const DEPTH: usize = 8;

/// A mapping.
#[pytype(name = "hamt", generic_get, doc = "", gc, weaklist = weaklist)]
pub(super) struct Hamt {
    base: Object,
    #[traverse]
    root: Field,
    weaklist: Cell<*const Object>,
    count: usize,
}

assert_layout!(Hamt, size 40, weaklist @ 24);

/// Up to 16 slots, in the order of the pieces whose bits are set: a key and its value, or nothing and a node.
#[pytype(name = "hamt_bitmap_node", generic_get, doc = "", gc, flag = DISALLOW_INSTANTIATION, itemsize = 8)]
pub(super) struct Bitmap {
    base: VarObject,
    bitmap: u32,
    #[traverse]
    slots: Slots,
}

/// A node for each piece that occurs.
#[pytype(name = "hamt_array_node", generic_get, doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub(super) struct Array {
    base: Object,
    #[traverse]
    nodes: Nodes,
    count: usize,
}

/// Entries of the same hash.
#[pytype(name = "hamt_collision_node", generic_get, doc = "", gc, flag = DISALLOW_INSTANTIATION, itemsize = 8)]
pub(super) struct Collision {
    base: VarObject,
    hash: u32,
    #[traverse]
    slots: Slots,
}

assert_layout!(Bitmap, size 32, slots @ SLOTS_AT);
assert_layout!(Array, size 280);
assert_layout!(Collision, size 32, slots @ SLOTS_AT);

#[pymethods]
impl Hamt {
    #[slot(tp_new)]
    fn new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> Result<Ref<Hamt>, Raised> {
        let _ = (args, kwargs);
        instantiate(cls, Hamt::fields(Bitmap::of(0, [])?.into_object(), 0))
    }
}

#[pymethods]
impl Bitmap {}

#[pymethods]
impl Array {}

#[pymethods]
impl Collision {}

/// Where the slots of a node begin.
const SLOTS_AT: usize = 32;

/// The fields behind a node whose size counts them.
#[repr(C, align(8))]
struct Slots;

impl Slots {
    /// The fields, two for each slot.
    fn all(&self) -> &[[Field; 2]] {
        // SAFETY: this stands so many bytes behind the start of an object of variable size, which has so many fields here.
        unsafe {
            let object = &*std::ptr::from_ref(self).cast::<u8>().sub(SLOTS_AT).cast::<VarObject>();
            std::slice::from_raw_parts(std::ptr::from_ref(self).cast(), object.size.get() as usize / 2)
        }
    }

    fn pairs(&self) -> impl Iterator<Item = Pair> {
        self.all().iter().map(|[key, value]| (key.get(), value.get()))
    }

    fn pair(&self, index: usize) -> Option<Pair> {
        self.all().get(index).map(|[key, value]| (key.get(), value.get()))
    }

    /// The slot of a key among entries.
    fn position(&self, key: &ContextVar) -> Option<usize> {
        self.all().iter().position(|slot| std::ptr::eq(slot[0].pointer(), key.as_ref()))
    }
}

impl Traverse for Slots {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.all().as_flattened().iter().try_for_each(|field| field.traverse(visit))
    }

    fn clear(&self) {
        self.all().as_flattened().iter().for_each(Field::clear);
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The places of an `Array`.
struct Nodes([Field; PLACES]);

impl Traverse for Nodes {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.0.iter().try_for_each(|field| field.traverse(visit))
    }

    fn clear(&self) {
        self.0.iter().for_each(Field::clear);
    }
}

/// A slot: a key and its value, or nothing and a node.
type Pair = (Option<Ref>, Option<Ref>);

fn entry(key: &ContextVar, value: &Object) -> Pair {
    (Some(Ref::from_borrowed(key).into_object()), Some(value.to_ref()))
}

fn child(node: Ref) -> Pair {
    (None, Some(node))
}

/// What is left of a node without a key.
enum Without {
    /// The key was not there.
    Same,
    /// Nothing.
    Nothing,
    /// A node.
    Node(Ref),
}

/// The 32 bits of a hash.
fn hash_of(key: &ContextVar) -> u32 {
    let bits = key.hash_bits();
    (bits ^ bits >> 32) as u32
}

/// The piece of a hash that counts below `shift` bits.
fn piece(hash: u32, shift: u32) -> usize {
    (hash.checked_shr(shift).unwrap_or(0) & 31) as usize
}

fn bit(hash: u32, shift: u32) -> u32 {
    1 << piece(hash, shift)
}

impl Bitmap {
    /// A node of these slots.
    fn of<I: IntoIterator<Item = Pair, IntoIter: ExactSizeIterator>>(
        bitmap: u32,
        pairs: I,
    ) -> Result<Ref<Bitmap>, Raised> {
        let pairs = pairs.into_iter();
        let count = pairs.len();
        let memory = raw_memory(16, size_of::<Bitmap>() + 16 * count, true)?;
        // SAFETY: the memory has room for the header and the slots, which are written before anything sees the object.
        unsafe {
            let node = memory.cast::<Bitmap>();
            node.write(Bitmap {
                base: VarObject::header(Bitmap::type_object(), 2 * count as isize),
                bitmap,
                slots: Slots,
            });
            write_slots(memory.cast::<u8>().add(SLOTS_AT).cast(), pairs);
            let node = Ref::from_owned(node);
            gc::track(&node);
            Ok(node)
        }
    }

    /// A node of one entry.
    fn single(key: &ContextVar, value: &Object, shift: u32) -> Result<Ref, Raised> {
        Ok(Bitmap::of(bit(hash_of(key), shift), [entry(key, value)])?.into_object())
    }

    fn index(&self, bit: u32) -> usize {
        (self.bitmap & (bit - 1)).count_ones() as usize
    }

    /// The only entry, if there is just one.
    fn only_entry(&self) -> Option<Pair> {
        self.slots.pair(0).filter(|pair| self.slots.all().len() == 1 && pair.0.is_some())
    }

    /// The same node but for one slot.
    fn replaced(&self, index: usize, new: Pair) -> Result<Ref, Raised> {
        let mut new = Some(new);
        let slots =
            self.slots.all().iter().enumerate().map(|(at, [key, value])| match (at == index).then(|| new.take()) {
                Some(Some(new)) => new,
                _ => (key.get(), value.get()),
            });
        Ok(Bitmap::of(self.bitmap, slots)?.into_object())
    }

    /// The same node with a slot more.
    fn with_slot(&self, bit: u32, new: Pair) -> Result<Ref, Raised> {
        let (index, mut new) = (self.index(bit), Some(new));
        let slots = (0..self.slots.all().len() + 1).map(|at| match at.cmp(&index) {
            std::cmp::Ordering::Less => self.slots.pair(at).unwrap_or_default(),
            std::cmp::Ordering::Equal => new.take().unwrap_or_default(),
            std::cmp::Ordering::Greater => self.slots.pair(at - 1).unwrap_or_default(),
        });
        Ok(Bitmap::of(self.bitmap | bit, slots)?.into_object())
    }

    /// The same node with a slot less.
    fn without_slot(&self, bit: u32) -> Result<Without, Raised> {
        let (index, count) = (self.index(bit), self.slots.all().len());
        if count <= 1 {
            return Ok(Without::Nothing);
        }
        let slots = (0..count - 1).map(|at| self.slots.pair(at + usize::from(at >= index)).unwrap_or_default());
        Ok(Without::Node(Bitmap::of(self.bitmap & !bit, slots)?.into_object()))
    }

    /// The entries of a full node, each in a node of its own, and the new one.
    fn spread(&self, key: &ContextVar, value: &Object, shift: u32) -> Result<Ref, Raised> {
        let mut nodes = [const { Field::empty() }; PLACES];
        let mut pairs = self.slots.pairs();
        for (place, field) in nodes.iter_mut().enumerate() {
            if self.bitmap & (1 << place) == 0 {
                continue;
            }
            *field = match pairs.next() {
                Some((Some(known), Some(value))) => match known.downcast_exact::<ContextVar>() {
                    Some(known) => Field::new(Bitmap::single(known, &value, shift + BITS)?),
                    None => Field::empty(),
                },
                Some((None, Some(node))) => Field::new(node),
                _ => Field::empty(),
            };
        }
        nodes[piece(hash_of(key), shift)] = Field::new(Bitmap::single(key, value, shift + BITS)?);
        Array::of(nodes, self.slots.all().len() + 1)
    }
}

impl Array {
    fn of(nodes: [Field; PLACES], count: usize) -> Result<Ref, Raised> {
        Ok(create(Array { base: Object::of::<Array>(), nodes: Nodes(nodes), count })?.into_object())
    }

    /// The same node but for one place.
    fn replaced(&self, place: usize, node: Option<Ref>, count: usize) -> Result<Ref, Raised> {
        let mut nodes: [Field; PLACES] = std::array::from_fn(|at| Field::optional(self.nodes.0[at].get()));
        nodes[place] = Field::optional(node);
        Array::of(nodes, count)
    }

    /// What is left without one place: a bitmap node where few are.
    fn without_place(&self, place: usize) -> Result<Without, Raised> {
        let left = self.count - 1;
        if left >= MOST {
            return Ok(Without::Node(self.replaced(place, None, left)?));
        }
        let mut bitmap = 0;
        let mut slots: [Pair; MOST] = Default::default();
        let mut count = 0;
        for (at, field) in self.nodes.0.iter().enumerate() {
            let Some(node) = field.get().filter(|_| at != place) else { continue };
            bitmap |= 1 << at;
            let only = node.downcast_exact::<Bitmap>().and_then(Bitmap::only_entry);
            if let Some(slot) = slots.get_mut(count) {
                *slot = only.unwrap_or_else(|| child(node));
                count += 1;
            }
        }
        let slots = slots.iter_mut().take(count).map(std::mem::take);
        Ok(Without::Node(Bitmap::of(bitmap, slots)?.into_object()))
    }
}

impl Collision {
    fn of<I: IntoIterator<Item = Pair, IntoIter: ExactSizeIterator>>(hash: u32, pairs: I) -> Result<Ref, Raised> {
        let pairs = pairs.into_iter();
        let count = pairs.len();
        let memory = raw_memory(16, size_of::<Collision>() + 16 * count, true)?;
        // SAFETY: as for a bitmap node.
        unsafe {
            let node = memory.cast::<Collision>();
            node.write(Collision {
                base: VarObject::header(Collision::type_object(), 2 * count as isize),
                hash,
                slots: Slots,
            });
            write_slots(memory.cast::<u8>().add(SLOTS_AT).cast(), pairs);
            let node = Ref::from_owned(node);
            gc::track(&node);
            Ok(node.into_object())
        }
    }
}

/// # Safety
/// There is room for the slots.
unsafe fn write_slots(mut place: std::ptr::NonNull<[Field; 2]>, pairs: impl Iterator<Item = Pair>) {
    for (key, value) in pairs {
        // SAFETY: by the contract.
        unsafe {
            place.write([Field::optional(key), Field::optional(value)]);
            place = place.add(1);
        }
    }
}

/// The value of a key below a node.
fn find(node: &Object, key: &ContextVar, hash: u32, shift: u32) -> Option<Ref> {
    if let Some(node) = node.downcast_exact::<Bitmap>() {
        let bit = bit(hash, shift);
        if node.bitmap & bit == 0 {
            return None;
        }
        return match node.slots.all().get(node.index(bit))? {
            [known, value] if known.is_empty() => find(&*value.get()?, key, hash, shift + BITS),
            [known, value] => std::ptr::eq(known.pointer(), key.as_ref()).then(|| value.get())?,
        };
    }
    if let Some(node) = node.downcast_exact::<Array>() {
        return find(&*node.nodes.0[piece(hash, shift)].get()?, key, hash, shift + BITS);
    }
    let node = node.downcast_exact::<Collision>()?;
    node.slots.pair(node.slots.position(key)?)?.1
}

/// A node that also has this entry; says whether the key is new.
fn with(node: &Object, key: &ContextVar, value: &Object, shift: u32) -> Result<(Ref, bool), Raised> {
    let hash = hash_of(key);
    if let Some(node) = node.downcast_exact::<Bitmap>() {
        let bit = bit(hash, shift);
        if node.bitmap & bit == 0 {
            let wide = node.slots.all().len() >= MOST;
            return Ok((
                if wide { node.spread(key, value, shift)? } else { node.with_slot(bit, entry(key, value))? },
                true,
            ));
        }
        let index = node.index(bit);
        return match node.slots.pair(index) {
            Some((None, Some(below))) => {
                let (below, added) = with(&below, key, value, shift + BITS)?;
                Ok((node.replaced(index, child(below))?, added))
            }
            Some((Some(known), Some(other))) if !known.is(key.as_ref()) => {
                let below = both(&known, &other, key, value, shift + BITS)?;
                Ok((node.replaced(index, child(below))?, true))
            }
            _ => Ok((node.replaced(index, entry(key, value))?, false)),
        };
    }
    if let Some(node) = node.downcast_exact::<Array>() {
        let place = piece(hash, shift);
        return match node.nodes.0[place].get() {
            None => Ok((node.replaced(place, Some(Bitmap::single(key, value, shift + BITS)?), node.count + 1)?, true)),
            Some(below) => {
                let (below, added) = with(&below, key, value, shift + BITS)?;
                Ok((node.replaced(place, Some(below), node.count)?, added))
            }
        };
    }
    let Some(same) = node.downcast_exact::<Collision>() else { return Ok((node.to_ref(), false)) };
    if same.hash != hash {
        // The two part here.
        let above = Bitmap::of(bit(same.hash, shift), [child(node.to_ref())])?;
        return with(&above, key, value, shift);
    }
    let place = same.slots.position(key);
    let count = same.slots.all().len() + usize::from(place.is_none());
    let slots = (0..count).map(|at| match same.slots.pair(at) {
        Some(pair) if Some(at) != place => pair,
        _ => entry(key, value),
    });
    Ok((Collision::of(hash, slots)?, place.is_none()))
}

/// A node of two entries.
fn both(first: &Object, first_value: &Object, key: &ContextVar, value: &Object, shift: u32) -> Result<Ref, Raised> {
    let Some(first) = first.downcast_exact::<ContextVar>() else { return Bitmap::single(key, value, shift) };
    let hash = hash_of(first);
    if hash == hash_of(key) {
        return Collision::of(hash, [entry(first, first_value), entry(key, value)]);
    }
    with(&*Bitmap::single(first, first_value, shift)?, key, value, shift).map(|(node, _)| node)
}

/// What is left of a node without a key.
fn without(node: &Object, key: &ContextVar, shift: u32) -> Result<Without, Raised> {
    let hash = hash_of(key);
    if let Some(node) = node.downcast_exact::<Bitmap>() {
        let bit = bit(hash, shift);
        if node.bitmap & bit == 0 {
            return Ok(Without::Same);
        }
        let index = node.index(bit);
        return match node.slots.pair(index) {
            Some((None, Some(below))) => match without(&below, key, shift + BITS)? {
                Without::Node(below) => {
                    let only = below.downcast_exact::<Bitmap>().and_then(Bitmap::only_entry);
                    Ok(Without::Node(node.replaced(index, only.unwrap_or_else(|| child(below)))?))
                }
                Without::Nothing => node.without_slot(bit),
                Without::Same => Ok(Without::Same),
            },
            Some((Some(known), _)) if known.is(key.as_ref()) => node.without_slot(bit),
            _ => Ok(Without::Same),
        };
    }
    if let Some(node) = node.downcast_exact::<Array>() {
        let place = piece(hash, shift);
        let Some(below) = node.nodes.0[place].get() else { return Ok(Without::Same) };
        return match without(&below, key, shift + BITS)? {
            Without::Node(below) => Ok(Without::Node(node.replaced(place, Some(below), node.count)?)),
            Without::Nothing => node.without_place(place),
            Without::Same => Ok(Without::Same),
        };
    }
    let Some(node) = node.downcast_exact::<Collision>() else { return Ok(Without::Same) };
    let Some(place) = node.slots.position(key) else { return Ok(Without::Same) };
    let mut left = node.slots.pairs().enumerate().filter(|(at, _)| *at != place).map(|(_, pair)| pair);
    match node.slots.all().len() {
        0 | 1 => Ok(Without::Nothing),
        2 => Ok(Without::Node(Bitmap::of(bit(hash, shift), [left.next().unwrap_or_default()])?.into_object())),
        count => {
            let slots = (0..count - 1).map(|_| left.next().unwrap_or_default());
            Ok(Without::Node(Collision::of(hash, slots)?))
        }
    }
}

impl Hamt {
    fn fields(root: Ref, count: usize) -> Hamt {
        Hamt { base: Object::of::<Hamt>(), root: Field::new(root), weaklist: Cell::new(std::ptr::null()), count }
    }

    /// A mapping without entries.
    pub(super) fn empty() -> Result<Ref<Hamt>, Raised> {
        create(Hamt::fields(Bitmap::of(0, [])?.into_object(), 0))
    }

    /// The number of entries.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The value of a key.
    pub(super) fn find(&self, key: &ContextVar) -> Option<Ref> {
        find(&*self.root.get()?, key, hash_of(key), 0)
    }

    /// A mapping that also has this entry.
    pub(super) fn with(&self, key: &ContextVar, value: &Object) -> Result<Ref<Hamt>, Raised> {
        let (root, added) = match self.root.get() {
            Some(root) => with(&root, key, value, 0)?,
            None => (Bitmap::single(key, value, 0)?, true),
        };
        create(Hamt::fields(root, self.count + usize::from(added)))
    }

    /// A mapping without a key; nothing where the key is not there.
    pub(super) fn without(&self, key: &ContextVar) -> Result<Option<Ref<Hamt>>, Raised> {
        let Some(root) = self.root.get() else { return Ok(None) };
        match without(&root, key, 0)? {
            Without::Same => Ok(None),
            Without::Nothing => Hamt::empty().map(Some),
            Without::Node(root) => create(Hamt::fields(root, self.count.saturating_sub(1))).map(Some),
        }
    }

    /// A walk over the entries.
    pub(super) fn walk(&self) -> Walk {
        let walk = Walk::default();
        walk.nodes[0].set(self.root.get());
        walk.level.set(0);
        walk
    }
}

/// Where a walk over the entries stands: the nodes from the root to it, with the place in each.
pub(super) struct Walk {
    nodes: [Field; DEPTH],
    places: [Cell<usize>; DEPTH],
    /// The level of the node, below 0 at the end.
    level: Cell<isize>,
}

impl Default for Walk {
    fn default() -> Walk {
        Walk { nodes: [const { Field::empty() }; DEPTH], places: [const { Cell::new(0) }; DEPTH], level: Cell::new(-1) }
    }
}

impl Walk {
    /// The next entry.
    pub(super) fn next(&self) -> Option<(Ref, Ref)> {
        loop {
            let level = usize::try_from(self.level.get()).ok()?;
            let Some(node) = self.nodes.get(level).and_then(Field::get) else {
                self.level.set(-1);
                return None;
            };
            let place = self.places[level].get();
            self.places[level].set(place + 1);
            let pair = if let Some(node) = node.downcast_exact::<Bitmap>() {
                node.slots.pair(place)
            } else if let Some(node) = node.downcast_exact::<Array>() {
                node.nodes.0.get(place).map(|below| (None, below.get()))
            } else {
                node.downcast_exact::<Collision>().and_then(|node| node.slots.pair(place))
            };
            match pair {
                None => {
                    self.nodes[level].set(None);
                    self.level.set(level as isize - 1);
                }
                Some((Some(key), Some(value))) => return Some((key, value)),
                Some((None, Some(below))) if level + 1 < DEPTH => {
                    self.nodes[level + 1].set(Some(below));
                    self.places[level + 1].set(0);
                    self.level.set(level as isize + 1);
                }
                Some(_) => {}
            }
        }
    }
}
