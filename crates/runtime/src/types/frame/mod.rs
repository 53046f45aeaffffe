//! `frame`: a running, suspended or ended frame as Python sees it (`PyFrameObject`).
//!
//! The frame itself is an `eval::frame::Frame` elsewhere; when it ends while the object lives, it moves into the object. `locals` makes
//! `f_locals`, `methods` has the rest.

pub mod jump;
pub mod locals;
pub mod methods;
pub mod value;

pub use value::{FRAME_OBJECT_TYPE, FrameObject};
