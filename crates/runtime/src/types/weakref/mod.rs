//! `weakref.ref` and proxies (`PyWeakReference`).

pub mod value;

pub use value::{WEAK_REFERENCE_TYPE, WeakReference, clear_references};
