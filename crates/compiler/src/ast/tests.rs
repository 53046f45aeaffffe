//! The schema against the grammar as documented, and the conversions against each other.

use super::convert::{Node, Reader, Writer};
use super::schema::{Arity, FieldDef, NodeDef, TypeDef};
use super::{Constant, Location, Mod, Name, TYPES, Text};
use crate::parse::{Flags, Mode, parse};

#[test]
fn docstrings_read_like_the_grammar() {
    let text = |name: &str| TYPES.iter().find(|definition| definition.name == name).map(|found| found.to_string());
    assert_eq!(text("boolop").as_deref(), Some("boolop = And | Or"));
    assert_eq!(text("alias").as_deref(), Some("alias(identifier name, identifier? asname)"));
    assert_eq!(
        text("mod").as_deref(),
        Some(
            "mod = Module(stmt* body, type_ignore* type_ignores)\n    | Interactive(stmt* body)\n    | \
             Expression(expr body)\n    | FunctionType(expr* argtypes, expr returns)"
        )
    );
    let count: usize = TYPES.iter().map(|definition| definition.constructors.len()).sum();
    assert_eq!(count, 4 + 27 + 27 + 3 + 2 + 13 + 4 + 10 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 8 + 1);
}

/// A tree as untyped data: what a Python object would be.
#[derive(Clone)]
enum Value {
    None,
    Node(&'static NodeDef, Vec<Value>, Option<Location>),
    List(Vec<Value>),
    Name(Name),
    Text(Text),
    Int(i32),
    Constant(Constant),
}

/// Copies trees to data and back.
struct Copier;

impl Writer for Copier {
    type Value = Value;
    type Error = String;

    fn enter(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn leave(&mut self) {}

    fn node(
        &mut self,
        node: &'static NodeDef,
        fields: Vec<Value>,
        location: Option<Location>,
    ) -> Result<Value, String> {
        assert_eq!(node.fields.len(), fields.len());
        Ok(Value::Node(node, fields, location))
    }

    fn list(&mut self, items: Vec<Value>) -> Result<Value, String> {
        Ok(Value::List(items))
    }

    fn none(&mut self) -> Result<Value, String> {
        Ok(Value::None)
    }

    fn identifier(&mut self, name: &Name) -> Result<Value, String> {
        Ok(Value::Name(name.clone()))
    }

    fn string(&mut self, text: &Text) -> Result<Value, String> {
        Ok(Value::Text(text.clone()))
    }

    fn int(&mut self, value: i32) -> Result<Value, String> {
        Ok(Value::Int(value))
    }

    fn constant(&mut self, value: &Constant) -> Result<Value, String> {
        Ok(Value::Constant(value.clone()))
    }
}

impl Reader for Copier {
    type Value = Value;
    type Error = String;

    fn enter(&mut self, _: &'static NodeDef) -> Result<(), String> {
        Ok(())
    }

    fn leave(&mut self) {}

    fn constructor(&mut self, definition: &'static TypeDef, value: &Value) -> Result<usize, String> {
        let Value::Node(node, ..) = value else { return Err(format!("expected some sort of {}", definition.name)) };
        let found = definition.constructors.iter().position(|constructor| std::ptr::eq(constructor, *node));
        found.ok_or_else(|| format!("expected some sort of {}, but got {}", definition.name, node.name))
    }

