//! `_symtable`: what the compiler finds out about the names of a program, for the module `symtable`.

use std::mem::offset_of;

use habu_compiler::symtable::{ScopeId, SymbolTable};
use habu_compiler::{Mode, symtable as tables};
use habu_macros::{pymethods, pymodule, pytype};
use habu_runtime::object::descriptor_tables::{READONLY, T_INT, T_OBJECT};
use habu_runtime::object::{Field, IntoObject, MemberDef, Object, Raised, Ref, Room, create};
use habu_runtime::raise;
use habu_runtime::types::dict::Dict;
use habu_runtime::types::list::List;
use habu_runtime::types::module::Module;
use habu_runtime::types::none;
use habu_runtime::types::str::Str;

use crate::compiling::{Source, symbol_table};
use crate::fill::set;

/// A scope.
#[pytype(name = "symtable entry", doc = "", flag = DISALLOW_INSTANTIATION)]
pub(crate) struct Entry {
    base: Object,
    name: Field,
    /// Flags by name.
    symbols: Field<Dict>,
    varnames: Field<List>,
    /// The scopes inside.
    children: Field<List>,
    nested: i32,
    kind: i32,
    lineno: i32,
    room: Room<60>,
}

habu_runtime::assert_layout!(Entry, size 120);

const fn member(name: &'static std::ffi::CStr, kind: i32, offset: usize) -> MemberDef {
    MemberDef { name: name.as_ptr(), kind, offset: offset as isize, flags: READONLY, doc: std::ptr::null() }
}

static MEMBERS: &[MemberDef] = &[
    member(c"name", T_OBJECT, offset_of!(Entry, name)),
    member(c"symbols", T_OBJECT, offset_of!(Entry, symbols)),
    member(c"varnames", T_OBJECT, offset_of!(Entry, varnames)),
    member(c"children", T_OBJECT, offset_of!(Entry, children)),
    member(c"nested", T_INT, offset_of!(Entry, nested)),
    member(c"type", T_INT, offset_of!(Entry, kind)),
    member(c"lineno", T_INT, offset_of!(Entry, lineno)),
];

impl Entry {
    /// The entry of a table's outermost scope, with those of all the scopes inside: they nest deeper than the native stack reaches.
    fn tree(table: &SymbolTable) -> Result<Ref<Entry>, Raised> {
        let (top, children) = Entry::new(table, SymbolTable::TOP)?;
        let mut open = vec![(children, SymbolTable::TOP)];
        while let Some((list, id)) = open.pop() {
            for child in &table.scope(id).children {
                let (entry, children) = Entry::new(table, *child)?;
                list.push(entry.into_object())?;
                open.push((children, *child));
            }
        }
        Ok(top)
    }

    /// The entry of a scope, and the list for those of the scopes inside.
    fn new(table: &SymbolTable, id: ScopeId) -> Result<(Ref<Entry>, Ref<List>), Raised> {
        let scope = table.scope(id);
        let (symbols, varnames, children) = (Dict::new()?, List::new()?, List::new()?);
        for (name, flags) in scope.symbols.iter() {
            symbols.set(&*Str::intern(name)?, &*flags.into_object()?)?;
        }
        for name in &scope.varnames {
            varnames.push(Str::intern(name)?.into_object())?;
        }
        let entry = create(Entry {
            base: Object::of::<Entry>(),
            name: Field::new(Str::intern(&scope.name)?.into_object()),
            symbols: Field::new(symbols),
            varnames: Field::new(varnames),
            children: Field::new(children.clone()),
            nested: i32::from(scope.nested),
            kind: scope.kind as i32,
            lineno: scope.location.line,
            room: Room::new(),
        })?;
        Ok((entry, children))
    }
}

#[pymethods(members = MEMBERS)]
impl Entry {
    #[slot(tp_repr)]
    fn repr(&self) -> Result<Ref<Str>, Raised> {
        let name = habu_runtime::object::protocol::str(&self.name.get().unwrap_or_else(none))?;
        Str::from_format(format_args!("<symtable entry {name}({}), line {}>", self.address(), self.lineno))
    }

    #[getter]
    fn id(&self) -> Result<usize, Raised> {
        Ok(self.address())
    }
}

/// The functions of the module.
pub struct Symtable;

#[pymodule(name = "_symtable")]
impl Symtable {
    /// Return symbol and scope dictionaries used internally by compiler.
    #[signature(source, filename, startstr, /)]
    fn symtable(source: &Object, filename: &Object, startstr: &Str) -> Result<Ref<Entry>, Raised> {
        let filename = crate::compiling::file_name(filename)?.to_string_lossy();
        let source = Source::from_object(source, "symtable", "string or bytes")?;
        let mode = match startstr.as_ascii() {
            Some("exec") => Mode::Exec,
            Some("eval") => Mode::Eval,
            Some("single") => Mode::Single,
            _ => return Err(raise!(ValueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'")),
        };
        let table = symbol_table(&source, &filename, mode)?;
        Entry::tree(&table)
    }

    #[exec]
    fn fill(module: &Module) -> Result<(), Raised> {
        habu_runtime::types::type_::ready::ready_static(&ENTRY_TYPE)?;
        for (name, value) in [
            ("USE", tables::USE),
            ("DEF_GLOBAL", tables::DEF_GLOBAL),
            ("DEF_NONLOCAL", tables::DEF_NONLOCAL),
            ("DEF_LOCAL", tables::DEF_LOCAL),
            ("DEF_PARAM", tables::DEF_PARAM),
            ("DEF_FREE", tables::DEF_FREE),
            ("DEF_FREE_CLASS", tables::DEF_FREE_CLASS),
            ("DEF_IMPORT", tables::DEF_IMPORT),
            ("DEF_BOUND", tables::DEF_BOUND),
            ("DEF_ANNOT", tables::DEF_ANNOT),
            ("TYPE_FUNCTION", tables::ScopeKind::Function as u32),
            ("TYPE_CLASS", tables::ScopeKind::Class as u32),
            ("TYPE_MODULE", tables::ScopeKind::Module as u32),
            ("LOCAL", tables::Resolution::Local as u32),
            ("GLOBAL_EXPLICIT", tables::Resolution::GlobalExplicit as u32),
            ("GLOBAL_IMPLICIT", tables::Resolution::GlobalImplicit as u32),
            ("FREE", tables::Resolution::Free as u32),
            ("CELL", tables::Resolution::Cell as u32),
            ("SCOPE_OFF", tables::SCOPE_OFFSET),
            ("SCOPE_MASK", tables::SCOPE_MASK),
        ] {
            set(module, name, value)?;
        }
        Ok(())
    }
}
