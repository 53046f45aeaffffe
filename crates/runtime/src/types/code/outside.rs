//! Code objects and the outside: what marshal reads and writes, and small views for callers that run code.

use habu_bytecode::verify::{At, Subject, VerifyError, verify_instructions, verify_outline};

use super::build::{shown_table, text};
use super::value::{Code, Parts, REFUSED, UNVERIFIED};
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
        // An object is freed by the size that its count of code units tells, so the outline is verified before it is made.
        verify_outline(&outline_of(&parts, code)).map_err(|at| refusal(&parts.qualname, at))?;
        let made = Code::from_parts(parts, code)?;
        made.unverified.set(UNVERIFIED);
        Ok(made)
    }

    /// Verifies the instructions of a code object that is to run for the first time; what the verifier refused before is a SystemError.
    #[cold]
    pub fn verify(&self) -> Result<(), Raised> {
        if self.unverified.get() == REFUSED {
            return Err(raise!(SystemError, "unknown opcode"));
        }
        let units = self.units();
        // SAFETY: units are two bytes each, and none changes before the code has run.
        let code = unsafe { std::slice::from_raw_parts(units.as_ptr().cast::<u8>(), 2 * units.len()) };
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
        verify_instructions(&subject).map_err(|at| refusal(self.qualname(), at))?;
        self.unverified.set(0);
        Ok(())
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

/// What the verifier's first half looks at.
fn outline_of<'a>(parts: &'a Parts, code: &'a [u8]) -> Subject<'a> {
    Subject {
        argcount: parts.counts.0,
        posonlyargcount: parts.counts.1,
        kwonlyargcount: parts.counts.2,
        stacksize: parts.stacksize,
        flags: parts.flags,
        code,
        consts: parts.consts.len(),
        keyword_names: &|_| None,
        names: parts.names.len(),
        slots: parts.localsplusnames.len(),
        kinds: parts.localspluskinds.as_slice(),
        linetable: parts.linetable.as_slice(),
        exceptiontable: parts.exceptiontable.as_slice(),
    }
}

/// The ValueError for a code object that the verifier refuses.
fn refusal(qualname: &Str, (problem, offset): At) -> Raised {
    match text(qualname) {
        Ok(qualname) => raise!(ValueError, "code: {}", VerifyError { qualname, offset, problem }),
        Err(raised) => raised,
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
