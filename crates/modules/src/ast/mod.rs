//! `_ast`: the classes of syntax trees, made from the table of the grammar in `habu_compiler::ast`, and the conversion of trees to
//! objects (`write`) and back (`read`) for `compile`.

mod node;
mod read;
mod write;

use habu_compiler::ast::{Arity, Mod, NodeDef, TYPES, TypeDef};
use habu_compiler::parse::Mode;
use habu_macros::pymodule;
use habu_runtime::object::protocol::call;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::threads::Thread;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use crate::fill::set;
use node::{AST_TYPE, Ast};

/// `_attributes` of nodes that have a place in the source.
const ATTRIBUTES: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// The object of a tree.
///
/// Raises RecursionError for a tree that is too deep.
pub(crate) fn to_object(tree: &Mod) -> Result<Ref, Raised> {
    write::to_object(tree, classes()?)
}

/// The tree in an object, whose top is what the mode asks for, and what compiling it is charged while the guards live.
///
/// Raises TypeError or ValueError for objects that make no tree.
pub(crate) fn from_object(object: &Object, mode: Mode) -> Result<(Mod, Vec<habu_heap::Working>), Raised> {
    let wanted = match mode {
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
        _ => "Module",
    };
    let classes = classes()?;
    if !is_instance(object, &classes, wanted)? {
        return Err(raise!(TypeError, "expected {wanted} node, got {}", object.ty().full_name()));
    }
    read::from_object(object, classes)
}

/// Whether an object is a node.
pub(crate) fn is_tree(object: &Object) -> bool {
    object.ty().is_subtype(Ast::type_object())
}

/// Whether an object is an instance of the class of this name.
fn is_instance(object: &Object, classes: &Dict, name: &str) -> Result<bool, Raised> {
    let class = class_named(classes, name)?;
    Ok(class.downcast::<Type>().is_some_and(|class| object.ty().is_subtype(class)))
}

fn class_named(classes: &Dict, name: &str) -> Result<Ref, Raised> {
    classes.get_str(name)?.ok_or_else(|| raise!(SystemError, "no node class {name}"))
}

/// The interpreter's classes by name, made when they are first asked for.
fn classes() -> Result<Ref<Dict>, Raised> {
    let interpreter = Thread::current().interpreter();
    let state = match interpreter.module_state.get() {
        Some(state) => state,
        None => {
            let state = Dict::new()?;
            interpreter.module_state.set(Some(state.clone()));
            state
        }
    };
    if let Some(known) = state.get_str("_ast")?
        && let Ok(known) = known.downcast_into::<Dict>()
    {
        return Ok(known);
    }
    let classes = make_classes()?;
    state.set_str("_ast", &classes)?;
    Ok(classes)
}

/// A tuple of interned strings.
fn names<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Ref<Tuple>, Raised> {
    let mut items = habu_heap::Buffer::new();
    for text in texts {
        items.push(Str::intern(text)?.into_object())?;
    }
    Tuple::from_buffer(items)
}

/// A class with what all of them have.
fn make_class(name: &str, base: &Object, fields: Ref<Tuple>, doc: &str) -> Result<Ref, Raised> {
    let dict = Dict::new()?;
    dict.set_str("_fields", &fields)?;
    dict.set_str("__match_args__", &fields)?;
    dict.set_str("__module__", &*Str::intern("ast")?)?;
    dict.set_str("__doc__", &*Str::new(doc)?)?;
    let bases = Tuple::from_borrowed(&[base])?;
    call(Type::type_object(), &[&*Str::intern(name)?, &*bases, &*dict])
}

/// Sets attributes of a new class: the defaults of optional fields, and the names of places.
fn set_attributes(class: &Object, located: bool) -> Result<(), Raised> {
    let put = |name: &str, value: &Object| {
        habu_runtime::object::protocol::set_attribute(class, &*Str::intern(name)?, Some(value))
    };
    if !located {
        return put("_attributes", &Tuple::empty());
    }
    put("_attributes", &*names(ATTRIBUTES)?)?;
    put("end_lineno", &none())?;
    put("end_col_offset", &none())
}

fn add_constructor(classes: &Dict, node: &NodeDef, base: &Object) -> Result<Ref, Raised> {
    let fields = names(node.fields.iter().map(|field| field.name))?;
    let class = make_class(node.name, base, fields, &node.to_string())?;
    for field in node.fields.iter().filter(|field| field.arity == Arity::Optional) {
        habu_runtime::object::protocol::set_attribute(&class, &*Str::intern(field.name)?, Some(&none()))?;
    }
    classes.set_str(node.name, &class)?;
    Ok(class)
}

fn add_type(classes: &Dict, definition: &TypeDef) -> Result<(), Raised> {
    let root: &Object = Ast::type_object();
    if !definition.is_sum {
        for node in definition.constructors {
            set_attributes(&*add_constructor(classes, node, root)?, definition.located)?;
        }
        return Ok(());
    }
    let base = make_class(definition.name, root, Tuple::empty(), &definition.to_string())?;
    set_attributes(&base, definition.located)?;
    classes.set_str(definition.name, &base)?;
    for node in definition.constructors {
        add_constructor(classes, node, &base)?;
    }
    Ok(())
}

fn make_classes() -> Result<Ref<Dict>, Raised> {
    habu_runtime::types::type_::ready::ready_static(AST_TYPE)?;
    if let Some(dict) = AST_TYPE.ty.tp_dict.get() {
        for name in ["_fields", "__match_args__", "_attributes"] {
            dict.set(&*Str::intern(name)?, &Tuple::empty())?;
        }
        dict.set(&*Str::intern("__module__")?, &*Str::intern("ast")?)?;
    }
    let classes = Dict::new()?;
    classes.set_str("AST", Ast::type_object())?;
    for definition in TYPES {
        add_type(&classes, definition)?;
    }
    Ok(classes)
}

/// The module.
pub struct AstModule;

#[pymodule(name = "_ast")]
impl AstModule {
    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        set(module, "PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000)?;
        set(module, "PyCF_ONLY_AST", 0x400)?;
        set(module, "PyCF_TYPE_COMMENTS", 0x1000)?;
        let classes = classes()?;
        let mut at = 0;
        while let Some((name, class)) = classes.next_item(&mut at) {
            // Singletons stand there too, under names that are no identifiers.
            if class.isinstance::<Type>()
                && let Some(name) = name.downcast::<Str>()
                && let Some(dict) = module.dict.get()
            {
                dict.set(name, &class)?;
            }
        }
        Ok(())
    }
}
