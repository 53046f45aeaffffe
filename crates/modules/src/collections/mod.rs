//! `_collections`: deque, defaultdict and what `collections` builds on.

mod counting;
mod defaultdict;
mod deque;
mod deque_iterator;
mod deque_methods;
mod order;
pub mod ordered;
mod ordered_views;
mod tuplegetter;

use habu_macros::pymodule;
use habu_runtime::object::{Object, Raised};
use habu_runtime::types::module::Module;

/// High performance data structures.
/// - deque:        ordered collection accessible from endpoints only
/// - defaultdict:  dict subclass with a default value factory
pub struct Collections;

#[pymodule(name = "_collections")]
impl Collections {
    /// Count elements in the iterable, updating the mapping
    fn _count_elements(mapping: &Object, iterable: &Object) -> Result<(), Raised> {
        counting::count_elements(mapping, iterable)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        module.add_type(&deque::DEQUE_TYPE)?;
        module.add_type(&defaultdict::DEFAULT_DICT_TYPE)?;
        module.add_type(&ordered::ORDERED_DICT_TYPE)?;
        ordered_views::ready()?;
        module.add_type(&deque_iterator::DEQUE_ITERATOR_TYPE)?;
        module.add_type(&deque_iterator::DEQUE_REVERSE_ITERATOR_TYPE)?;
        module.add_type(&tuplegetter::TUPLE_GETTER_TYPE)
    }
}
