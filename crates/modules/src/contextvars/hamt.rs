//! The tree under a context: a hash array mapped trie (as PEP 567 describes), persistent: a change makes new nodes along one path and
//! shares all others, so that copying a context costs nothing.
//!
//! A node has a slot for each 5-bit piece of the hash that occurs under it, marked in its bitmap, in the order of the pieces. A slot is an
//! entry or a further node. Below the last piece a node holds entries whose whole hash is the same, and its bitmap is 0. Keys are compared
//! by identity, so no Python code runs here.

use std::cell::UnsafeCell;

use habu_heap::Buffer;
use habu_macros::{pymethods, pytype};
use habu_runtime::object::visit::{Stopped, Traverse, Visit};
use habu_runtime::object::{Object, Raised, Ref, create};

use super::variable::ContextVar;

/// The bits of a piece of the hash.
const BITS: u32 = 5;
/// From here on there are no more pieces.
const END: u32 = 35;

/// A place of a node.
#[derive(Clone)]
enum Slot {
    Entry(Ref<ContextVar>, Ref),
    Child(Ref<Node>),
}

/// The slots of a node, which change only when the collector clears it.
struct Slots(UnsafeCell<Buffer<Slot>>);

impl Slots {
    /// Lends the slots to a closure that neither runs Python code nor drops a reference.
    fn lend<R>(&self, with: impl FnOnce(&[Slot]) -> R) -> R {
        // SAFETY: only `clear` changes the slots, and it does not run inside such a closure.
        with(unsafe { &*self.0.get() })
    }

    /// A copy with room for `more`.
    fn copy(&self, more: usize) -> Result<Buffer<Slot>, Raised> {
        self.lend(|slots| Ok(Buffer::from_clones(slots, more)?))
    }
}

impl Traverse for Slots {
    fn traverse(&self, visit: &Visit) -> Result<(), Stopped> {
        self.lend(|slots| {
            slots.iter().try_for_each(|slot| match slot {
                Slot::Entry(key, value) => visit.object(key).and_then(|()| visit.object(value)),
                Slot::Child(node) => visit.object(node),
            })
        })
    }

    fn clear(&self) {
        // SAFETY: nobody has a borrow of the slots: see `lend`.  They are dropped after they were taken out.
        let taken = std::mem::take(unsafe { &mut *self.0.get() });
        drop(taken);
    }
}

/// A node of the trie.
#[pytype(name = "hamt", doc = "", gc, flag = DISALLOW_INSTANTIATION)]
pub(super) struct Node {
    base: Object,
    bitmap: u32,
    #[traverse]
    slots: Slots,
}

#[pymethods]
impl Node {}

/// What is left of a node without a key.
pub(super) enum Without {
    /// The key was not there.
    Same,
    /// Nothing.
    Nothing,
    /// This one entry.
    Entry(Ref<ContextVar>, Ref),
    /// A node.
    Node(Ref<Node>),
}

fn bit(hash: u64, shift: u32) -> u32 {
    1 << (hash >> shift & 31)
}

impl Node {
    fn new(bitmap: u32, slots: Buffer<Slot>) -> Result<Ref<Node>, Raised> {
        create(Node { base: Object::of::<Node>(), bitmap, slots: Slots(UnsafeCell::new(slots)) })
    }

    /// A trie of one entry.
    pub(super) fn single(key: &ContextVar, value: &Object) -> Result<Ref<Node>, Raised> {
        let mut slots = Buffer::with_capacity(1)?;
        slots.push(Slot::Entry(Ref::from_borrowed(key), value.to_ref()))?;
        Node::new(bit(key.hash_bits(), 0), slots)
    }

    /// The value of a key.
    pub(super) fn find(&self, key: &ContextVar) -> Option<Ref> {
        self.find_below(key, 0)
    }

    fn index(&self, bit: u32) -> usize {
        (self.bitmap & (bit - 1)).count_ones() as usize
    }

    fn find_below(&self, key: &ContextVar, shift: u32) -> Option<Ref> {
        self.slots.lend(|slots| {
            if shift >= END {
                return slots.iter().find_map(|slot| match slot {
                    Slot::Entry(known, value) if known.is(key) => Some(value.clone()),
                    _ => None,
                });
            }
            let bit = bit(key.hash_bits(), shift);
            if self.bitmap & bit == 0 {
                return None;
            }
            match slots.get(self.index(bit))? {
                Slot::Entry(known, value) => known.is(key).then(|| value.clone()),
                Slot::Child(node) => node.find_below(key, shift + BITS),
            }
        })
    }

