//! The text of a tree in the form of Python's `ast.dump(tree, include_attributes=True)`.
//!
//! For tests and for people: what CPython prints for its own tree of the same source can be compared as text.
//! Floats print in Rust's shortest form, so that the other side has to render them likewise.

use std::fmt::Write;

use super::convert::{Node, Writer};
use super::schema::{Arity, NodeDef};
use super::{Constant, Location, Name, Text};

/// The dump of `node`, or `None` if it is nested deeper than `limit`.
pub fn dump<T: Node>(node: &T, limit: u32) -> Option<String> {
    node.write(&mut Dump { depth: 0, limit }).ok().flatten()
}

/// The nesting is deeper than allowed.
struct TooDeep;

struct Dump {
    depth: u32,
    limit: u32,
}

impl Writer for Dump {
    /// `None` for an absent value, which `ast.dump` leaves out.
    type Value = Option<String>;
    type Error = TooDeep;

    fn enter(&mut self) -> Result<(), TooDeep> {
        self.depth += 1;
        if self.depth > self.limit { Err(TooDeep) } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn node(
        &mut self,
        node: &'static NodeDef,
        fields: Vec<Option<String>>,
        location: Option<Location>,
    ) -> Result<Option<String>, TooDeep> {
        let mut parts = Vec::new();
        for (field, value) in node.fields.iter().zip(fields) {
            match value {
                Some(value) => parts.push(format!("{}={value}", field.name)),
                None if field.arity == Arity::Optional => {}
                None => parts.push(format!("{}=None", field.name)),
            }
        }
        if let Some(location) = location {
            parts.push(format!(
                "lineno={}, col_offset={}, end_lineno={}, end_col_offset={}",
                location.line, location.column, location.end_line, location.end_column
            ));
        }
        Ok(Some(format!("{}({})", node.name, parts.join(", "))))
    }

    fn list(&mut self, items: Vec<Option<String>>) -> Result<Option<String>, TooDeep> {
        let items: Vec<_> = items.into_iter().map(|item| item.unwrap_or("None".into())).collect();
        Ok(Some(format!("[{}]", items.join(", "))))
    }

    fn none(&mut self) -> Result<Option<String>, TooDeep> {
        Ok(None)
    }

    fn identifier(&mut self, name: &Name) -> Result<Option<String>, TooDeep> {
        Ok(Some(quoted(&name.as_str().into())))
    }

    fn string(&mut self, text: &Text) -> Result<Option<String>, TooDeep> {
        Ok(Some(quoted(text)))
    }

    fn int(&mut self, value: i32) -> Result<Option<String>, TooDeep> {
        Ok(Some(value.to_string()))
    }

    fn constant(&mut self, value: &Constant) -> Result<Option<String>, TooDeep> {
        Ok(Some(constant(value)))
    }
}

/// A string as its code points: printable ASCII plain, all else as `\u{...}`.
fn quoted(text: &Text) -> String {
    let mut out = String::from("'");
    for point in text.code_points() {
        match char::from_u32(point) {
            Some(c @ ' '..='~') if c != '\'' && c != '\\' => out.push(c),
            _ => {
                let _ = write!(out, "\\u{{{point:x}}}");
            }
        }
    }
    out.push('\'');
    out
}

/// A constant, in a form that both sides can make.
fn constant(value: &Constant) -> String {
    match value {
        Constant::None => "None".into(),
        Constant::True => "True".into(),
        Constant::False => "False".into(),
        Constant::Ellipsis => "Ellipsis".into(),
        Constant::Int(value) => value.to_string(),
        // Hexadecimal: CPython limits the length of decimal forms.
        Constant::BigInt(value) => format!("0x{}", value.to_str_radix(16)),
        Constant::Float(value) => format!("float({:x})", value.to_bits()),
        Constant::Complex(_, imaginary) => format!("complex({:x})", imaginary.to_bits()),
        Constant::Str(text) => quoted(text),
        Constant::Bytes(bytes) => {
            let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
            format!("b{}", quoted(&text.as_str().into()))
        }
        Constant::Tuple(items) | Constant::FrozenSet(items) => {
            let items: Vec<_> = items.iter().map(constant).collect();
            format!("[{}]", items.join(", "))
        }
        Constant::Code(_) => "code".into(),
    }
}
