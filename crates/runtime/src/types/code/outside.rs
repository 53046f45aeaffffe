//! Code objects and the outside: what marshal reads and writes, and small views for callers that run code.

use super::build::from_data_with;
use super::value::Code;
use crate::object::{Object, Raised, Ref};
use crate::raise;
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

impl Code {
    /// A code object of data from outside whose constants are objects already; it is verified, and what the loop cannot run is a
    /// ValueError.
    pub fn from_untrusted_parts(data: &habu_bytecode::Code, consts: Ref<Tuple>) -> Result<Ref<Code>, Raised> {
        match habu_bytecode::verify::verify(data) {
            Ok(()) => from_data_with(data, consts),
            Err(problem) => Err(raise!(ValueError, "code: {problem}")),
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
