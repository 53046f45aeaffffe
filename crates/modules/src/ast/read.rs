//! Objects as trees, with the checks that CPython makes of trees that programs build.

use habu_compiler::ast::{
    Arity, Constant, FieldDef, FieldKind, Location, Mod, Name, Node, NodeDef, Reader, TYPES, Text, TypeDef,
};
use habu_heap::Working;
use habu_runtime::exceptions::memory_error;
use habu_runtime::object::protocol::{lookup_attribute, repr};
use habu_runtime::object::{Object, Raised, Ref};
use habu_runtime::raise;
use habu_runtime::threads::thread::NativeCall;
use habu_runtime::types::bytes::Bytes;
use habu_runtime::types::code::constant_of;
use habu_runtime::types::complex::Complex;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::ellipsis;
use habu_runtime::types::float::Float;
use habu_runtime::types::int::{Bool, Int};
use habu_runtime::types::list::List;
use habu_runtime::types::set::FrozenSet;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::is_instance;

/// What the tree, its symbols and its code take for a node, roughly.
const FOR_A_NODE: usize = 400;

struct Read {
    classes: Ref<Dict>,
    levels: Vec<NativeCall>,
    /// What is charged to the heap for the tree, which lives in memory of Rust's own.
    charged: Vec<Working>,
    /// How much of the last charge is not used up.
    room: usize,
}

impl Read {
    /// Charges some more bytes, in pieces that grow with the tree.
    fn charge(&mut self, bytes: usize) -> Result<(), Raised> {
        if bytes > self.room {
            let piece = bytes.max(1 << (14 + self.charged.len().min(12)));
            self.charged.push(Working::reserve(piece).map_err(|_| memory_error())?);
            self.room = piece;
        }
        self.room -= bytes;
        Ok(())
    }
}

/// The tree of an object, and what compiling it is charged.
pub(super) fn from_object(object: &Object, classes: Ref<Dict>) -> Result<(Mod, Vec<Working>), Raised> {
    let mut read = Read { classes, levels: Vec::new(), charged: Vec::new(), room: 0 };
    let tree = Mod::read(&mut read, object.to_ref())?;
    Ok((tree, read.charged))
}

/// Lists of equal lengths: the node's class, the two fields, and the message where they differ.
const PAIRS: [(&str, &str, &str, &str); 3] = [
    ("Dict", "keys", "values", "Dict doesn't have the same number of keys as values"),
    ("MatchMapping", "keys", "patterns", "MatchMapping doesn't have the same number of keys as patterns"),
    (
        "MatchClass",
        "kwd_attrs",
        "kwd_patterns",
        "MatchClass doesn't have the same number of keyword attributes as patterns",
    ),
];

/// The length of an attribute that is a list.
fn list_length(value: &Object, name: &str) -> Result<Option<usize>, Raised> {
    let list = lookup_attribute(value, &*Str::intern(name)?)?;
    Ok(list.and_then(|list| list.downcast::<List>().map(List::len)))
}

/// Checks that lists have lengths that fit together.
fn check_lengths(value: &Object, node: &NodeDef, field: &FieldDef) -> Result<(), Raised> {
    for (class, first, second, message) in PAIRS {
        if class == node.name
            && second == field.name
            && let (Some(left), Some(right)) = (list_length(value, first)?, list_length(value, second)?)
            && left != right
        {
            return Err(raise!(ValueError, "{message}"));
        }
    }
    Ok(())
}

/// Checks that a list has as many items as its node needs.
fn check_count(count: usize, node: &NodeDef, field: &FieldDef) -> Result<(), Raised> {
    let (node, field) = (node.name, field.name);
    match (node, field) {
        ("BoolOp", "values") if count < 2 => Err(raise!(ValueError, "BoolOp with less than 2 values")),
        ("Compare", "comparators") if count == 0 => Err(raise!(ValueError, "Compare with no comparators")),
        ("MatchOr", "patterns") if count < 2 => Err(raise!(ValueError, "MatchOr requires at least 2 patterns")),
        (_, "generators") if count == 0 => Err(raise!(ValueError, "comprehension with no generators")),
        ("Module" | "Interactive" | "Expression", _) => Ok(()),
        (_, "body" | "targets" | "cases") | ("With" | "AsyncWith", "items") | (_, "names") if count == 0 => {
            Err(raise!(ValueError, "empty {field} on {node}"))
        }
        _ => Ok(()),
    }
}

