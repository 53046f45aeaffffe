//! Code objects and the outside: what marshal reads and writes, and small views for callers that run code.

use super::build::shown_table;
use super::value::{Code, Parts};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::str::intern::intern;
use crate::types::tuple::Tuple;

/// The objects of a code object that are made already; each stays the object that it is.
pub struct CodeObjects {
    /// `co_consts`
    pub consts: Ref<Tuple>,
    /// `co_names`
    pub names: Ref<Tuple>,
    /// Names of the slots.
    pub localsplusnames: Ref<Tuple>,
    /// Kinds of the slots.
    pub localspluskinds: Ref<Bytes>,
    /// `co_filename`
    pub filename: Ref<Str>,
    /// `co_name`
    pub name: Ref<Str>,
    /// `co_qualname`
    pub qualname: Ref<Str>,
    /// `co_linetable`
    pub linetable: Ref<Bytes>,
    /// `co_exceptiontable`
    pub exceptiontable: Ref<Bytes>,
}

impl Code {
    /// A code object of data from outside, of which `objects` are made already; it is verified, and what the loop cannot run is a
    /// ValueError.
    pub fn from_untrusted_objects(data: &habu_bytecode::Code, objects: CodeObjects) -> Result<Ref<Code>, Raised> {
        if let Err(problem) = habu_bytecode::verify::verify(data) {
            return Err(raise!(ValueError, "code: {problem}"));
        }
        let parts = Parts {
            counts: (data.argcount, data.posonlyargcount, data.kwonlyargcount),
            stacksize: data.stacksize,
            flags: data.flags,
            firstlineno: data.firstlineno,
            consts: objects.consts,
            names: interned(objects.names)?,
            localsplusnames: interned(objects.localsplusnames)?,
            localspluskinds: objects.localspluskinds,
            filename: intern(objects.filename),
            name: intern(objects.name),
            qualname: intern(objects.qualname),
            linetable: shown_table(objects.linetable, data.firstlineno)?,
            exceptiontable: objects.exceptiontable,
        };
        Code::from_parts(parts, &data.code)
    }

    /// `co_flags`
    pub fn flag_bits(&self) -> u32 {
        self.flags.get()
    }

    /// The number of free variables.
    pub fn free_count(&self) -> usize {
        self.nfreevars.get() as usize
    }

    /// `co_firstlineno`
    pub fn first_line(&self) -> i32 {
        self.firstlineno.get()
    }

    /// The numbers that marshal writes first: argument counts, stack size, flags.
    pub fn marshal_numbers(&self) -> [i32; 5] {
        [
            self.argcount.get(),
            self.posonlyargcount.get(),
            self.kwonlyargcount.get(),
            self.stacksize.get(),
            self.flags.get() as i32,
        ]
    }

    /// The objects that marshal writes, in its order: code, constants, names, slots and their kinds, file, name, qualified name, then
    /// locations and handlers.
    pub fn marshal_objects(&self) -> Result<[Ref; 10], Raised> {
        Ok([
            Bytes::new(&self.plain_bytes()?)?.into_object(),
            self.consts().to_ref(),
            self.names().to_ref(),
            self.localsplusnames().to_ref(),
            Bytes::new(self.localspluskinds())?.into_object(),
            self.filename().into_object(),
            self.name().to_ref(),
            self.qualname().to_ref(),
            Bytes::new(self.linetable())?.into_object(),
            Bytes::new(self.exceptiontable())?.into_object(),
        ])
    }

    /// Changes the file name, here and in the code objects among the constants that have the same one.
    pub fn set_filename(&self, filename: &Str) -> Result<(), Raised> {
        let old = self.filename();
        if old.same_text(filename) {
            return Ok(());
        }
        // The constants nest as deeply as the source did, which the compiler and the verifier bound.
        let mut todo: Vec<Ref<Code>> = vec![Ref::from_borrowed(self)];
        while let Some(code) = todo.pop() {
            if !code.filename().same_text(&old) {
                continue;
            }
            code.filename.set(Some(Ref::from_borrowed(filename)));
            let inner = code.consts().as_slice().iter().filter_map(|item| Object::downcast_exact::<Code>(item));
            todo.extend(inner.map(Ref::from_borrowed));
        }
        Ok(())
    }
}

/// A tuple of names with all of them interned: the tuple itself, where they are.
fn interned(names: Ref<Tuple>) -> Result<Ref<Tuple>, Raised> {
    let is_interned = |name: &Ref| name.downcast_exact::<Str>().is_some_and(|name| name.interned() != 0);
    if names.as_slice().iter().all(is_interned) {
        return Ok(names);
    }
    Tuple::build(names.len(), |index| match names.as_slice()[index].clone().downcast_into::<Str>() {
        Ok(name) => Ok(intern(name).into_object()),
        Err(other) => Ok(other),
    })
}
