//! `bytearray`: bytes that can be changed, in a block that grows with room to spare and is shorter at its front once bytes were
//! taken off there.

pub mod iterator;
mod methods;
mod store;
pub mod value;

pub use iterator::{BYTE_ARRAY_ITERATOR_TYPE, ByteArrayIterator};
pub use value::{BYTE_ARRAY_TYPE, ByteArray};