    /// A trie that also has this entry; says whether the key is new.
    pub(super) fn with(&self, key: &ContextVar, value: &Object) -> Result<(Ref<Node>, bool), Raised> {
        self.with_below(key, value, 0)
    }

    fn with_below(&self, key: &ContextVar, value: &Object, shift: u32) -> Result<(Ref<Node>, bool), Raised> {
        let entry = || Slot::Entry(Ref::from_borrowed(key), value.to_ref());
        if shift >= END {
            let mut slots = self.slots.copy(1)?;
            let place = slots.iter().position(|slot| matches!(slot, Slot::Entry(known, _) if known.is(key)));
            match place {
                Some(place) => slots[place] = entry(),
                None => slots.push(entry())?,
            }
            return Ok((Node::new(0, slots)?, place.is_none()));
        }
        let bit = bit(key.hash_bits(), shift);
        let index = self.index(bit);
        if self.bitmap & bit == 0 {
            let mut slots = self.slots.copy(1)?;
            slots.insert(index, entry())?;
            return Ok((Node::new(self.bitmap | bit, slots)?, true));
        }
        let mut slots = self.slots.copy(0)?;
        let (slot, added) = match slots.get(index) {
            Some(Slot::Child(node)) => {
                let (node, added) = node.with_below(key, value, shift + BITS)?;
                (Slot::Child(node), added)
            }
            Some(Slot::Entry(known, other)) if !known.is(key) => {
                // The two part further down.
                let empty = Node::new(0, Buffer::new())?;
                let (node, _) = empty.with_below(known, other, shift + BITS)?;
                let (node, _) = node.with_below(key, value, shift + BITS)?;
                (Slot::Child(node), true)
            }
            _ => (entry(), false),
        };
        if let Some(place) = slots.get_mut(index) {
            *place = slot;
        }
        Ok((Node::new(self.bitmap, slots)?, added))
    }

    /// What is left without a key.
    pub(super) fn without(&self, key: &ContextVar) -> Result<Without, Raised> {
        match self.without_below(key, 0)? {
            // The root is a node always.
            Without::Entry(key, value) => Ok(Without::Node(Node::single(&key, &value)?)),
            left => Ok(left),
        }
    }

    fn without_below(&self, key: &ContextVar, shift: u32) -> Result<Without, Raised> {
        let mut slots = self.slots.copy(0)?;
        let bit = if shift >= END { 0 } else { bit(key.hash_bits(), shift) };
        let index = if shift >= END {
            match slots.iter().position(|slot| matches!(slot, Slot::Entry(known, _) if known.is(key))) {
                Some(index) => index,
                None => return Ok(Without::Same),
            }
        } else if self.bitmap & bit == 0 {
            return Ok(Without::Same);
        } else {
            self.index(bit)
        };
        let replacement = match slots.get(index) {
            Some(Slot::Child(node)) => match node.without_below(key, shift + BITS)? {
                Without::Same => return Ok(Without::Same),
                Without::Nothing => None,
                Without::Entry(key, value) => Some(Slot::Entry(key, value)),
                Without::Node(node) => Some(Slot::Child(node)),
            },
            Some(Slot::Entry(known, _)) if known.is(key) => None,
            _ => return Ok(Without::Same),
        };
        let mut bitmap = self.bitmap;
        match replacement {
            Some(slot) => slots[index] = slot,
            None => {
                drop(slots.remove(index));
                bitmap &= !bit;
            }
        }
        Ok(match (slots.len(), slots.first()) {
            (0, _) => Without::Nothing,
            (1, Some(Slot::Entry(key, value))) => Without::Entry(key.clone(), value.clone()),
            _ => Without::Node(Node::new(bitmap, slots)?),
        })
    }

    /// All entries, put behind what is in `out`.
    pub(super) fn entries(&self, out: &mut Buffer<(Ref<ContextVar>, Ref)>) -> Result<(), Raised> {
        self.slots.lend(|slots| {
            slots.iter().try_for_each(|slot| match slot {
                Slot::Entry(key, value) => Ok(out.push((key.clone(), value.clone()))?),
                Slot::Child(node) => node.entries(out),
            })
        })
    }
}
