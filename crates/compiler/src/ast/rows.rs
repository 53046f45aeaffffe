//! The three forms of row in the table of the abstract grammar (`nodes`).
//!
//! Each row gives the Rust type, its `TypeDef` in the schema and its conversions.

/// The schema's row of a field list.
macro_rules! node_def {
    ($name:expr; $($field:ident: $type:ty),*) => {
        NodeDef {
            name: $name,
            fields: &[$(FieldDef {
                name: field_name(stringify!($field)),
                kind: <$type as Field>::KIND,
                arity: <$type as Field>::ARITY,
            }),*],
        }
    };
}

/// A node type in a field of its own (not boxed).
macro_rules! plain_field {
    ($rust:ident) => {
        impl Field for $rust {
            const KIND: FieldKind = FieldKind::Node(<$rust as Node>::definition);
            const ARITY: Arity = Arity::One;

            fn write_field<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
                self.write(writer)
            }

            fn read_field<R: Reader + ?Sized>(
                reader: &mut R,
                value: Option<R::Value>,
                node: &'static NodeDef,
                field: &'static FieldDef,
            ) -> Result<Self, R::Error> {
                match value {
                    Some(value) => Self::read(reader, value),
                    None => Err(reader.required(node, field)),
                }
            }
        }
    };
}

