//! `weakref.ref` and proxies (`PyWeakReference`).

pub mod methods;
pub mod proxy;
pub mod value;

pub use value::{WEAK_REFERENCE_TYPE, WeakReference, clear_references};
