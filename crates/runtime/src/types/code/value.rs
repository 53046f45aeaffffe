//! The code object as Rust uses it.
//!
//! The instructions stand behind the fields, in the object itself, and change while the code runs: specialised forms take the
//! place of general ones. Everything else is written once, when the object is made, before anybody sees it.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::NonNull;

use habu_bytecode::{Opcode, code as facts};
use habu_macros::pytype;

use crate::object::{Field, Object, Raised, Ref, VarObject};
use crate::types::bytes::Bytes;
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// Create a code object.  Not for the faint of heart.
#[pytype(name = "code", generic_get, c_name = "PyCode_Type", weaklist = weaklist, itemsize = 2)]
pub struct Code {
    /// The header; its size is the number of code units.
    pub base: VarObject,
    /// `co_consts`
    pub consts: Field<Tuple>,
    /// `co_names`
    pub names: Field<Tuple>,
    /// `co_exceptiontable`
    pub exceptiontable: Field<Bytes>,
    /// `co_flags`
    pub flags: Cell<u32>,
    /// Counts up to 0, at which the code is quickened.
    pub warmup: Cell<i16>,
    /// Not 0 while the instructions have not been verified, or are refused; CPython keeps something else here. See [`Code::takes_plainly`].
    pub unverified: Cell<i16>,
    /// `co_argcount`
    pub argcount: Cell<i32>,
    /// `co_posonlyargcount`
    pub posonlyargcount: Cell<i32>,
    /// `co_kwonlyargcount`
    pub kwonlyargcount: Cell<i32>,
    /// `co_stacksize`
    pub stacksize: Cell<i32>,
    /// `co_firstlineno`
    pub firstlineno: Cell<i32>,
    /// The number of slots before the value stack.
    pub nlocalsplus: Cell<i32>,
    /// `co_nlocals`
    pub nlocals: Cell<i32>,
    /// Cells that are no parameters.
    pub nplaincellvars: Cell<i32>,
    /// All cells.
    pub ncellvars: Cell<i32>,
    /// Free variables.
    pub nfreevars: Cell<i32>,
    /// Names of the slots.
    pub localsplusnames: Field<Tuple>,
    /// Kinds of the slots.
    pub localspluskinds: Field<Bytes>,
    /// `co_filename`
    pub filename: Field<Str>,
    /// `co_name`
    pub name: Field<Str>,
    /// `co_qualname`
    pub qualname: Field<Str>,
    /// `co_linetable`
    pub linetable: Field<Bytes>,
    /// Weak references to the code.
    pub weaklist: Cell<*const Object>,
    /// `co_code`, once it was asked for.
    pub code_bytes: Field<Bytes>,
    /// Unused.
    pub linearray: Cell<*mut c_void>,
    /// The index of the first unit behind the prologue.
    pub firsttraceable: Cell<i32>,
    /// Data of extensions.
    pub extra: Cell<*mut c_void>,
    units: [u16; 0],
}

/// What says that the instructions have not been verified yet.
pub(super) const UNVERIFIED: i16 = 1;
/// What says that the verifier refused the instructions: they never run.
pub(super) const REFUSED: i16 = 2;

crate::assert_layout!(Code, size 184, consts @ 24, flags @ 48, warmup @ 52, unverified @ 54, argcount @ 56, firstlineno @ 72, nfreevars @ 92,
    localsplusnames @ 96, filename @ 112, linetable @ 136, weaklist @ 144, code_bytes @ 152, firsttraceable @ 168, units @ 184);

/// What a code object's warm-up counter starts with (`QUICKENING_INITIAL_WARMUP_VALUE`).
pub const INITIAL_WARMUP: i16 = -8;

/// The fields of a new code object, as owned values.
pub struct Parts {
    /// Parameters, positional-only ones, keyword-only ones.
    pub counts: (u32, u32, u32),
    /// The depth of the value stack.
    pub stacksize: u32,
    /// `CO_*`
    pub flags: u32,
    /// `co_firstlineno`
    pub firstlineno: i32,
    /// Constants.
    pub consts: Ref<Tuple>,
    /// Names.
    pub names: Ref<Tuple>,
    /// Names of the slots.
    pub localsplusnames: Ref<Tuple>,
    /// Kinds of the slots.
    pub localspluskinds: Ref<Bytes>,
    /// The file.
    pub filename: Ref<Str>,
    /// The name.
    pub name: Ref<Str>,
    /// The qualified name.
    pub qualname: Ref<Str>,
    /// Locations.
    pub linetable: Ref<Bytes>,
    /// Handlers.
    pub exceptiontable: Ref<Bytes>,
}

