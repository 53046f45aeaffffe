//! `__build_class__`, which a class statement calls, and `__import__`.

use habu_macros::pymodule;
use habu_runtime::object::{Object, PyType, Raised, Ref, Type, protocol};
use habu_runtime::types::dict::Dict;
use habu_runtime::types::function::Function;
use habu_runtime::types::list::List;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;
use habu_runtime::{id, raise};

use super::Builtins;

/// Bases with `__mro_entries__` replaced by what that gives; the same tuple when none has it.
fn resolve_bases(bases: &[&Object], all: &Tuple) -> Result<Option<Ref<Tuple>>, Raised> {
    let mut resolved: Option<Ref<List>> = None;
    for (index, base) in bases.iter().enumerate() {
        let entries = match base.isinstance::<Type>() {
            true => None,
            false => protocol::lookup_attribute(base, id!(__mro_entries__))?,
        };
        let Some(entries) = entries else {
            if let Some(resolved) = &resolved {
                resolved.push(base.to_ref())?;
            }
            continue;
        };
        let replacement = protocol::call1(&entries, all)?;
        let Some(replacement) = replacement.downcast::<Tuple>() else {
            return Err(raise!(TypeError, "__mro_entries__ must return a tuple"));
        };
        let list = match resolved.take() {
            Some(list) => list,
            None => List::from_slice(&all.as_slice()[..index])?,
        };
        for entry in replacement.as_slice() {
            list.push(entry.clone())?;
        }
        resolved = Some(list);
    }
    resolved.map(|list| protocol::sequence::to_tuple(&list)).transpose()
}

#[pymodule(table = CLASS)]
impl Builtins {
    /// __build_class__(func, name, /, *bases, [metaclass], **kwds) -> class
    ///
    /// Internal helper function used by the class statement.
    #[raw]
    fn __build_class__(args: &[&Object], names: Option<&Tuple>) -> Result<Ref, Raised> {
        let count = args.len() - names.map_or(0, Tuple::len);
        if count < 2 {
            return Err(raise!(TypeError, "__build_class__: not enough arguments"));
        }
        let Some(function) = args[0].downcast_exact::<Function>() else {
            return Err(raise!(TypeError, "__build_class__: func must be a function"));
        };
        let Some(name) = args[1].downcast::<Str>() else {
            return Err(raise!(TypeError, "__build_class__: name is not a string"));
        };
        let original = Tuple::from_borrowed(&args[2..count])?;
        let (bases, original) = match resolve_bases(&args[2..count], &original)? {
            Some(resolved) => (resolved, Some(original)),
            None => (original, None),
        };
        let mut metaclass: Option<Ref> = None;
        let mut keywords: Option<Ref<Dict>> = None;
        for (key, value) in names.iter().flat_map(|names| names.as_slice()).zip(&args[count..]) {
            if key.downcast::<Str>().is_some_and(|key| key.equals("metaclass")) {
                metaclass = Some(value.to_ref());
                continue;
            }
            let dict = match keywords.take() {
                Some(dict) => dict,
                None => Dict::new()?,
            };
            dict.set(key, value)?;
            keywords = Some(dict);
        }
        let mut metaclass = match metaclass {
            Some(metaclass) => metaclass,
            None => match bases.as_slice().first() {
                Some(base) => base.type_ref().into_object(),
                None => Type::type_object().to_ref(),
            },
        };
        if let Some(ty) = metaclass.downcast::<Type>() {
            let winner = habu_runtime::types::type_::create::metatype_of(ty, &bases)?.into_object();
            metaclass = winner;
        }
        let namespace = match protocol::lookup_attribute(&metaclass, id!(__prepare__))? {
            None => Dict::new()?.into_object(),
            Some(prepare) => protocol::call::call_with_dict(&prepare, &[name, &bases], keywords.as_deref())?,
        };
        if !protocol::mapping::is_mapping(&namespace) {
            let shown = metaclass.downcast::<Type>().map_or("<metaclass>".to_owned(), |ty| ty.name().to_owned());
            return Err(raise!(
                TypeError,
                "{shown}.__prepare__() must return a mapping, not {}",
                namespace.ty().full_name()
            ));
        }
        let cell = habu_runtime::eval::run_class_body(function, &namespace)?;
        if let Some(original) = original {
            protocol::sequence::set_item(&namespace, id!(__orig_bases__), &original)?;
        }
        let class = protocol::call::call_with_dict(&metaclass, &[name, &bases, &namespace], keywords.as_deref())?;
        if class.isinstance::<Type>()
            && let Some(cell) = cell.downcast::<habu_runtime::types::cell::Cell>()
        {
            match cell.contents.get() {
                None => {
                    return Err(raise!(
                        RuntimeError,
                        "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?",
                        protocol::repr(name)?,
                        protocol::repr(&class)?
                    ));
                }
                Some(known) if !known.is(&class) => {
                    return Err(raise!(
                        TypeError,
                        "__class__ set to {} defining {} as {}",
                        protocol::repr(&known)?,
                        protocol::repr(name)?,
                        protocol::repr(&class)?
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(class)
    }

    /// Import a module.
    ///
    /// Because this function is meant for use by the Python
    /// interpreter and not for general use, it is better to use
    /// importlib.import_module() to programmatically import a module.
    ///
    /// The globals argument is only used to determine the context;
    /// they are not modified.  The locals argument is unused.  The fromlist
    /// should be a list of names to emulate ``from name import ...``, or an
    /// empty list to emulate ``import name``.
    /// When importing a module from a package, note that __import__('A.B', ...)
    /// returns package A when fromlist is empty, but its submodule B when
    /// fromlist is not empty.  The level argument is used to determine whether to
    /// perform absolute or relative imports: 0 is absolute, while a positive number
    /// is the number of parent directories to search relative to the current module.
    #[signature(name, globals = None, locals = None, fromlist = None, level = 0)]
    #[shown("($module, /, name, globals=None, locals=None, fromlist=(),\n           level=0)")]
    fn __import__(
        name: &Object,
        globals: Option<&Object>,
        locals: Option<&Object>,
        fromlist: Option<&Object>,
        level: i32,
    ) -> Result<Ref, Raised> {
        let _ = locals;
        let Some(name) = name.downcast::<Str>() else {
            return Err(raise!(TypeError, "module name must be a string"));
        };
        habu_runtime::import::import(name, globals, fromlist, level)
    }
}
