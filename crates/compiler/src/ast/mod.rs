//! The abstract syntax tree: an owned tree with the shape of Python 3.11's abstract grammar.
//!
//! Every node and every field has the name that the `ast` module documents. `nodes` is the one table
//! of the grammar: from it come the Rust types, the schema that can be read at run time (`schema`), and the
//! generic conversion of a tree to and from another representation (`convert`), which is how the
//! `_ast` module makes Python objects of a tree and reads them back.
//!
//! Invariants of a tree that the parser made: identifiers are NFKC-normalised; lines count from 1 and
//! columns are UTF-8 byte offsets from 0; `Expr::location` and its like enclose their children, except
//! inside f-strings, where CPython 3.11's columns are reproduced, which do not.
//!
//! A tree may be deep (a sum of ten thousand terms is a left-leaning chain), so dropping one uses bounded native
//! stack; see `deep_drop`. Walks that recurse must bound their depth themselves.

#[macro_use]
mod rows;

mod convert;
mod deep_drop;
pub mod dump;
mod name;
mod nodes;
mod schema;
#[cfg(test)]
mod tests;
mod validate;

pub use convert::{Field, Node, Reader, Writer};
pub use name::{Interner, Name};
pub use nodes::*;
pub use schema::{Arity, FieldDef, FieldKind, NodeDef, TypeDef};
pub use validate::{Invalid, validate};

pub use habu_bytecode::{Constant, Text};
