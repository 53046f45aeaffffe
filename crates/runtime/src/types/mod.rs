//! The built-in types, a folder for each: `mod.rs` says what it is, `value.rs` has the layout and what Rust calls,
//! `methods.rs` what Python calls, other files one topic each.

pub mod async_generator;
pub mod buffer;
pub mod builtin_function;
pub mod bytearray;
pub mod bytes;
pub mod cell;
pub mod code;
pub mod complex;
pub mod coroutine;
pub mod descriptor;
pub mod dict;
pub mod enumerate;
pub mod filter;
pub mod float;
pub mod frame;
pub mod function;
pub mod generator;
pub mod generic_alias;
pub mod int;
pub mod iterators;
pub mod list;
pub mod map;
pub mod mappingproxy;
pub mod method;
pub mod module;
pub mod namespace;
pub mod object;
pub mod pending;
pub mod property;
pub mod range;
pub mod registry;
pub mod reversed;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod str;
pub mod structseq;
pub mod super_;
pub mod traceback;
pub mod tuple;
pub mod type_;
pub mod union_;
pub mod weakref;
pub mod zip;

pub use singletons::{boolean, ellipsis, none, not_implemented};
