//! Writing what an object says of itself: `__reduce_ex__`, the tuples that it gives, and objects that are known by name.

use habu_runtime::exceptions::exc;
use habu_runtime::id;
use habu_runtime::object::protocol::attribute::ignore;
use habu_runtime::object::protocol::{self, lookup_attribute};
use habu_runtime::object::{Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::Str;
use habu_runtime::types::tuple::Tuple;

use super::opcodes::*;
use super::save::Saving;
use super::state::{Table, deep_attribute, translate};
use super::text::current_is;
use super::{PICKLING_ERROR, error};

/// A `PicklingError`.
macro_rules! refuse {
    ($($message:tt)*) => { error(&PICKLING_ERROR, format_args!($($message)*)) };
}

/// How a new object is called for.
enum Form {
    Call,
    New,
    NewWithKeywords,
}

/// What a reduction may have after its first two items.
struct Rest {
    state: Option<Ref>,
    list_items: Option<Ref>,
    dict_items: Option<Ref>,
    state_setter: Option<Ref>,
}

impl Rest {
    fn of(items: &[Ref]) -> Result<Rest, Raised> {
        let item = |at: usize| items.get(at).filter(|item| !is_none(item)).cloned();
        let iterator = |at: usize, which: &str| match item(at) {
            Some(item) if !protocol::iterate::is_iterator(&item) => Err(refuse!(
                "{which} element of the tuple returned by __reduce__ must be an iterator, not {}",
                item.ty().name()
            )),
            item => Ok(item),
        };
        let (state, list_items, dict_items, state_setter) =
            (item(2), iterator(3, "fourth")?, iterator(4, "fifth")?, item(5));
        if let Some(setter) = &state_setter
            && !protocol::is_callable(setter)
        {
            return Err(refuse!(
                "sixth element of the tuple returned by __reduce__ must be a function, not {}",
                setter.ty().name()
            ));
        }
        Ok(Rest { state, list_items, dict_items, state_setter })
    }
}

impl Saving<'_> {
    /// Asks the tables, then the object, how it is to be made again.
    pub(super) fn save_by_reduction(&mut self, object: &Object) -> Result<(), Raised> {
        let ty = object.type_ref();
        let registered = match self.pickler.dispatch_table.get() {
            Some(table) => match protocol::get_item(&table, &ty) {
                Ok(found) => Some(found),
                Err(raised) => ignore(raised, exc::KeyError())?,
            },
            None => {
                let table = match self.registered.get() {
                    Some(table) => table.clone(),
                    None => {
                        let table = Table::Dispatch.get()?;
                        self.registered.get_or_init(|| table).clone()
                    }
                };
                table.get(&ty)?
            }
        };
        if let Some(reduce) = registered {
            let reduced = protocol::call1(&reduce, object)?;
            return self.save_reduced(&reduced, object);
        }
        if object.isinstance::<Type>() {
            return self.save_global(object, None);
        }
        let reduced = match lookup_attribute(object, &*Str::intern("__reduce_ex__")?)? {
            Some(reduce) => protocol::call1(&reduce, &*Int::from_i64(self.protocol)?)?,
            None => match lookup_attribute(object, &*Str::intern("__reduce__")?)? {
                Some(reduce) => protocol::call0(&reduce)?,
                None => {
                    let shown = protocol::repr(object)?;
                    return Err(refuse!("can't pickle '{}' object: {shown}", object.ty().name()));
                }
            },
        };
        self.save_reduced(&reduced, object)
    }

    /// Writes an object by its reduction: a name or a tuple.
    pub(super) fn save_reduced(&mut self, reduced: &Object, object: &Object) -> Result<(), Raised> {
        if let Some(name) = reduced.downcast::<Str>() {
            return self.save_global(object, Some(name));
        }
        match reduced.downcast::<Tuple>() {
            Some(reduced) => self.save_tuple_reduction(reduced, Some(object)),
            None => Err(refuse!("__reduce__ must return a string or tuple")),
        }
    }

    fn save_tuple_reduction(&mut self, reduced: &Tuple, object: Option<&Object>) -> Result<(), Raised> {
        let items = reduced.as_slice();
        let (Some([callable, arguments]), 2..=6) = (items.first_chunk::<2>(), items.len()) else {
            return Err(refuse!("tuple returned by __reduce__ must contain 2 through 6 elements"));
        };
        if !protocol::is_callable(callable) {
            return Err(refuse!("first item of the tuple returned by __reduce__ must be callable"));
        }
        let Some(arguments) = arguments.downcast::<Tuple>() else {
            return Err(refuse!("second item of the tuple returned by __reduce__ must be a tuple"));
        };
        let rest = Rest::of(items)?;
        match self.form_of(callable)? {
            Form::NewWithKeywords => self.save_new_with_keywords(arguments)?,
            Form::New => self.save_new(arguments, object)?,
            Form::Call => {
                self.save(callable, false)?;
                self.save(arguments, false)?;
                self.op(REDUCE)?;
            }
        }
        if let Some(object) = object {
            // Written in the meantime, by a tuple that contains it: what stands on the stack is thrown away.
            if let Some(number) = self.pickler.memoized(object) {
                self.op(POP)?;
                return self.refer(number);
            }
            self.memoize(object)?;
        }
        self.save_rest(&rest, object)
    }

    fn save_rest(&mut self, rest: &Rest, object: Option<&Object>) -> Result<(), Raised> {
        if let Some(items) = &rest.list_items {
            self.append_from(items)?;
        }
        if let Some(items) = &rest.dict_items {
            self.set_items_from(items)?;
        }
        let Some(state) = &rest.state else { return Ok(()) };
        match (&rest.state_setter, object) {
            (Some(setter), Some(object)) => {
                self.save(setter, false)?;
                self.save(object, false)?;
                self.save(state, false)?;
                self.op(TUPLE2)?;
                self.op(REDUCE)?;
                self.op(POP)
            }
            _ => {
                self.save(state, false)?;
                self.op(BUILD)
            }
        }
    }

    fn form_of(&self, callable: &Object) -> Result<Form, Raised> {
        if self.protocol < 2 {
            return Ok(Form::Call);
        }
        let name = lookup_attribute(callable, id!(__name__))?;
        Ok(match name.as_ref().and_then(|name| name.downcast::<Str>()) {
            Some(name) if name.equals("__newobj_ex__") => Form::NewWithKeywords,
            Some(name) if name.equals("__newobj__") => Form::New,
            _ => Form::Call,
        })
    }

    fn save_new_with_keywords(&mut self, arguments: &Tuple) -> Result<(), Raised> {
        let [class, positional, keywords] = arguments.as_slice() else {
            let count = arguments.len();
            return Err(refuse!("length of the NEWOBJ_EX argument tuple must be exactly 3, not {count}"));
        };
        let wrong = |which: &str, what: &str, given: &Object| {
            refuse!("{which} item from NEWOBJ_EX argument tuple must be a {what}, not {}", given.ty().name())
        };
        if !class.isinstance::<Type>() {
            return Err(wrong("first", "class", class));
        }
        let Some(positional_items) = positional.downcast::<Tuple>() else {
            return Err(wrong("second", "tuple", positional));
        };
        let Some(named) = keywords.downcast::<Dict>() else { return Err(wrong("third", "dict", keywords)) };
        if self.protocol >= 4 {
            for part in [class, positional, keywords] {
                self.save(part, false)?;
            }
            return self.op(NEWOBJ_EX);
        }
        // Older protocols call a partial object of the class's __new__.
        let partial = protocol::get_attribute_str(&*habu_runtime::import::import_module("functools")?, "partial")?;
        let new = protocol::get_attribute_str(class, "__new__")?;
        let items = positional_items.as_slice();
        let all = Tuple::build(items.len() + 2, |at| {
            Ok(match at {
                0 => new.clone(),
                1 => class.clone(),
                _ => items[at - 2].clone(),
            })
        })?;
        let callable = protocol::call_tuple(&partial, &all, Some(named))?;
        self.save(&callable, false)?;
        self.save(&Tuple::empty(), false)?;
        self.op(REDUCE)
    }

    fn save_new(&mut self, arguments: &Tuple, object: Option<&Object>) -> Result<(), Raised> {
        let Some((class, rest)) = arguments.as_slice().split_first() else {
            return Err(refuse!("__newobj__ arglist is empty"));
        };
        if !class.isinstance::<Type>() {
            return Err(refuse!("args[0] from __newobj__ args is not a type"));
        }
        if let Some(object) = object {
            let own = match lookup_attribute(object, id!(__class__))? {
                Some(class) => class,
                None => object.type_ref().into_object(),
            };
            if !own.is(class) {
                return Err(refuse!("args[0] from __newobj__ args has the wrong class"));
            }
        }
        self.save(class, false)?;
        self.save(&*Tuple::from_slice(rest)?, false)?;
        self.op(NEWOBJ)
    }

    /// Writes an object by the module and name that it is found under.
    pub(super) fn save_global(&mut self, object: &Object, name: Option<&Str>) -> Result<(), Raised> {
        let name = match name {
            Some(name) => Ref::from_borrowed(name).into_object(),
            None => match lookup_attribute(object, id!(__qualname__))? {
                Some(name) => name,
                None => protocol::get_attribute(object, id!(__name__))?,
            },
        };
        let Ok(name) = name.downcast_into::<Str>() else {
            return Err(raise!(TypeError, "the name of an object to be pickled must be a string"));
        };
        let path = name.to_string_lossy();
        if path.split('.').any(|part| part == "<locals>") {
            return Err(raise!(AttributeError, "Can't pickle local object {}", protocol::repr(&name)?));
        }
        let module_name = module_of(object, &path)?;
        let (found, module, parent) = self.find_again(object, &module_name, &name, &path)?;
        if !found.is(object) {
            let (shown, module_name) = (protocol::repr(object)?, protocol::str(&module_name)?);
            return Err(refuse!("Can't pickle {shown}: it's not the same object as {module_name}.{name}"));
        }
        if self.protocol >= 2 && self.save_extension(object, &module_name, &name)? {
            return Ok(());
        }
        let last = match path.rsplit_once('.') {
            Some((_, last)) => Str::new(last)?,
            None => name.clone(),
        };
        let direct = parent.is(&module);
        if self.protocol >= 4 {
            self.save(&module_name, false)?;
            self.save(if direct { &last } else { &name }, false)?;
            self.op(STACK_GLOBAL)?;
        } else if !direct {
            let getattr = protocol::get_item(&habu_runtime::eval::builtins(), &*Str::intern("getattr")?)?;
            let arguments = Tuple::from_refs([parent, last.into_object()])?.into_object();
            self.save_tuple_reduction(&*Tuple::from_refs([getattr, arguments])?, None)?;
        } else {
            self.save_global_lines(module_name, last)?;
        }
        self.memoize(object)
    }

    /// The object that is found under the name, its module, and what it is an attribute of.
    fn find_again(&self, object: &Object, module: &Ref, name: &Str, path: &str) -> Result<(Ref, Ref, Ref), Raised> {
        let imported = match module.downcast::<Str>() {
            Some(module) => import_named(module),
            None => Err(raise!(TypeError, "module name must be a string")),
        };
        let imported = match imported {
            Ok(imported) => imported,
            Err(raised) => {
                forgive(raised)?;
                let shown = protocol::repr(object)?;
                return Err(refuse!("Can't pickle {shown}: import of module {} failed", protocol::repr(module)?));
            }
        };
        match deep_attribute(&imported, path) {
            Ok((found, parent)) => Ok((found, imported, parent)),
            Err(raised) => {
                forgive(raised)?;
                let (shown, module) = (protocol::repr(object)?, protocol::str(module)?);
                Err(refuse!("Can't pickle {shown}: attribute lookup {name} on {module} failed"))
            }
        }
    }

    /// Writes the number under which an object is registered, if it is.
    fn save_extension(&mut self, object: &Object, module: &Ref, name: &Ref<Str>) -> Result<bool, Raised> {
        let pair = Tuple::from_refs([module.clone(), name.clone().into_object()])?;
        let Some(code) = Table::Extensions.get()?.get(&pair)? else { return Ok(false) };
        let Some(number) = code.downcast::<Int>() else {
            let (shown, code) = (protocol::repr(object)?, protocol::repr(&code)?);
            return Err(refuse!("Can't pickle {shown}: extension code {code} isn't an integer"));
        };
        let number = match number.to_i64() {
            Some(number @ 1..=0x7fff_ffff) => number as u32,
            _ => {
                let (shown, code) = (protocol::repr(object)?, protocol::repr(&code)?);
                return Err(refuse!("Can't pickle {shown}: extension code {code} is out of range"));
            }
        };
        match number.to_le_bytes() {
            [low, 0, 0, 0] => self.out.push(&[EXT1, low])?,
            [low, high, 0, 0] => self.out.push(&[EXT2, low, high])?,
            [a, b, c, d] => self.out.push(&[EXT4, a, b, c, d])?,
        }
        Ok(true)
    }

    /// Module and name in two lines.
    fn save_global_lines(&mut self, module: Ref, name: Ref<Str>) -> Result<(), Raised> {
        let (mut name, protocol) = (name, self.protocol);
        let Ok(mut module) = module.downcast_into::<Str>() else {
            return Err(raise!(TypeError, "module name must be a string"));
        };
        if protocol < 3 && self.pickler.fix_imports.get() {
            translate(&mut module, &mut name, true)?;
        }
        self.op(GLOBAL)?;
        for (text, what) in [(&module, "module"), (&name, "global")] {
            let encoding = Str::intern(if protocol == 3 { "utf-8" } else { "ascii" })?;
            match habu_runtime::types::str::codecs::encode(text, Some(&encoding), None) {
                Ok(bytes) => self.out.push(bytes.as_slice())?,
                Err(raised) if current_is(exc::UnicodeEncodeError()) => {
                    raised.clear();
                    return Err(refuse!("can't pickle {what} identifier '{text}' using pickle protocol {protocol}"));
                }
                Err(raised) => return Err(raised),
            }
            self.out.push(b"\n")?;
        }
        Ok(())
    }
}

