//! Generic conversion of trees: out through a `Writer`, in through a `Reader`.
//!
//! A front end for trees (the `_ast` module, a dump) implements one small trait that knows nothing of
//! particular nodes; `nodes` generates, row by row, the code that feeds it. Both directions call
//! `enter` before each node with fields and `leave` after it, so that the implementation can bound the recursion.
//! After an error nothing more is called.
//! After an error nothing more is called.

use super::schema::{Arity, FieldDef, FieldKind, NodeDef, TypeDef};
use super::{Constant, Expr, Location, Name, Text};

/// Receives a tree bottom-up: the children of a node are converted before the node.
pub trait Writer {
    /// What a node, a list or a leaf becomes.
    type Value;
    /// What can go wrong.
    type Error;

    /// One level down. Fails where the tree is too deep.
    fn enter(&mut self) -> Result<(), Self::Error>;
    /// One level up.
    fn leave(&mut self);
    /// A node with its fields in the order of `node.fields`.
    fn node(
        &mut self,
        node: &'static NodeDef,
        fields: Vec<Self::Value>,
        location: Option<Location>,
    ) -> Result<Self::Value, Self::Error>;
    /// A list field.
    fn list(&mut self, items: Vec<Self::Value>) -> Result<Self::Value, Self::Error>;
    /// An absent optional value.
    fn none(&mut self) -> Result<Self::Value, Self::Error>;
    /// An identifier.
    fn identifier(&mut self, name: &Name) -> Result<Self::Value, Self::Error>;
    /// A string.
    fn string(&mut self, text: &Text) -> Result<Self::Value, Self::Error>;
    /// An integer.
    fn int(&mut self, value: i32) -> Result<Self::Value, Self::Error>;
    /// A constant.
    fn constant(&mut self, value: &Constant) -> Result<Self::Value, Self::Error>;
}

/// Gives a tree top-down: is asked what a value is, then for its fields.
pub trait Reader {
    /// A value of the representation that is read.
    type Value;
    /// What can go wrong.
    type Error;

    /// One level down. Fails where the tree is too deep.
    fn enter(&mut self, node: &'static NodeDef) -> Result<(), Self::Error>;
    /// One level up.
    fn leave(&mut self);
    /// The index in `definition.constructors` of what `value` is
    /// (otherwise "expected some sort of expr, but got ...").
    fn constructor(&mut self, definition: &'static TypeDef, value: &Self::Value) -> Result<usize, Self::Error>;
    /// The field's value, if there is one that is not `None`. A missing attribute is an error
    /// here unless the field is optional ("required field "x" missing from X"); `None` is not.
    fn field(
        &mut self,
        value: &Self::Value,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Option<Self::Value>, Self::Error>;
    /// The error for a field that must not be `None` ("field 'x' is required for X").
    fn required(&mut self, node: &'static NodeDef, field: &'static FieldDef) -> Self::Error;
    /// The items of a list field; `None` items become `None`.
    /// (Otherwise "X field "x" must be a list, not a ...".)
    fn list(
        &mut self,
        value: Self::Value,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Vec<Option<Self::Value>>, Self::Error>;
    /// The error for a `None` in a list that may not contain it ("None disallowed in expression list").
    fn none_in_list(&mut self, node: &'static NodeDef, field: &'static FieldDef) -> Self::Error;
    /// The location attributes of a node.
    fn location(&mut self, value: &Self::Value, definition: &'static TypeDef) -> Result<Location, Self::Error>;
    /// An identifier.
    fn identifier(&mut self, value: Self::Value) -> Result<Name, Self::Error>;
    /// A string.
    fn string(&mut self, value: Self::Value) -> Result<Text, Self::Error>;
    /// An integer.
    fn int(&mut self, value: Self::Value) -> Result<i32, Self::Error>;
    /// A constant. `None` stands for Python's `None`.
    fn constant(&mut self, value: Option<Self::Value>) -> Result<Constant, Self::Error>;
}

/// A type of the grammar.
pub trait Node: Sized {
    /// Its row in the grammar.
    fn definition() -> &'static TypeDef;

    /// Convert the node.
    fn write<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error>;
    /// Read a node of this type.
    fn read<R: Reader + ?Sized>(reader: &mut R, value: R::Value) -> Result<Self, R::Error>;
}

/// What can stand in a field of a node.
pub trait Field: Sized {
    /// What it holds.
    const KIND: FieldKind;
    /// How many.
    const ARITY: Arity;

    /// Convert the field.
    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error>;
    /// Read the field from `value`, which is `None` where the attribute is absent or `None`.
    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Self, R::Error>;
}

/// Get field number `index` of `value`, a node of class `node`.
pub(super) fn read_field<F: Field, R: Reader + ?Sized>(
    reader: &mut R,
    value: &R::Value,
    node: &'static NodeDef,
    field: &'static FieldDef,
) -> Result<F, R::Error> {
    let value = reader.field(value, node, field)?;
    F::read_field(reader, value, node, field)
}

/// Implement `Field` for a leaf and its optional form.
macro_rules! leaf_field {
    ($type:ty, $kind:ident, $method:ident, $($by_value:tt)?) => {
        impl Field for $type {
            const KIND: FieldKind = FieldKind::$kind;
            const ARITY: Arity = Arity::One;

            fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
                writer.$method($($by_value)? self)
            }

            fn read_field<R: Reader + ?Sized>(
                reader: &mut R,
                value: Option<R::Value>,
                node: &'static NodeDef,
                field: &'static FieldDef,
            ) -> Result<Self, R::Error> {
                match value {
                    Some(value) => reader.$method(value),
                    None => Err(reader.required(node, field)),
                }
            }
        }

        impl Field for Option<$type> {
            const KIND: FieldKind = FieldKind::$kind;
            const ARITY: Arity = Arity::Optional;

            fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
                match self {
                    Some(value) => value.write_field(writer),
                    None => writer.none(),
                }
            }

            fn read_field<R: Reader + ?Sized>(
                reader: &mut R,
                value: Option<R::Value>,
                _: &'static NodeDef,
                _: &'static FieldDef,
            ) -> Result<Self, R::Error> {
                value.map(|value| reader.$method(value)).transpose()
            }
        }
    };
}

leaf_field!(Name, Identifier, identifier,);
leaf_field!(Text, String, string,);
leaf_field!(i32, Int, int, *);

impl Field for Constant {
    const KIND: FieldKind = FieldKind::Constant;
    const ARITY: Arity = Arity::One;

    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
        writer.constant(self)
    }

    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        _: &'static NodeDef,
        _: &'static FieldDef,
    ) -> Result<Self, R::Error> {
        reader.constant(value)
    }
}

impl<T: Node> Field for Box<T> {
    const KIND: FieldKind = FieldKind::Node(T::definition);
    const ARITY: Arity = Arity::One;

    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
        T::write(self, writer)
    }

    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Self, R::Error> {
        match value {
            Some(value) => T::read(reader, value).map(Box::new),
            None => Err(reader.required(node, field)),
        }
    }
}

