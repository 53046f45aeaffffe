//! `slice`: what stands between square brackets with colons (`PySliceObject`).

pub mod value;

pub use value::{SLICE_TYPE, Slice};
