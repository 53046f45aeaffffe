//! `generator`: a function that stopped at a yield (`PyGenObject`). Coroutines and asynchronous generators have the same layout.
//!
//! The frame stands behind the fields, in the same object. `value` has the layout, `resume` runs it on, `close` throws and closes,
//! `methods` is what Python sees.

pub mod close;
pub mod methods;
pub mod resume;
pub mod value;

pub use value::{GENERATOR_TYPE, Generator, State};