impl<T: Node> Field for Option<Box<T>> {
    const KIND: FieldKind = FieldKind::Node(T::definition);
    const ARITY: Arity = Arity::Optional;

    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
        match self {
            Some(node) => T::write(node, writer),
            None => writer.none(),
        }
    }

    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        _: &'static NodeDef,
        _: &'static FieldDef,
    ) -> Result<Self, R::Error> {
        match value {
            Some(value) => Ok(Some(Box::new(T::read(reader, value)?))),
            None => Ok(None),
        }
    }
}

/// The items of a list field.
fn read_items<R: Reader + ?Sized>(
    reader: &mut R,
    value: Option<R::Value>,
    node: &'static NodeDef,
    field: &'static FieldDef,
) -> Result<Vec<Option<R::Value>>, R::Error> {
    match value {
        Some(value) => reader.list(value, node, field),
        None => Err(reader.required(node, field)),
    }
}

impl<T: Node> Field for Vec<T> {
    const KIND: FieldKind = FieldKind::Node(T::definition);
    const ARITY: Arity = Arity::Many;

    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
        let items = self.iter().map(|item| item.write(writer)).collect::<Result<_, _>>()?;
        writer.list(items)
    }

    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Self, R::Error> {
        let mut nodes = Vec::new();
        for item in read_items(reader, value, node, field)? {
            match item {
                Some(item) => nodes.push(T::read(reader, item)?),
                None => return Err(reader.none_in_list(node, field)),
            }
        }
        Ok(nodes)
    }
}

impl Field for Vec<Option<Expr>> {
    const KIND: FieldKind = FieldKind::Node(Expr::definition);
    const ARITY: Arity = Arity::ManyOptional;

    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
        let mut items = Vec::with_capacity(self.len());
        for item in self {
            items.push(match item {
                Some(item) => item.write(writer)?,
                None => writer.none()?,
            });
        }
        writer.list(items)
    }

    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Self, R::Error> {
        let mut nodes = Vec::new();
        for item in read_items(reader, value, node, field)? {
            nodes.push(match item {
                Some(item) => Some(Expr::read(reader, item)?),
                None => None,
            });
        }
        Ok(nodes)
    }
}

impl Field for Vec<Name> {
    const KIND: FieldKind = FieldKind::Identifier;
    const ARITY: Arity = Arity::Many;

    fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
        let items = self.iter().map(|item| writer.identifier(item)).collect::<Result<_, _>>()?;
        writer.list(items)
    }

    fn read_field<R: Reader + ?Sized>(
        reader: &mut R,
        value: Option<R::Value>,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Self, R::Error> {
        let mut names = Vec::new();
        for item in read_items(reader, value, node, field)? {
            match item {
                Some(item) => names.push(reader.identifier(item)?),
                None => return Err(reader.none_in_list(node, field)),
            }
        }
        Ok(names)
    }
}
