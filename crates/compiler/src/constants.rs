//! The constants and names of a code object while it is made: what was added first comes first, and equals merge.

use std::collections::HashMap;
use std::hash::Hash;

use habu_bytecode::Constant;
use num_bigint::Sign;

/// Values in the order in which they were first added, each with its index.
#[derive(Clone, Debug)]
pub(crate) struct IndexTable<T> {
    items: Vec<T>,
    indices: HashMap<T, u32>,
}

/// `co_consts` while it is made.
pub(crate) type ConstantTable = IndexTable<Constant>;

impl<T> Default for IndexTable<T> {
    fn default() -> IndexTable<T> {
        IndexTable { items: Vec::new(), indices: HashMap::new() }
    }
}

impl<T: Clone + Eq + Hash> IndexTable<T> {
    /// The index of `item`, which is added if it is not there.
    pub(crate) fn add(&mut self, item: T) -> u32 {
        if let Some(&index) = self.indices.get(&item) {
            return index;
        }
        let index = self.append(item.clone());
        self.indices.insert(item, index);
        index
    }

    /// Adds `item` whether or not it is there; answers its index.
    fn append(&mut self, item: T) -> u32 {
        let index = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(item);
        index
    }

    /// The index of `item`, if it is there.
    pub(crate) fn index_of<Q>(&self, item: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.indices.get(item).copied()
    }

    /// The item at `index`.
    pub(crate) fn get(&self, index: u32) -> Option<&T> {
        self.items.get(index as usize)
    }

    /// The number of items.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// Forgets the items from `count` on. Nothing may be added afterwards.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.items.truncate(count);
    }

    /// The items in order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// Gives up the items in order.
    pub(crate) fn into_items(self) -> Vec<T> {
        self.items
    }
}

impl ConstantTable {
    /// The index of a constant, which is added if it is not there. A NaN is equal to nothing, so each is a constant of its own.
    pub(crate) fn add_constant(&mut self, constant: Constant) -> u32 {
        if has_nan(&constant) { self.append(constant) } else { self.add(constant) }
    }
}

/// Whether a constant is or holds a NaN.
fn has_nan(constant: &Constant) -> bool {
    match constant {
        Constant::Float(value) => value.is_nan(),
        Constant::Complex(real, imaginary) => real.is_nan() || imaginary.is_nan(),
        Constant::Tuple(items) | Constant::FrozenSet(items) => items.iter().any(has_nan),
        _ => false,
    }
}

/// Whether a constant counts as true.
pub(crate) fn is_true(constant: &Constant) -> bool {
    match constant {
        Constant::None | Constant::False => false,
        Constant::True | Constant::Ellipsis | Constant::Code(_) => true,
        Constant::Int(value) => *value != 0,
        Constant::BigInt(value) => value.sign() != Sign::NoSign,
        Constant::Float(value) => *value != 0.0,
        Constant::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
        Constant::Str(text) => !text.is_empty(),
        Constant::Bytes(bytes) => !bytes.is_empty(),
        Constant::Tuple(items) | Constant::FrozenSet(items) => !items.is_empty(),
    }
}
