//! What Python sees of code objects.

use habu_bytecode::Constant;
use habu_bytecode::code::{CO_FAST_CELL, CO_FAST_FREE, CO_FAST_LOCAL};
use habu_macros::pymethods;

use super::build::{from_data_with, text, texts};
use super::lines::{LineIterator, PositionsIterator};
use super::value::Code;
use crate::object::descriptor_tables::{MemberDef, READONLY, T_INT, T_OBJECT};
use crate::object::slots::CompareOp;
use crate::object::{Object, Raised, Ref, Type, protocol};
use crate::raise;
use crate::threads::thread::check_native_stack;
use crate::types::bytes::Bytes;
use crate::types::complex::Complex;
use crate::types::dict::Dict;
use crate::types::float::Float;
use crate::types::singletons::{boolean, not_implemented};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

macro_rules! members {
    ($($name:literal: $kind:ident $field:ident),* $(,)?) => {
        &[$(MemberDef {
            name: $name.as_ptr(),
            kind: $kind,
            offset: std::mem::offset_of!(Code, $field) as isize,
            flags: READONLY,
            doc: std::ptr::null(),
        }),*]
    };
}

/// The members that are read from the layout.
pub static MEMBERS: &[MemberDef] = members![
    c"co_argcount": T_INT argcount,
    c"co_posonlyargcount": T_INT posonlyargcount,
    c"co_kwonlyargcount": T_INT kwonlyargcount,
    c"co_stacksize": T_INT stacksize,
    c"co_flags": T_INT flags,
    c"co_nlocals": T_INT nlocals,
    c"co_consts": T_OBJECT consts,
    c"co_names": T_OBJECT names,
    c"co_filename": T_OBJECT filename,
    c"co_name": T_OBJECT name,
    c"co_qualname": T_OBJECT qualname,
    c"co_firstlineno": T_INT firstlineno,
    c"co_linetable": T_OBJECT linetable,
    c"co_exceptiontable": T_OBJECT exceptiontable,
];

/// The parts of a code object as the constructor and `replace` take them.
struct Given<'a> {
    data: habu_bytecode::Code,
    nlocals: i32,
    consts: Ref<Tuple>,
    varnames: &'a Tuple,
    freevars: &'a Tuple,
    cellvars: &'a Tuple,
}

impl Given<'_> {
    /// Verifies the parts and makes the code object.
    fn finish(mut self) -> Result<Ref<Code>, Raised> {
        if self.data.code.is_empty() || !self.data.code.len().is_multiple_of(2) {
            return Err(raise!(ValueError, "code: co_code is malformed"));
        }
        if self.nlocals as usize != self.varnames.len() {
            return Err(raise!(ValueError, "code: co_nlocals != len(co_varnames)"));
        }
        self.lay_out_slots()?;
        self.audit()?;
        // The verifier looks at constants only where an instruction needs a tuple of names: others stand as None.
        self.data.consts = self.consts.as_slice().iter().map(|item| shape_of(item)).collect::<Result<_, _>>()?;
        match habu_bytecode::verify::verify(&self.data) {
            Ok(()) => from_data_with(&self.data, self.consts),
            // Without handlers, what would be wrong to run may still be looked at.
            Err(problem) if problem.problem.is_of_instructions() && self.data.exceptiontable.is_empty() => {
                super::build::not_to_be_run(&self.data, self.consts)
            }
            Err(problem) => Err(raise!(ValueError, "code: {}", problem.problem)),
        }
    }

    /// Tells hooks that a code object is made by hand.
    fn audit(&self) -> Result<(), Raised> {
        let data = &self.data;
        crate::audit!(
            "code.__new__",
            Bytes::new(&data.code)?,
            Str::new(&data.filename.to_string())?,
            Str::new(&data.name.to_string())?,
            data.argcount,
            data.posonlyargcount,
            data.kwonlyargcount,
            self.nlocals,
            data.stacksize,
            data.flags
        )
    }

    /// The slots: locals (some of them cells too), other cells, free variables.
    fn lay_out_slots(&mut self) -> Result<(), Raised> {
        let (varnames, cellvars, freevars) = (texts(self.varnames)?, texts(self.cellvars)?, texts(self.freevars)?);
        let mut names = Vec::new();
        let mut kinds = Vec::new();
        for name in &varnames {
            kinds.push(if cellvars.contains(name) { CO_FAST_LOCAL | CO_FAST_CELL } else { CO_FAST_LOCAL });
            names.push(name.clone());
        }
        for name in cellvars.iter().filter(|name| !varnames.contains(name)) {
            kinds.push(CO_FAST_CELL);
            names.push(name.clone());
        }
        for name in &freevars {
            kinds.push(CO_FAST_FREE);
            names.push(name.clone());
        }
        self.data.localsplusnames = names.into();
        self.data.localspluskinds = kinds.into();
        Ok(())
    }
}