/// An integer of a tree.
fn integer(value: &Object) -> Result<i32, Raised> {
    let Some(number) = value.downcast::<Int>() else {
        return Err(raise!(ValueError, "invalid integer value: {}", repr(value)?));
    };
    match number.to_i64().map(i32::try_from) {
        Some(Ok(number)) => Ok(number),
        _ => Err(raise!(OverflowError, "Python int too large to convert to C int")),
    }
}

/// How many bytes the constant in an object takes twice, as it is copied once more; roughly.
fn size_of_constant(value: &Object) -> usize {
    let bytes = match (value.downcast::<Str>(), value.downcast::<Bytes>(), value.downcast::<Int>()) {
        (Some(text), _, _) => text.len() * 4,
        (_, Some(bytes), _) => bytes.len(),
        (_, _, Some(number)) => number.digits().len() * 4,
        _ => 0,
    };
    bytes.saturating_mul(2).saturating_add(64)
}

/// The constant in an object: only the types that code objects hold.
fn constant(read: &mut Read, value: &Object) -> Result<Constant, Raised> {
    let _depth = NativeCall::enter(" during compilation")?;
    read.charge(size_of_constant(value))?;
    if let Some(items) = value.downcast_exact::<Tuple>() {
        read.charge(items.len().saturating_mul(size_of::<Constant>()))?;
        let items = items.as_slice().iter().map(|item| constant(read, item));
        return Ok(Constant::Tuple(items.collect::<Result<_, _>>()?));
    }
    if let Some(set) = value.downcast_exact::<FrozenSet>() {
        read.charge(set.core.len().saturating_mul(size_of::<Constant>()))?;
        let (mut at, mut items) = (0, Vec::new());
        while let Some((item, _)) = set.core.next(&mut at) {
            items.push(constant(read, &item)?);
        }
        return Ok(Constant::FrozenSet(items.into()));
    }
    let plain = is_none(value)
        || value.is(&ellipsis())
        || value.is_exact::<Bool>()
        || value.is_exact::<Int>()
        || value.is_exact::<Float>()
        || value.is_exact::<Complex>()
        || value.is_exact::<Str>()
        || value.is_exact::<Bytes>();
    match plain {
        true => constant_of(value),
        false => Err(raise!(TypeError, "got an invalid type in Constant: {}", value.ty().full_name())),
    }
}