impl Code {
    /// A code object of verified parts: `code` is an even number of bytes, the kinds are as many as the names.
    pub(super) fn from_parts(parts: Parts, code: &[u8]) -> Result<Ref<Code>, Raised> {
        let size = size_of::<Code>() + code.len();
        let memory = crate::object::allocate::raw_memory(0, size, false)?;
        let kinds = parts.localspluskinds.as_slice();
        let count = |mask: u8| kinds.iter().filter(|kind| **kind & mask != 0).count() as i32;
        let (nlocals, ncells, nfree) =
            (count(facts::CO_FAST_LOCAL), count(facts::CO_FAST_CELL), count(facts::CO_FAST_FREE));
        let plain_cells = kinds.iter().filter(|kind| **kind & !facts::CO_FAST_LOCAL == facts::CO_FAST_CELL);
        let plain_cells = plain_cells.filter(|kind| **kind & facts::CO_FAST_LOCAL == 0).count() as i32;
        let value = Code {
            base: VarObject::header(&raw const CODE_TYPE.ty, (code.len() / 2) as isize),
            flags: Cell::new(parts.flags),
            warmup: Cell::new(INITIAL_WARMUP),
            unverified: Cell::new(0),
            argcount: Cell::new(parts.counts.0 as i32),
            posonlyargcount: Cell::new(parts.counts.1 as i32),
            kwonlyargcount: Cell::new(parts.counts.2 as i32),
            stacksize: Cell::new(parts.stacksize as i32),
            firstlineno: Cell::new(parts.firstlineno),
            nlocalsplus: Cell::new(kinds.len() as i32),
            nlocals: Cell::new(nlocals),
            nplaincellvars: Cell::new(plain_cells),
            ncellvars: Cell::new(ncells),
            nfreevars: Cell::new(nfree),
            consts: Field::new(parts.consts),
            names: Field::new(parts.names),
            exceptiontable: Field::new(parts.exceptiontable),
            localsplusnames: Field::new(parts.localsplusnames),
            localspluskinds: Field::new(parts.localspluskinds),
            filename: Field::new(parts.filename),
            name: Field::new(parts.name),
            qualname: Field::new(parts.qualname),
            linetable: Field::new(parts.linetable),
            weaklist: Cell::new(std::ptr::null()),
            code_bytes: Field::empty(),
            linearray: Cell::new(std::ptr::null_mut()),
            firsttraceable: Cell::new(first_traceable(code)),
            extra: Cell::new(std::ptr::null_mut()),
            units: [],
        };
        // SAFETY: the memory is ours, aligned, and has room for the fields and the units.
        unsafe {
            let object = memory.cast::<Code>();
            object.write(value);
            let units = object.cast::<u8>().add(size_of::<Code>());
            std::ptr::copy_nonoverlapping(code.as_ptr(), units.as_ptr(), code.len());
            Ok(Ref::from_owned(object))
        }
    }

    /// The number of code units.
    #[inline(always)]
    pub fn unit_count(&self) -> usize {
        self.base.size.get() as usize
    }

    /// The first code unit.
    #[inline(always)]
    pub fn first_unit(&self) -> *mut u16 {
        // SAFETY: the units follow the fields, in the same object.
        unsafe { std::ptr::from_ref(self).cast::<u8>().add(size_of::<Code>()).cast_mut().cast() }
    }

    /// The units as they stand now, specialised forms and caches included.
    pub fn units(&self) -> &[Cell<u16>] {
        // SAFETY: the object has that many units behind its fields, all initialised; cells allow for their changes.
        unsafe { std::slice::from_raw_parts(self.first_unit().cast::<Cell<u16>>(), self.unit_count()) }
    }

    /// The instructions as the compiler wrote them: general forms, caches zero.
    pub fn plain_bytes(&self) -> Result<habu_heap::Buffer<u8>, Raised> {
        if let Some(known) = self.code_bytes.get() {
            return Ok(habu_heap::Buffer::from_slice(known.as_slice())?);
        }
        let mut out = habu_heap::Buffer::with_capacity(self.unit_count() * 2)?;
        let mut caches = 0;
        for unit in self.units() {
            let [number, argument] = unit.get().to_le_bytes();
            if caches > 0 {
                caches -= 1;
                out.extend_from_slice(&[0, 0])?;
                continue;
            }
            let op = Opcode::from_u8(number);
            caches = op.map_or(0, Opcode::caches);
            out.extend_from_slice(&[op.map_or(number, |op| op.deopt() as u8), argument])?;
        }
        Ok(out)
    }

