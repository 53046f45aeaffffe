//! Trees as objects.

use habu_compiler::ast::{Constant, Location, Mod, Name, Node, NodeDef, Text, Writer};
use habu_runtime::object::{IntoObject, Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::threads::thread::native_stack_is_short;
use habu_runtime::types::code::constant_object;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;

use super::node::Ast;
use super::{ATTRIBUTES, class_named};

struct Build {
    classes: Ref<Dict>,
    depth: i64,
    limit: i64,
}

/// How deep a tree may be: as in CPython, three times the recursion limit; but native stack bounds it too.
fn depth_limit() -> i64 {
    (Thread::current().recursion_limit.get() as i64).saturating_mul(3).min(3000)
}

/// The object of a tree.
pub(super) fn to_object(tree: &Mod, classes: Ref<Dict>) -> Result<Ref, Raised> {
    tree.write(&mut Build { classes, depth: 0, limit: depth_limit() })
}

impl Build {
    fn instance(&self, class: &Object, dict: Option<Ref<Dict>>) -> Result<Ref, Raised> {
        match class.downcast::<Type>() {
            Some(class) => Ok(Ast::with_attributes(class, dict)?.into_object()),
            None => Err(raise!(SystemError, "a node's class is no class")),
        }
    }

    /// The one instance of a node that has no fields and no place (`Load`, `Add`).
    fn singleton(&self, node: &'static NodeDef, class: &Object) -> Result<Ref, Raised> {
        let mut key = String::with_capacity(node.name.len() + 1);
        key.push('*');
        key.push_str(node.name);
        if let Some(known) = self.classes.get_str(&key)? {
            return Ok(known);
        }
        let made = self.instance(class, None)?;
        self.classes.set_str(&key, &made)?;
        Ok(made)
    }
}

impl Writer for Build {
    type Value = Ref;
    type Error = Raised;

    fn enter(&mut self) -> Result<(), Raised> {
        self.depth += 1;
        let too_deep = self.depth > self.limit || native_stack_is_short();
        match too_deep {
            true => Err(raise!(RecursionError, "maximum recursion depth exceeded during ast construction")),
            false => Ok(()),
        }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn node(&mut self, node: &'static NodeDef, fields: Vec<Ref>, location: Option<Location>) -> Result<Ref, Raised> {
        let class = class_named(&self.classes, node.name)?;
        if node.fields.is_empty() && location.is_none() {
            return self.singleton(node, &class);
        }
        let dict = Dict::new()?;
        for (field, value) in node.fields.iter().zip(&fields) {
            dict.set(&*Str::intern(field.name)?, value)?;
        }
        if let Some(place) = location {
            let values = [place.line, place.column, place.end_line, place.end_column];
            for (name, value) in ATTRIBUTES.into_iter().zip(values) {
                dict.set(&*Str::intern(name)?, &*value.into_object()?)?;
            }
        }
        self.instance(&class, Some(dict))
    }

    fn list(&mut self, items: Vec<Ref>) -> Result<Ref, Raised> {
        Ok(List::from_slice(&items)?.into_object())
    }

    fn none(&mut self) -> Result<Ref, Raised> {
        Ok(none())
    }

    fn identifier(&mut self, name: &Name) -> Result<Ref, Raised> {
        Ok(Str::intern(name.as_str())?.into_object())
    }

    fn string(&mut self, text: &Text) -> Result<Ref, Raised> {
        constant_object(&Constant::Str(text.clone()))
    }

    fn int(&mut self, value: i32) -> Result<Ref, Raised> {
        value.into_object()
    }

    fn constant(&mut self, value: &Constant) -> Result<Ref, Raised> {
        constant_object(value)
    }
}