/// `__import__(name)` and the module itself, not its package.
pub(super) fn import_named(name: &Str) -> Result<Ref, Raised> {
    let top = habu_runtime::import::import(name, None, None, 0)?;
    match habu_runtime::import::imported(name)? {
        Some(module) => Ok(module),
        None => Ok(top),
    }
}

/// The module of an object: what it says, or the first one that has it under its name.
fn module_of(object: &Object, path: &str) -> Result<Ref, Raised> {
    if let Some(module) = lookup_attribute(object, id!(__module__))?
        && !is_none(&module)
    {
        return Ok(module);
    }
    let modules = protocol::to_list(&*protocol::call_method(
        &*crate::system::sys_attribute("modules")?.ok_or_else(|| raise!(RuntimeError, "unable to get sys.modules"))?,
        id!(items),
        &[],
    )?)?;
    let mut at = 0;
    while let Some(item) = modules.get(at) {
        at += 1;
        let Some([name, module]) = item.downcast::<Tuple>().map(Tuple::as_slice) else { continue };
        let is_main = name.downcast::<Str>().is_some_and(|name| name.equals("__main__"));
        if is_main || is_none(module) {
            continue;
        }
        match deep_attribute(module, path) {
            Ok((found, _)) if found.is(object) => return Ok(name.clone()),
            Ok(_) => {}
            Err(raised) => {
                ignore::<()>(raised, exc::AttributeError())?;
            }
        }
    }
    Ok(Str::intern("__main__")?.into_object())
}

/// Forgets an error that another one will tell of; a MemoryError stands for itself.
fn forgive(raised: Raised) -> Result<(), Raised> {
    let error = raised.take();
    if error.ty().is_subtype(exc::MemoryError()) {
        return Err(habu_runtime::threads::Thread::current().set_exception(error));
    }
    Ok(())
}