macro_rules! enumeration {
    ($(#[$doc:meta])* $rust:ident $name:literal $definition:ident {
        $($(#[$variant_doc:meta])* $variant:ident),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $rust { $($(#[$variant_doc])* $variant),* }

        static $definition: TypeDef = TypeDef {
            name: $name,
            is_sum: true,
            located: false,
            constructors: &[$(NodeDef { name: stringify!($variant), fields: &[] }),*],
        };

        impl Node for $rust {
            fn definition() -> &'static TypeDef {
                &$definition
            }

            fn write<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
                writer.node(&$definition.constructors[*self as usize], Vec::new(), None)
            }

            fn read<R: Reader + ?Sized>(
                reader: &mut R,
                value: R::Value,
            ) -> Result<Self, R::Error> {
                const ALL: &[$rust] = &[$($rust::$variant),*];
                // A reader that answers with a number outside the table gets the first constructor.
                let index = reader.constructor(&$definition, &value)?;
                Ok(ALL.get(index).copied().unwrap_or(ALL[0]))
            }
        }

        plain_field!($rust);
    };
}

/// Read the fields of one constructor in order.
macro_rules! read_constructor {
    ($reader:ident $value:ident $node:ident $fields:ident
     $rust:ident :: $variant:ident $({ $($field:ident: $type:ty),* })?) => {{
        let _ = (&$value, &mut $fields);
        $rust::$variant $({
            $($field: {
                let field = $fields.next().unwrap_or(&NO_FIELD);
                read_field::<$type, R>($reader, $value, $node, field)?
            }),*
        })?
    }};
}

/// The enum of a sum type's constructors, with the conversion of their fields.
macro_rules! constructors {
    ($(#[$doc:meta])* $rust:ident $name:literal $located:literal $definition:ident {
        $($(#[$variant_doc:meta])* $variant:ident $({
            $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)?
        })?),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $rust {
            $($(#[$variant_doc])* $variant $({ $($(#[$field_doc])* $field: $type),* })?),*
        }

        static $definition: TypeDef = TypeDef {
            name: $name,
            is_sum: true,
            located: $located,
            constructors: &[$(node_def!(stringify!($variant); $($($field: $type),*)?)),*],
        };

        impl $rust {
            /// The row of this constructor in the grammar.
            pub fn definition(&self) -> &'static NodeDef {
                let mut index = 0;
                $(
                    if matches!(self, $rust::$variant { .. }) {
                        return &$definition.constructors[index];
                    }
                    index += 1;
                )*
                let _ = index;
                &$definition.constructors[0]
            }

            fn write_fields<W: Writer + ?Sized>(
                &self,
                writer: &mut W,
            ) -> Result<Vec<W::Value>, W::Error> {
                match self {
                    $($rust::$variant $({ $($field),* })? => Ok(vec![$($($field.write_field(writer)?),*)?])),*
                }
            }

            fn read_fields<R: Reader + ?Sized>(
                reader: &mut R,
                value: &R::Value,
            ) -> Result<Self, R::Error> {
                let chosen = reader.constructor(&$definition, value)?;
                let mut index = 0;
                $(
                    if chosen == index {
                        let node = &$definition.constructors[index];
                        reader.enter(node)?;
                        let mut fields = node.fields.iter();
                        let read = read_constructor!(
                            reader value node fields $rust::$variant $({ $($field: $type),* })?);
                        reader.leave();
                        return Ok(read);
                    }
                    index += 1;
                )*
                let _ = index;
                // Only a faulty reader comes here.
                let node = &$definition.constructors[0];
                Err(reader.required(node, &NO_FIELD))
            }
        }
    };
}

macro_rules! sum {
    (located $(#[$doc:meta])* $rust:ident $kind:ident $name:literal $definition:ident $body:tt) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $rust {
            /// The constructor and its fields.
            pub kind: $kind,
            /// Where it stands.
            pub location: Location,
        }

        constructors! {
            /// The constructors of the type of the same name.
            $kind $name true $definition $body
        }

        impl $rust {
            /// Make a node.
            pub fn new(kind: $kind, location: Location) -> $rust {
                $rust { kind, location }
            }
        }

        impl Node for $rust {
            fn definition() -> &'static TypeDef {
                &$definition
            }

            fn write<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
                writer.enter()?;
                let fields = self.kind.write_fields(writer)?;
                writer.leave();
                writer.node(self.kind.definition(), fields, Some(self.location))
            }

            fn read<R: Reader + ?Sized>(
                reader: &mut R,
                value: R::Value,
            ) -> Result<Self, R::Error> {
                let location = reader.location(&value, &$definition)?;
                Ok($rust { kind: $kind::read_fields(reader, &value)?, location })
            }
        }

        plain_field!($rust);
    };
    (plain $(#[$doc:meta])* $kind:ident $name:literal $definition:ident $body:tt) => {
        constructors! { $(#[$doc])* $kind $name false $definition $body }

        impl Node for $kind {
            fn definition() -> &'static TypeDef {
                &$definition
            }

            fn write<W: Writer + ?Sized>(&self, writer: &mut W) -> Result<W::Value, W::Error> {
                writer.enter()?;
                let fields = self.write_fields(writer)?;
                writer.leave();
                writer.node(self.definition(), fields, None)
            }

            fn read<R: Reader + ?Sized>(
                reader: &mut R,
                value: R::Value,
            ) -> Result<Self, R::Error> {
                $kind::read_fields(reader, &value)
            }
        }

        plain_field!($kind);
    };
}

macro_rules! product {
    ($(#[$doc:meta])* located $rust:ident $name:literal $definition:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $rust {
            $($(#[$field_doc])* pub $field: $type,)*
            /// Where it stands.
            pub location: Location,
        }

        product! { @node $rust $name $definition true { $($field: $type),* } self reader value
            (Some(self.location))
            (location: reader.location(&value, &$definition)?,) }
    };
    ($(#[$doc:meta])* plain $rust:ident $name:literal $definition:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $rust {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        product! { @node $rust $name $definition false { $($field: $type),* } self reader value (None) () }
    };
    (@node $rust:ident $name:literal $definition:ident $located:literal
     { $($field:ident: $type:ty),* } $this:ident $reader:ident $value:ident
     ($location:expr) ($($read_location:tt)*)) => {
        static $definition: TypeDef = TypeDef {
            name: $name,
            is_sum: false,
            located: $located,
            constructors: &[node_def!($name; $($field: $type),*)],
        };

        impl Node for $rust {
            fn definition() -> &'static TypeDef {
                &$definition
            }

            fn write<W: Writer + ?Sized>(&$this, writer: &mut W) -> Result<W::Value, W::Error> {
                writer.enter()?;
                let fields = vec![$($this.$field.write_field(writer)?),*];
                writer.leave();
                writer.node(&$definition.constructors[0], fields, $location)
            }

            fn read<R: Reader + ?Sized>(
                $reader: &mut R,
                $value: R::Value,
            ) -> Result<Self, R::Error> {
                $reader.constructor(&$definition, &$value)?;
                let node = &$definition.constructors[0];
                $reader.enter(node)?;
                let mut fields = node.fields.iter();
                let read = $rust {
                    $($field: {
                        let field = fields.next().unwrap_or(&NO_FIELD);
                        read_field::<$type, R>($reader, &$value, node, field)?
                    },)*
                    $($read_location)*
                };
                $reader.leave();
                Ok(read)
            }
        }

        plain_field!($rust);
    };
}
