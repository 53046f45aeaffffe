//! Code objects and the outside: what marshal reads and writes, and small views for callers that run code.

use habu_bytecode::verify::{At, Subject, VerifyError, verify_instructions, verify_outline};

use super::build::{shown_table, text};
use super::value::{Code, Parts};
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::str::intern::intern;
use crate::types::tuple::Tuple;

impl Code {
    /// A code object of parts from outside. Its outline is verified now, its instructions when they are to run for the first time, since most
    /// functions of a module that is imported never run; what the loop cannot run is a ValueError. Names are interned.
    pub fn from_untrusted_parts(mut parts: Parts, code: &[u8]) -> Result<Ref<Code>, Raised> {
        parts.names = interned(parts.names)?;
        parts.localsplusnames = interned(parts.localsplusnames)?;
        parts.filename = intern(parts.filename);
        parts.name = intern(parts.name);
        parts.qualname = intern(parts.qualname);
        parts.linetable = shown_table(parts.linetable, parts.firstlineno)?;
        let made = Code::from_parts(parts, code)?;
        made.verify_with(code, verify_outline)?;
        made.unverified.set(1);
        Ok(made)
    }

    /// Verifies the instructions of a code object that is to run for the first time.
    #[cold]
    pub fn verify(&self) -> Result<(), Raised> {
        let units = self.units();
        // SAFETY: units are two bytes each, and none changes before the code has run.
        let code = unsafe { std::slice::from_raw_parts(units.as_ptr().cast::<u8>(), 2 * units.len()) };
        self.verify_with(code, verify_instructions)?;
        self.unverified.set(0);
        Ok(())
    }

    /// Runs a part of the verifier.
    fn verify_with(&self, code: &[u8], verify: fn(&Subject<'_>) -> Result<(), At>) -> Result<(), Raised> {
        let consts = self.consts().as_slice();
        let keyword_names = |index: usize| {
            let names = consts.get(index)?.downcast::<Tuple>()?.as_slice();
            names.iter().all(|name| name.isinstance::<Str>()).then_some(names.len())
        };
        let subject = Subject {
            argcount: self.argcount.get() as u32,
            posonlyargcount: self.posonlyargcount.get() as u32,
            kwonlyargcount: self.kwonlyargcount.get() as u32,
            stacksize: self.stacksize.get() as u32,
            flags: self.flags.get(),
            code,
            consts: consts.len(),
            keyword_names: &keyword_names,
            names: self.names().len(),
            slots: self.localsplusnames().len(),
            kinds: self.localspluskinds(),
            linetable: self.linetable(),
            exceptiontable: self.exceptiontable(),
        };
        match verify(&subject) {
            Ok(()) => Ok(()),
            Err((problem, offset)) => {
                let problem = VerifyError { qualname: text(self.qualname())?, offset, problem };
                Err(raise!(ValueError, "code: {problem}"))
            }
        }
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

/// A tuple of names whose strings are interned: the same one, if they are.
fn interned(names: Ref<Tuple>) -> Result<Ref<Tuple>, Raised> {
    let is_interned = |name: &Ref| name.downcast_exact::<Str>().is_some_and(|name| name.interned() != 0);
    if names.as_slice().iter().all(is_interned) {
        return Ok(names);
    }
    Tuple::build(names.as_slice().len(), |index| {
        let name = names.as_slice()[index].clone().downcast_into::<Str>();
        let name = name.map_err(|_| raise!(SystemError, "bad argument to internal function"))?;
        Ok(intern(name).into_object())
    })
}
