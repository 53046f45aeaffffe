//! `str`: text in 1, 2 or 4 bytes a character (PEP 393), immutable, hashed once, some of it interned.
//!
//! `value` has the layout, `build` makes strings, `builder` lets them grow; the methods are by topic in the other files.

pub mod build;
pub mod builder;
mod case;
pub mod codecs;
pub mod format;
pub mod intern;
pub mod iterator;
mod join;
mod layout;
mod methods;
mod percent;
pub(crate) mod percent_arguments;
pub(crate) mod search;
mod split;
pub mod translate;
pub mod value;
mod wide;

pub use builder::StrBuilder;
pub use iterator::{STR_ASCII_ITERATOR_TYPE, STR_ITERATOR_TYPE};
pub use join::join;
pub use methods::ascii;
pub use value::{Chars, STR_TYPE, Str};

/// Whether the text may be a name in source (`str.isidentifier`).
pub fn is_identifier(text: &Str) -> bool {
    habu_text::unicode::predicates::text_is_identifier(text.chars())
}