/// The type of the grammar that a constructor belongs to.
fn type_name(node: &'static NodeDef) -> &'static str {
    let owner = TYPES.iter().find(|ty| ty.constructors.iter().any(|other| std::ptr::eq(other, node)));
    owner.map_or(node.name, |owner| owner.name)
}

/// Checks the order of a place's numbers.
fn check_place(line: i32, column: i32, end_line: i32, end_column: i32) -> Result<(), Raised> {
    if line > end_line {
        return Err(raise!(ValueError, "AST node line range ({line}, {end_line}) is not valid"));
    }
    if (line < 0 && end_line != line) || (column < 0 && column != end_column) {
        return Err(raise!(
            ValueError,
            "AST node column range ({column}, {end_column}) for line range ({line}, {end_line}) is not valid"
        ));
    }
    if line == end_line && column > end_column {
        return Err(raise!(ValueError, "line {line}, column {column}-{end_column} is not a valid range"));
    }
    Ok(())
}

impl Reader for Read {
    type Value = Ref;
    type Error = Raised;

    fn enter(&mut self, node: &'static NodeDef) -> Result<(), Raised> {
        self.charge(FOR_A_NODE)?;
        self.levels.push(NativeCall::enter(&format!(" while traversing '{}' node", type_name(node)))?);
        Ok(())
    }

    fn leave(&mut self) {
        self.levels.pop();
    }

    fn constructor(&mut self, definition: &'static TypeDef, value: &Ref) -> Result<usize, Raised> {
        for (index, node) in definition.constructors.iter().enumerate() {
            if is_instance(value, &self.classes, node.name)? {
                return Ok(index);
            }
        }
        Err(raise!(TypeError, "expected some sort of {}, but got {}", definition.name, repr(value)?))
    }

    fn field(&mut self, value: &Ref, node: &'static NodeDef, field: &'static FieldDef) -> Result<Option<Ref>, Raised> {
        let found = lookup_attribute(value, &*Str::intern(field.name)?)?;
        if found.is_none() && field.arity != Arity::Optional {
            return Err(raise!(TypeError, "required field \"{}\" missing from {}", field.name, node.name));
        }
        check_lengths(value, node, field)?;
        Ok(found.filter(|found| !is_none(found)))
    }

    fn required(&mut self, node: &'static NodeDef, field: &'static FieldDef) -> Raised {
        match (field.arity, field.kind) {
            (Arity::Many | Arity::ManyOptional, _) => {
                raise!(TypeError, "{} field \"{}\" must be a list, not a NoneType", node.name, field.name)
            }
            (_, FieldKind::Int) => raise!(ValueError, "invalid integer value: None"),
            _ => raise!(ValueError, "field '{}' is required for {}", field.name, node.name),
        }
    }

    fn list(
        &mut self,
        value: Ref,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Vec<Option<Ref>>, Raised> {
        let Some(list) = value.downcast::<List>() else {
            let kind = value.ty().full_name();
            return Err(raise!(TypeError, "{} field \"{}\" must be a list, not a {kind}", node.name, field.name));
        };
        let mut items = Vec::new();
        while let Some(item) = list.get(items.len()) {
            items.push(Some(item).filter(|item| !is_none(item)));
        }
        check_count(items.len(), node, field)?;
        Ok(items)
    }

    fn none_in_list(&mut self, _: &'static NodeDef, field: &'static FieldDef) -> Raised {
        let what = match field.kind.name() {
            "stmt" => "statement",
            "expr" => "expression",
            other => other,
        };
        raise!(ValueError, "None disallowed in {what} list")
    }

    fn location(&mut self, value: &Ref, definition: &'static TypeDef) -> Result<Location, Raised> {
        let required = |name: &str| match lookup_attribute(value, &*Str::intern(name)?)? {
            Some(found) => integer(&found),
            None => Err(raise!(TypeError, "required field \"{name}\" missing from {}", definition.name)),
        };
        let optional = |name: &str, default: i32| match lookup_attribute(value, &*Str::intern(name)?)? {
            Some(found) if !is_none(&found) => integer(&found),
            _ => Ok(default),
        };
        let (line, column) = (required("lineno")?, required("col_offset")?);
        let (end_line, end_column) = (optional("end_lineno", line)?, optional("end_col_offset", column)?);
        check_place(line, column, end_line, end_column)?;
        let clipped = |number: i32| u32::try_from(number).unwrap_or(0);
        Ok(Location {
            line: clipped(line),
            column: clipped(column),
            end_line: clipped(end_line),
            end_column: clipped(end_column),
        })
    }

    fn identifier(&mut self, value: Ref) -> Result<Name, Raised> {
        self.charge(FOR_A_NODE)?;
        match value.downcast_exact::<Str>() {
            Some(text) => Ok(Name::from(text.to_string_lossy())),
            None => Err(raise!(TypeError, "AST identifier must be of type str")),
        }
    }

    fn string(&mut self, value: Ref) -> Result<Text, Raised> {
        if value.is_exact::<Str>()
            && let Constant::Str(text) = constant_of(&value)?
        {
            return Ok(text);
        }
        Err(raise!(TypeError, "AST string must be of type str"))
    }

    fn int(&mut self, value: Ref) -> Result<i32, Raised> {
        integer(&value)
    }

    fn constant(&mut self, value: Option<Ref>) -> Result<Constant, Raised> {
        match value {
            Some(value) => constant(self, &value),
            None => Ok(Constant::None),
        }
    }
}
