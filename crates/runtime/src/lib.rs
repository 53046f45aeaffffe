//! Objects, the collector, types, the evaluation loop, import and threads.
#![allow(
    improper_ctypes_definitions,
    reason = "a `Result<Ref, Raised>` is one word that is null for an error, as `object/raised.rs` asserts; the lint knows only `Option`"
)]

// The attributes of habu-macros name this crate by its path, inside it too.
extern crate self as habu_runtime;

pub mod eval;
pub mod exceptions;
pub mod gc;
pub mod hashing;
pub mod identifiers;
pub mod import;
pub mod object;
pub mod threads;
pub mod types;