    fn field(
        &mut self,
        value: &Value,
        node: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Option<Value>, String> {
        let Value::Node(_, fields, _) = value else { return Err("no node".into()) };
        let index = node.fields.iter().position(|candidate| candidate.name == field.name).ok_or("no field")?;
        Ok(match &fields[index] {
            Value::None => None,
            value => Some(value.clone()),
        })
    }

    fn required(&mut self, node: &'static NodeDef, field: &'static FieldDef) -> String {
        format!("field '{}' is required for {}", field.name, node.name)
    }

    fn list(
        &mut self,
        value: Value,
        _: &'static NodeDef,
        field: &'static FieldDef,
    ) -> Result<Vec<Option<Value>>, String> {
        assert!(matches!(field.arity, Arity::Many | Arity::ManyOptional));
        let Value::List(items) = value else { return Err("no list".into()) };
        let item = |item| match item {
            Value::None => None,
            item => Some(item),
        };
        Ok(items.into_iter().map(item).collect())
    }

    fn none_in_list(&mut self, _: &'static NodeDef, _: &'static FieldDef) -> String {
        "None disallowed in list".into()
    }

    fn location(&mut self, value: &Value, definition: &'static TypeDef) -> Result<Location, String> {
        match value {
            Value::Node(_, _, Some(location)) => Ok(*location),
            _ => Err(format!("required field \"lineno\" missing from {}", definition.name)),
        }
    }

    fn identifier(&mut self, value: Value) -> Result<Name, String> {
        match value {
            Value::Name(name) => Ok(name),
            _ => Err("AST identifier must be of type str".into()),
        }
    }

    fn string(&mut self, value: Value) -> Result<Text, String> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err("AST string must be of type str".into()),
        }
    }

    fn int(&mut self, value: Value) -> Result<i32, String> {
        match value {
            Value::Int(value) => Ok(value),
            _ => Err("invalid integer value".into()),
        }
    }

    fn constant(&mut self, value: Option<Value>) -> Result<Constant, String> {
        match value {
            Some(Value::Constant(value)) => Ok(value),
            Some(_) => Err("no constant".into()),
            None => Ok(Constant::None),
        }
    }
}

/// Every statement, expression and pattern at least once.
const SOURCE: &str = "\
@d
async def f(a, /, b: int = 1, *c, d, e=2, **g) -> x:
    async for i in await j: pass
    async with a as b, c: yield
    return (yield from k)
class A(B, m=C):
    x: int = 1
    global g
    nonlocal n
for a, *b in c: break
else: continue
while a: del b, c[1:2:3]
with (a as b, c): pass
try:
    raise a from b
except A as e: pass
else: pass
finally: assert a, b
try: pass
except* (A, B): pass
import a.b as c, d
from .. import e as f
from g import *
match a:
    case [1, *_, -2j] | {'k': v, **rest} | A.B(c, d=e) as f if g: pass
    case None | (True as t): pass
    case _: pass
a = b = u'x' f'{y!r:>{w}} {z=}' '\\ud800'
a += not b or c and d if e is not f < g else lambda *, h=1, i: (j := k)
{**a, b: {c, *d}, **{}}
[x for y in z if w async for v in u], {x for y in z}, {x: y for z in w}, (x for y in z)
f(*a, b=c, **d).e[..., 1:] ** 10 ** 30 // 1.5 @ 2j
print(1_000_000_000_000_000_000_000, b'\\xff', None, ...)
";

#[test]
fn conversion_there_and_back_changes_nothing() {
    for (mode, source) in [
        (Mode::Exec, SOURCE),
        (Mode::Eval, "a + 1"),
        (Mode::Single, "a = 1; b"),
        (Mode::FuncType, "(int, *str) -> None"),
    ] {
        let flags = Flags { type_comments: true, ..Flags::default() };
        let parsed = parse(source, mode, flags).unwrap_or_else(|error| panic!("{error:?}"));
        let Ok(value) = parsed.tree.write(&mut Copier) else { panic!("it can be written") };
        let read = Mod::read(&mut Copier, value).expect("it can be read");
        assert_eq!(read, parsed.tree);
    }
}

#[test]
fn reading_checks_what_it_gets() {
    let expression = TYPES[0].constructors.iter().find(|node| node.name == "Expression").expect("it is there");
    let empty = Value::Node(expression, vec![Value::None], None);
    assert_eq!(Mod::read(&mut Copier, empty).expect_err("no body"), "field 'body' is required for Expression");
    let load = &TYPES[3].constructors[0];
    let wrong = Value::Node(expression, vec![Value::Node(load, vec![], Some(Location::default()))], None);
    assert_eq!(Mod::read(&mut Copier, wrong).expect_err("no expr"), "expected some sort of expr, but got Load");
}