/// What the verifier needs to know of a constant.
fn shape_of(object: &Object) -> Result<Constant, Raised> {
    if let Some(names) = object.downcast_exact::<Tuple>()
        && names.as_slice().iter().all(|name| name.is_exact::<Str>())
    {
        return Ok(Constant::Tuple(texts(names)?.into_vec().into_iter().map(Constant::Str).collect()));
    }
    // Inner code objects are verified before they run; nothing asks what else a constant is.
    Ok(Constant::None)
}

/// A field that must not be negative.
fn natural(value: i32, name: &str) -> Result<u32, Raised> {
    u32::try_from(value).map_err(|_| raise!(ValueError, "code: {name} must not be negative"))
}

impl Code {
    /// The names of the slots with one of these kinds, as a tuple.
    fn slot_names(&self, kind: u8) -> Result<Ref<Tuple>, Raised> {
        let mut names = habu_heap::Buffer::<Ref>::new();
        for (name, kinds) in self.localsplusnames().as_slice().iter().zip(self.localspluskinds()) {
            if kinds & kind != 0 {
                names.push(name.clone())?;
            }
        }
        Tuple::from_slice(&names)
    }
}

#[pymethods(members = MEMBERS)]
impl Code {
    #[slot(tp_new)]
    #[signature(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars = None, cellvars = None, /)]
    #[expect(clippy::too_many_arguments, reason = "the constructor's arguments are those of CPython")]
    fn new_code(
        cls: &Type,
        argcount: i32,
        posonlyargcount: i32,
        kwonlyargcount: i32,
        nlocals: i32,
        stacksize: i32,
        flags: i32,
        codestring: &Bytes,
        constants: &Tuple,
        names: &Tuple,
        varnames: &Tuple,
        filename: &Str,
        name: &Str,
        qualname: &Str,
        firstlineno: i32,
        linetable: &Bytes,
        exceptiontable: &Bytes,
        freevars: Option<&Object>,
        cellvars: Option<&Object>,
    ) -> Result<Ref<Code>, Raised> {
        let _ = cls;
        let empty = Tuple::empty();
        let tuple = |given: Option<&Object>| match given {
            None => Ok(empty.clone()),
            Some(given) => match given.downcast::<Tuple>() {
                Some(given) => Ok(Ref::from_borrowed(given)),
                None => Err(raise!(TypeError, "code() argument must be tuple, not {}", given.ty().full_name())),
            },
        };
        let (freevars, cellvars) = (tuple(freevars)?, tuple(cellvars)?);
        Given {
            data: habu_bytecode::Code {
                argcount: natural(argcount, "argcount")?,
                posonlyargcount: natural(posonlyargcount, "posonlyargcount")?,
                kwonlyargcount: natural(kwonlyargcount, "kwonlyargcount")?,
                stacksize: natural(stacksize, "stacksize")?,
                flags: natural(flags, "flags")?,
                code: codestring.as_slice().into(),
                names: texts(names)?,
                filename: text(filename)?,
                name: text(name)?,
                qualname: text(qualname)?,
                firstlineno,
                linetable: linetable.as_slice().into(),
                exceptiontable: exceptiontable.as_slice().into(),
                ..habu_bytecode::Code::default()
            },
            nlocals: natural(nlocals, "nlocals")? as i32,
            consts: Ref::from_borrowed(constants),
            varnames,
            freevars: &freevars,
            cellvars: &cellvars,
        }
        .finish()
    }

    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let line = match self.firstlineno.get() {
            0 => -1,
            line => line,
        };
        Str::from_format(format_args!(
            "<code object {} at {:#x}, file \"{}\", line {line}>",
            self.name(),
            self.address(),
            self.filename()
        ))
    }

    #[slot(tp_hash)]
    fn hash(&self) -> Result<isize, Raised> {
        check_native_stack()?;
        let mut mixed = self.name().hash() ^ protocol::hash(self.consts())? ^ protocol::hash(self.names())?;
        mixed ^= protocol::hash(self.localsplusnames())?;
        for count in [&self.argcount, &self.posonlyargcount, &self.kwonlyargcount] {
            mixed ^= count.get() as isize;
        }
        Ok(mixed ^ self.flags.get() as isize)
    }

    #[slot(tp_richcompare)]
    fn compare(&self, other: &Object, op: CompareOp) -> Result<Ref, Raised> {
        let Some(other) = other.downcast::<Code>() else { return Ok(not_implemented()) };
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented());
        }
        Ok(boolean(self.is_equal(other)? == (op == CompareOp::Eq)))
    }

    #[hidden]
    fn is_equal(&self, other: &Code) -> Result<bool, Raised> {
        check_native_stack()?;
        let same = self.argcount == other.argcount
            && self.posonlyargcount == other.posonlyargcount
            && self.kwonlyargcount == other.kwonlyargcount
            && self.flags == other.flags
            && self.firstlineno == other.firstlineno
            && self.unit_count() == other.unit_count()
            && self.name().same_text(other.name())
            && self.localspluskinds() == other.localspluskinds()
            && self.linetable() == other.linetable()
            && self.exceptiontable() == other.exceptiontable()
            && *self.plain_bytes()? == *other.plain_bytes()?;
        Ok(same
            && protocol::equal(self.names(), other.names())?
            && protocol::equal(self.localsplusnames(), other.localsplusnames())?
            && same_constants(self.consts(), other.consts())?)
    }

    /// Return a copy of the code object with new values for the specified fields.
    #[raw]
    fn replace(&self, args: &[&Object], names: Option<&Tuple>) -> Result<Ref<Code>, Raised> {
        let named = names.map_or(0, Tuple::len);
        if args.len() > named {
            return Err(raise!(TypeError, "replace() takes no positional arguments"));
        }
        let changes = Dict::new()?;
        for (name, value) in names.map_or(&[][..], |names| names.as_slice()).iter().zip(args) {
            changes.set(name, value)?;
        }
        let result = self.replaced(&changes)?;
        Ok(result)
    }

    #[hidden]
    fn replaced(&self, changes: &Dict) -> Result<Ref<Code>, Raised> {
        let left = std::cell::Cell::new(changes.len());
        let take = |name: &str| -> Result<Option<Ref>, Raised> {
            let found = changes.get_str(name)?;
            if found.is_some() {
                left.set(left.get() - 1);
            }
            Ok(found)
        };
        let int = |name: &str, old: i32| -> Result<i32, Raised> {
            let Some(given) = take(name)? else { return Ok(old) };
            let value = protocol::number::to_i128_index(&given, "int")?;
            let value =
                i32::try_from(value).map_err(|_| raise!(OverflowError, "Python int too large to convert to C int"))?;
            if value < 0 {
                return Err(raise!(ValueError, "{name} must be a positive integer"));
            }
            Ok(value)
        };
        let tuple = |name: &str, old: &dyn Fn() -> Result<Ref<Tuple>, Raised>| match take(name)? {
            None => old(),
            Some(given) => given.downcast_into::<Tuple>().map_err(|given| wrong(name, "tuple", &given)),
        };
        let string = |name: &str, old: Ref<Str>| match take(name)? {
            None => Ok(old),
            Some(given) => given.downcast_into::<Str>().map_err(|given| wrong(name, "str", &given)),
        };
        let bytes = |name: &str, old: &[u8]| -> Result<Box<[u8]>, Raised> {
            match take(name)? {
                None => Ok(old.into()),
                Some(given) => match given.downcast::<Bytes>() {
                    Some(given) => Ok(given.as_slice().into()),
                    None => Err(wrong(name, "bytes", &given)),
                },
            }
        };
        let varnames = tuple("co_varnames", &|| self.slot_names(CO_FAST_LOCAL))?;
        let freevars = tuple("co_freevars", &|| self.slot_names(CO_FAST_FREE))?;
        let cellvars = tuple("co_cellvars", &|| self.slot_names(CO_FAST_CELL))?;
        let names = tuple("co_names", &|| Ok(Ref::from_borrowed(self.names())))?;
        let consts = tuple("co_consts", &|| Ok(Ref::from_borrowed(self.consts())))?;
        let given = Given {
            data: habu_bytecode::Code {
                argcount: int("co_argcount", self.argcount.get())? as u32,
                posonlyargcount: int("co_posonlyargcount", self.posonlyargcount.get())? as u32,
                kwonlyargcount: int("co_kwonlyargcount", self.kwonlyargcount.get())? as u32,
                stacksize: int("co_stacksize", self.stacksize.get())? as u32,
                flags: int("co_flags", self.flags.get() as i32)? as u32,
                code: bytes("co_code", &self.plain_bytes()?)?,
                names: texts(&names)?,
                filename: text(&*string("co_filename", self.filename())?)?,
                name: text(&*string("co_name", Ref::from_borrowed(self.name()))?)?,
                qualname: text(&*string("co_qualname", Ref::from_borrowed(self.qualname()))?)?,
                firstlineno: int("co_firstlineno", self.firstlineno.get())?,
                linetable: bytes("co_linetable", self.linetable())?,
                exceptiontable: bytes("co_exceptiontable", self.exceptiontable())?,
                ..habu_bytecode::Code::default()
            },
            nlocals: int("co_nlocals", varnames.len().min(i32::MAX as usize) as i32)?,
            consts,
            varnames: &varnames,
            freevars: &freevars,
            cellvars: &cellvars,
        };
        if left.get() > 0 {
            return Err(unknown_field(changes));
        }
        given.finish()
    }

    #[no_signature]
    fn co_lines(&self) -> Result<Ref<LineIterator>, Raised> {
        LineIterator::new(self)
    }

    #[no_signature]
    fn co_positions(&self) -> Result<Ref<PositionsIterator>, Raised> {
        PositionsIterator::new(self)
    }

    /// (internal-only) Return the local variable name for the given oparg.
    ///
    /// WARNING: this method is for internal use only and may change or go away.
    #[signature(oparg)]
    fn _varname_from_oparg(&self, oparg: i32) -> Result<Ref, Raised> {
        let name = usize::try_from(oparg).ok().and_then(|index| self.localsplusnames().get(index));
        name.ok_or_else(|| raise!(IndexError, "tuple index out of range"))
    }

    #[no_signature]
    fn __sizeof__(&self) -> Result<usize, Raised> {
        Ok((size_of::<Code>() + self.unit_count() * 2).next_multiple_of(8))
    }

    #[getter]
    fn co_code(&self) -> Result<Ref<Bytes>, Raised> {
        if let Some(known) = self.code_bytes.get() {
            return Ok(known);
        }
        let bytes = Bytes::new(&self.plain_bytes()?)?;
        self.code_bytes.set(Some(bytes.clone()));
        Ok(bytes)
    }

    #[getter]
    #[name = "_co_code_adaptive"]
    fn co_code_adaptive(&self) -> Result<Ref<Bytes>, Raised> {
        let mut bytes = habu_heap::Buffer::<u8>::with_capacity(self.unit_count() * 2)?;
        for unit in self.units() {
            bytes.extend_from_slice(&unit.get().to_le_bytes())?;
        }
        Bytes::new(&bytes)
    }

    #[getter]
    fn co_varnames(&self) -> Result<Ref<Tuple>, Raised> {
        self.slot_names(CO_FAST_LOCAL)
    }

    #[getter]
    fn co_cellvars(&self) -> Result<Ref<Tuple>, Raised> {
        self.slot_names(CO_FAST_CELL)
    }

    #[getter]
    fn co_freevars(&self) -> Result<Ref<Tuple>, Raised> {
        self.slot_names(CO_FAST_FREE)
    }

    /// The line table in the form before 3.10.
    #[getter]
    fn co_lnotab(&self) -> Result<Ref<Bytes>, Raised> {
        let mut table = habu_heap::Buffer::<u8>::new();
        let (mut line, mut offset) = (self.firstlineno.get(), 0usize);
        let lines = habu_bytecode::linetable::lines(self.linetable(), self.firstlineno.get());
        for (start, _, at) in lines {
            let Some(at) = at else { continue };
            if at == line {
                continue;
            }
            let (mut bytes, mut delta) = (start - offset, at - line);
            while bytes > 255 {
                table.extend_from_slice(&[255, 0])?;
                bytes -= 255;
            }
            while !(-128..=127).contains(&delta) {
                let step = delta.clamp(-128, 127);
                table.extend_from_slice(&[bytes as u8, step as i8 as u8])?;
                delta -= step;
                bytes = 0;
            }
            table.extend_from_slice(&[bytes as u8, delta as i8 as u8])?;
            (line, offset) = (at, start);
        }
        Bytes::new(&table)
    }
}

