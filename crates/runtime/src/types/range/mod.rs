//! `range`: an arithmetic progression of integers of any size (`rangeobject`).

pub(crate) mod iterators;
mod methods;
pub mod value;

pub use iterators::{LONG_RANGE_ITERATOR_TYPE, LongRangeIterator, RANGE_ITERATOR_TYPE, RangeIterator};
pub use value::{RANGE_TYPE, Range};
