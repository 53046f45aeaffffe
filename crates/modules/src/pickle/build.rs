//! The opcodes that find classes, make objects and change them.

use habu_runtime::id;
use habu_runtime::object::protocol::{self, lookup_attribute};
use habu_runtime::object::{Object, Raised, Ref, Type};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::int::Int;
use habu_runtime::types::list::List;
use habu_runtime::types::set::{FrozenSet, Set, SetCore};
use habu_runtime::types::singletons::is_none;
use habu_runtime::types::str::{Str, intern};
use habu_runtime::types::tuple::Tuple;

use super::input::truncated;
use super::load::{Loading, argument_tuple, corrupt};
use super::opcodes::*;
use super::state::Table;
use super::text;

impl Loading<'_> {
    pub(super) fn build(&mut self, opcode: u8) -> Result<(), Raised> {
        match opcode {
            GLOBAL => {
                let (module, name) = (self.name_line()?, self.name_line()?);
                let found = self.unpickler.find(&module, &name)?;
                self.push(found)
            }
            STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                match (module.downcast_exact::<Str>(), name.downcast_exact::<Str>()) {
                    (Some(module), Some(name)) => {
                        let found = self.unpickler.find(module, name)?;
                        self.push(found)
                    }
                    _ => Err(corrupt!("STACK_GLOBAL requires str")),
                }
            }
            REDUCE => {
                let (arguments, callable) = (self.pop()?, self.pop()?);
                let made = protocol::call_tuple(&callable, argument_tuple(&arguments)?, None)?;
                self.push(made)
            }
            NEWOBJ | NEWOBJ_EX => self.new_object(opcode == NEWOBJ_EX),
            BUILD => self.set_state(),
            INST => {
                let mark = self.take_mark()?;
                let (module, name) = (self.name_line()?, self.name_line()?);
                let class = self.unpickler.find(&module, &name)?;
                let arguments = self.take_from(mark)?;
                let made = instantiate(&class, &arguments)?;
                self.push(made)
            }
            OBJ => {
                let mark = self.take_mark()?;
                if self.stack.len() <= mark {
                    return Err(self.underflow());
                }
                let parts = self.take_from(mark)?;
                let Some((class, arguments)) = parts.split_first() else { return Err(self.underflow()) };
                let made = instantiate(class, arguments)?;
                self.push(made)
            }
            EXT1 => {
                let code = i64::from(u8::from_le_bytes(self.input.array()?));
                self.extension(code)
            }
            EXT2 => {
                let code = i64::from(u16::from_le_bytes(self.input.array()?));
                self.extension(code)
            }
            EXT4 => {
                let code = i64::from(i32::from_le_bytes(self.input.array()?));
                self.extension(code)
            }
            _ => Err(match opcode {
                b'\'' | b'\\' | ..0x20 | 0x7f.. => corrupt!("invalid load key, '\\x{opcode:02x}'."),
                _ => corrupt!("invalid load key, '{}'.", char::from(opcode)),
            }),
        }
    }

    fn name_line(&mut self) -> Result<Ref<Str>, Raised> {
        let line = self.input.line()?;
        if line.is_empty() {
            return Err(truncated());
        }
        text::name(&line)
    }

    /// The object with a number in the registry of extensions.
    fn extension(&mut self, code: i64) -> Result<(), Raised> {
        if code <= 0 {
            return Err(corrupt!("EXT specifies code <= 0"));
        }
        let number = Int::from_i64(code)?;
        let cache = Table::ExtensionCache.get()?;
        if let Some(known) = cache.get(&number)? {
            return self.push(known);
        }
        let Some(pair) = Table::InvertedExtensions.get()?.get(&number)? else {
            return Err(raise!(ValueError, "unregistered extension code {code}"));
        };
        let names = pair.downcast::<Tuple>().map(Tuple::as_slice);
        let Some((module, name)) = names
            .and_then(|names| <&[Ref; 2]>::try_from(names).ok())
            .and_then(|[module, name]| Some((module.downcast::<Str>()?, name.downcast::<Str>()?)))
        else {
            return Err(raise!(ValueError, "_inverted_registry[{code}] isn't a 2-tuple of strings"));
        };
        let found = self.unpickler.find(module, name)?;
        cache.set(&number, &found)?;
        self.push(found)
    }

    fn new_object(&mut self, with_keywords: bool) -> Result<(), Raised> {
        let name = if with_keywords { "NEWOBJ_EX" } else { "NEWOBJ" };
        let keywords = if with_keywords { Some(self.pop()?) } else { None };
        let (arguments, class) = (self.pop()?, self.pop()?);
        let Some(cls) = class.downcast::<Type>() else {
            return Err(corrupt!("{name} class argument must be a type, not {}", class.ty().name()));
        };
        let Some(new) = cls.tp_new.get() else {
            return Err(corrupt!("{name} class argument '{}' doesn't have __new__", cls.name()));
        };
        let Some(arguments) = arguments.downcast::<Tuple>() else {
            return Err(corrupt!("{name} args argument must be a tuple, not {}", arguments.ty().name()));
        };
        let keywords = match &keywords {
            None => None,
            Some(keywords) => match keywords.downcast::<Dict>() {
                Some(keywords) => Some(keywords),
                None => {
                    return Err(corrupt!("{name} kwargs argument must be a dict, not {}", keywords.ty().name()));
                }
            },
        };
        // SAFETY: the slot belongs to the class itself.
        let made = unsafe { new(cls, arguments, keywords) }?;
        self.push(made)
    }

    /// Puts the state on top of the stack into the object below it.
    fn set_state(&mut self) -> Result<(), Raised> {
        if self.stack.len() < self.fence + 2 {
            return Err(self.underflow());
        }
        let state = self.pop()?;
        let object = self.top()?;
        if let Some(set) = lookup_attribute(&object, &*Str::intern("__setstate__")?)? {
            return protocol::call1(&set, &state).map(drop);
        }
        let (state, slots) = match state.downcast::<Tuple>().map(Tuple::as_slice) {
            Some([state, slots]) => (state.clone(), Some(slots.clone())),
            _ => (state, None),
        };
        if !is_none(&state) {
            let Some(state) = state.downcast::<Dict>() else { return Err(corrupt!("state is not a dictionary")) };
            let dict = protocol::get_attribute(&object, id!(__dict__))?;
            let mut at = 0;
            while let Some((key, value)) = state.next_item(&mut at) {
                // Names of attributes are interned, as those of an object that was made by hand.
                let key = match key.downcast_exact::<Str>() {
                    Some(name) => intern::intern(Ref::from_borrowed(name)).into_object(),
                    None => key,
                };
                match dict.downcast_exact::<Dict>() {
                    Some(dict) => dict.set(&key, &value)?,
                    None => protocol::set_item(&dict, &key, &value)?,
                }
            }
        }
        let Some(slots) = slots else { return Ok(()) };
        let Some(slots) = slots.downcast::<Dict>() else { return Err(corrupt!("slot state is not a dictionary")) };
        let mut at = 0;
        while let Some((name, value)) = slots.next_item(&mut at) {
            match name.downcast::<Str>() {
                Some(name) => protocol::set_attribute(&object, name, Some(&value))?,
                None => {
                    let given = name.ty().name();
                    return Err(raise!(TypeError, "attribute name must be string, not '{given}'"));
                }
            }
        }
        Ok(())
    }

    /// Puts objects from the top of the stack into the container below them.
    pub(super) fn add_items(&mut self, opcode: u8) -> Result<(), Raised> {
        let start = match opcode {
            APPEND => self.stack.len().wrapping_sub(1),
            SETITEM => self.stack.len().wrapping_sub(2),
            _ => self.take_mark()?,
        };
        if start > self.stack.len() || start <= self.fence {
            return Err(self.underflow());
        }
        if start == self.stack.len() {
            return Ok(());
        }
        let Some(container) = self.stack.get(start - 1).cloned() else { return Err(self.underflow()) };
        match opcode {
            APPEND | APPENDS => self.append(&container, start),
            ADDITEMS => self.add_to_set(&container, start),
            _ => self.set_items(&container, start),
        }
    }

    fn append(&mut self, container: &Object, start: usize) -> Result<(), Raised> {
        if let Some(list) = container.downcast_exact::<List>() {
            list.extend_from_slice(self.stack.get(start..).unwrap_or_default())?;
            self.stack.truncate(start);
            return Ok(());
        }
        let items = self.take_from(start)?;
        if let Some(extend) = lookup_attribute(container, &*Str::intern("extend")?)? {
            return protocol::call1(&extend, &*List::from_slice(&items)?).map(drop);
        }
        // Not every object that was written with items has `extend`.
        let append = protocol::get_attribute(container, &*Str::intern("append")?)?;
        items.iter().try_for_each(|item| protocol::call1(&append, item).map(drop))
    }

    fn set_items(&mut self, container: &Object, start: usize) -> Result<(), Raised> {
        if !(self.stack.len() - start).is_multiple_of(2) {
            return Err(corrupt!("odd number of items for SETITEMS"));
        }
        let items = self.take_from(start)?;
        let exact = container.downcast_exact::<Dict>();
        items.chunks_exact(2).try_for_each(|pair| match exact {
            Some(dict) => dict.set(&pair[0], &pair[1]),
            None => protocol::set_item(container, &pair[0], &pair[1]),
        })
    }

    fn add_to_set(&mut self, container: &Object, start: usize) -> Result<(), Raised> {
        let items = self.take_from(start)?;
        let set = (container.isinstance::<Set>() || container.isinstance::<FrozenSet>())
            .then(|| SetCore::of(container))
            .flatten();
        if let Some(set) = set {
            return items.iter().try_for_each(|item| set.add(item));
        }
        let add = protocol::get_attribute(container, &*Str::intern("add")?)?;
        items.iter().try_for_each(|item| protocol::call1(&add, item).map(drop))
    }
}

/// An object of an old-style class: without arguments the constructor is passed over.
fn instantiate(class: &Object, arguments: &[Ref]) -> Result<Ref, Raised> {
    if arguments.is_empty()
        && class.isinstance::<Type>()
        && lookup_attribute(class, &*Str::intern("__getinitargs__")?)?.is_none()
    {
        return protocol::call_method(class, id!(__new__), &[class]);
    }
    protocol::call_tuple(class, &*Tuple::from_slice(arguments)?, None)
}
