//! `memoryview`: a view of the memory that another object lends, with items of one format along any number of dimensions.
//!
//! `value` has the layout and the life of views, `walk` goes over items, `items` reads and writes one, `index` is subscripts,
//! `cast` and `compare` what their names say, `methods` what Python calls.

mod cast;
mod compare;
mod contiguous;
mod index;
pub mod items;
pub mod iterator;
mod methods;
pub mod value;
pub mod walk;

pub use iterator::{MEMORY_ITERATOR_TYPE, MemoryIterator};
pub use value::{MANAGED_BUFFER_TYPE, MEMORY_VIEW_TYPE, ManagedBuffer, MemoryView};
pub use walk::contiguous_bytes;