#[cold]
fn wrong(name: &str, expected: &str, given: &Object) -> Raised {
    raise!(TypeError, "replace() argument '{name}' must be {expected}, not {}", given.ty().full_name())
}

/// The error of a field that code objects lack.
#[cold]
fn unknown_field(changes: &Dict) -> Raised {
    const FIELDS: [&str; 18] = [
        "co_argcount",
        "co_posonlyargcount",
        "co_kwonlyargcount",
        "co_nlocals",
        "co_stacksize",
        "co_flags",
        "co_firstlineno",
        "co_code",
        "co_consts",
        "co_names",
        "co_varnames",
        "co_freevars",
        "co_cellvars",
        "co_filename",
        "co_name",
        "co_qualname",
        "co_linetable",
        "co_exceptiontable",
    ];
    let mut at = 0;
    while let Some((name, _)) = changes.next_item(&mut at) {
        let text = name.downcast::<Str>().map_or_else(String::new, |name| name.to_string_lossy());
        if !FIELDS.contains(&text.as_str()) {
            return raise!(TypeError, "'{text}' is an invalid keyword argument for replace()");
        }
    }
    raise!(TypeError, "invalid keyword argument for replace()")
}

/// Whether constants are the same, their types and the signs of zeros included.
fn same_constants(left: &Tuple, right: &Tuple) -> Result<bool, Raised> {
    let _depth = crate::threads::thread::NativeCall::enter(" in comparison")?;
    if left.len() != right.len() {
        return Ok(false);
    }
    for (left, right) in left.as_slice().iter().zip(right.as_slice()) {
        if left.is(right) {
            continue;
        }
        if !std::ptr::eq(left.ty(), right.ty()) {
            return Ok(false);
        }
        let same = if let (Some(left), Some(right)) = (left.downcast::<Tuple>(), right.downcast::<Tuple>()) {
            same_constants(left, right)?
        } else if let (Some(left), Some(right)) = (left.downcast::<Float>(), right.downcast::<Float>()) {
            left.value().to_bits() == right.value().to_bits()
        } else if let (Some(left), Some(right)) = (left.downcast::<Complex>(), right.downcast::<Complex>()) {
            let (left, right) = (left.value(), right.value());
            left.real.to_bits() == right.real.to_bits() && left.imag.to_bits() == right.imag.to_bits()
        } else {
            protocol::equal(left, right)?
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}
