//! `bytes`: immutable bytes behind a header, hashed once; what it shares with `bytearray` is in `common` and `shared_methods`.

pub mod common;
pub mod iterator;
pub mod methods;
pub(crate) mod percent;
pub(crate) mod shared_methods;
pub mod value;
pub mod written;

pub use iterator::{BYTES_ITERATOR_TYPE, BytesIterator};
pub(crate) use methods::refuse_encoding;
pub use methods::{from_object, from_special};
pub use value::{BYTES_TYPE, Bytes};
pub use written::WrittenBytes;