    /// Whether a call with as many positional arguments as there are parameters need only move them to the slots: no `*args` and `**kwargs`,
    /// locals of a function's kind, and instructions that are verified.
    #[inline(always)]
    pub fn takes_plainly(&self) -> bool {
        self.takes(facts::CO_OPTIMIZED)
    }

    /// The same of a function with `*args`, which takes what is beyond the parameters.
    #[inline(always)]
    pub fn takes_surplus(&self) -> bool {
        self.takes(facts::CO_OPTIMIZED | facts::CO_VARARGS)
    }

    #[inline(always)]
    fn takes(&self, flags: u32) -> bool {
        const ASKED: u32 = facts::CO_OPTIMIZED | facts::CO_VARARGS | facts::CO_VARKEYWORDS;
        // SAFETY: the eight bytes from `flags` on are flags, `warmup` and `unverified`: one load instead of two.
        let word = unsafe { std::ptr::from_ref(self).byte_add(std::mem::offset_of!(Code, flags)).cast::<u64>().read() };
        word & (0xFFFF << 48 | u64::from(ASKED)) == u64::from(flags)
    }

    /// Whether all bits of `mask` are set in the flags.
    #[inline(always)]
    pub fn has_flags(&self, mask: u32) -> bool {
        self.flags.get() & mask == mask
    }

    /// A field that is written only once, borrowed with the code.
    #[inline(always)]
    fn fixed<T: AsRef<Object>>(field: &Field<T>) -> &T {
        // SAFETY: `from_parts` fills these fields and nothing ever changes them.
        unsafe { field.borrow().unwrap_unchecked() }
    }

    /// `co_consts`
    #[inline(always)]
    pub fn consts(&self) -> &Tuple {
        Code::fixed(&self.consts)
    }

    /// `co_names`
    #[inline(always)]
    pub fn names(&self) -> &Tuple {
        Code::fixed(&self.names)
    }

    /// `co_exceptiontable`
    #[inline(always)]
    pub fn exceptiontable(&self) -> &[u8] {
        Code::fixed(&self.exceptiontable).as_slice()
    }

    /// Names of the slots.
    #[inline(always)]
    pub fn localsplusnames(&self) -> &Tuple {
        Code::fixed(&self.localsplusnames)
    }

    /// Kinds of the slots.
    #[inline(always)]
    pub fn localspluskinds(&self) -> &[u8] {
        Code::fixed(&self.localspluskinds).as_slice()
    }

    /// `co_name`
    #[inline(always)]
    pub fn name(&self) -> &Str {
        Code::fixed(&self.name)
    }

    /// `co_qualname`
    #[inline(always)]
    pub fn qualname(&self) -> &Str {
        Code::fixed(&self.qualname)
    }

    /// `co_filename`.  The import system may replace it, so it is a reference of its own.
    pub fn filename(&self) -> Ref<Str> {
        self.filename.get().unwrap_or_else(crate::types::str::intern::empty)
    }

    /// `co_linetable`
    #[inline(always)]
    pub fn linetable(&self) -> &[u8] {
        Code::fixed(&self.linetable).as_slice()
    }

    /// The line of the code unit at the byte `offset`; nothing for instructions without one.
    pub fn line_at(&self, offset: i32) -> Option<i32> {
        if offset < 0 {
            return Some(self.firstlineno.get());
        }
        habu_bytecode::linetable::line_at(self.linetable(), self.firstlineno.get(), offset as usize)
    }

    /// The name of a slot.
    pub fn slot_name(&self, index: usize) -> Ref<Str> {
        let name = self.localsplusnames().get(index).and_then(|name| name.downcast_into::<Str>().ok());
        name.unwrap_or_else(crate::types::str::intern::empty)
    }

    /// The address of the unit at `index`.
    pub fn unit(&self, index: usize) -> NonNull<u16> {
        debug_assert!(index <= self.unit_count());
        // SAFETY: within the object or one past its end.
        unsafe { NonNull::new_unchecked(self.first_unit().add(index)) }
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        if !self.extra.get().is_null() {
            super::extra::drop_all(self);
        }
        let freed = &crate::threads::Thread::current().interpreter().codes_freed;
        freed.set(freed.get().wrapping_add(1));
    }
}

/// The index of the first unit that a tracer sees: behind the instructions that set the frame up, at RESUME.
fn first_traceable(code: &[u8]) -> i32 {
    let units = code.chunks_exact(2);
    let found = units.clone().position(|unit| unit[0] == Opcode::Resume as u8);
    found.unwrap_or(units.len()) as i32
}
