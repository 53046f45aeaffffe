//! The abstract grammar as data, for whoever builds classes or messages from it.
//!
//! The tables themselves are made by `nodes`, from the same rows as the Rust types.

use std::fmt;

/// One type of the abstract grammar: `stmt`, `expr`, `operator`, `arguments`, ...
pub struct TypeDef {
    /// The name in the grammar, which is also the name of the Python class.
    pub name: &'static str,
    /// A sum type has a class of its own with a subclass for each constructor. A product type
    /// (`arguments`, `alias`, ...) is its own single constructor.
    pub is_sum: bool,
    /// Whether nodes have `lineno`, `col_offset`, `end_lineno` and `end_col_offset`.
    pub located: bool,
    /// The constructors, in the order of the grammar.
    pub constructors: &'static [NodeDef],
}

/// One constructor: a concrete class of node.
pub struct NodeDef {
    /// The class's name.
    pub name: &'static str,
    /// The fields, in order.
    pub fields: &'static [FieldDef],
}

/// One field of a constructor.
pub struct FieldDef {
    /// The attribute's name.
    pub name: &'static str,
    /// What the field holds.
    pub kind: FieldKind,
    /// How many of it.
    pub arity: Arity,
}

/// What a field holds.
#[derive(Clone, Copy)]
pub enum FieldKind {
    /// An interned string.
    Identifier,
    /// A machine integer (`level`, `simple`, `conversion`, ...).
    Int,
    /// A string (`type_comment`, `kind`, `tag`).
    String,
    /// Any constant.
    Constant,
    /// A node of this type. (A function, because the types refer to each other.)
    Node(fn() -> &'static TypeDef),
}

/// How many values a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arity {
    /// Exactly one.
    One,
    /// One or `None`; also the default of the class's attribute.
    Optional,
    /// A list.
    Many,
    /// A list whose items may be `None` (`Dict.keys`, `arguments.kw_defaults`).
    ManyOptional,
}

impl FieldKind {
    /// The name of the kind in the grammar.
    pub fn name(&self) -> &'static str {
        match self {
            FieldKind::Identifier => "identifier",
            FieldKind::Int => "int",
            FieldKind::String => "string",
            FieldKind::Constant => "constant",
            FieldKind::Node(definition) => definition().name,
        }
    }
}

impl fmt::Display for NodeDef {
    /// The constructor as the grammar spells it, which is the docstring of its class:
    /// `Return(expr? value)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        for (index, field) in self.fields.iter().enumerate() {
            let mark = match field.arity {
                Arity::One => "",
                Arity::Optional => "?",
                Arity::Many | Arity::ManyOptional => "*",
            };
            let open = if index == 0 { "(" } else { ", " };
            write!(f, "{open}{}{mark} {}", field.kind.name(), field.name)?;
        }
        f.write_str(if self.fields.is_empty() { "" } else { ")" })
    }
}

impl fmt::Display for TypeDef {
    /// The type as the grammar spells it, which is the docstring of its class.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_sum {
            return self.constructors.iter().try_for_each(|node| node.fmt(f));
        }
        write!(f, "{} = ", self.name)?;
        let has_fields = self.constructors.iter().any(|node| !node.fields.is_empty());
        for (index, node) in self.constructors.iter().enumerate() {
            if index > 0 && has_fields {
                write!(f, "\n{:width$} | ", "", width = self.name.len())?;
            } else if index > 0 {
                f.write_str(" | ")?;
            }
            node.fmt(f)?;
        }
        Ok(())
    }
}
