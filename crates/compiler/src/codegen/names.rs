//! Variables: which instruction reaches a name, by what the symbol table says of it.

use super::{Compiler, Done};
use crate::ast::{ExprContext, Name};
use crate::error::Fault;
use crate::flowgraph::{Arg, Op};
use crate::symtable::{Resolution, mangle};

impl Compiler<'_> {
    /// The name as the current class mangles it.
    pub(super) fn mangled(&self, name: &Name) -> Name {
        mangle(self.unit.class.as_ref(), name)
    }

    /// Appends an instruction whose argument is a name: of an attribute, an import, a global.
    pub(super) fn emit_name(&mut self, op: Op, name: &Name) {
        let mangled = self.mangled(name);
        let index = self.unit.names.add(mangled);
        self.emit(op, index);
    }

    pub(super) fn store_name(&mut self, name: &Name) -> Done {
        self.variable(name, ExprContext::Store)
    }

    /// Sets a variable to `None` and deletes it, so that it is gone whatever happened to it.
    pub(super) fn forget_name(&mut self, name: &Name) -> Done {
        self.load_constant(habu_bytecode::Constant::None);
        self.variable(name, ExprContext::Store)?;
        self.variable(name, ExprContext::Del)
    }

    /// Refuses to bind `__debug__`.
    pub(super) fn refuse_debug(&self, name: &Name, context: ExprContext) -> Done {
        match context {
            ExprContext::Store if name == "__debug__" => self.error("cannot assign to __debug__"),
            ExprContext::Del if name == "__debug__" => self.error("cannot delete __debug__"),
            _ => Ok(()),
        }
    }

    /// Loads, stores or deletes a variable.
    pub(super) fn variable(&mut self, name: &Name, context: ExprContext) -> Done {
        self.refuse_debug(name, context)?;
        let mangled = self.mangled(name);
        let resolution = self.program.table.scope(self.unit.scope).resolve(&mangled);
        let choose = |load: Op, store: Op, delete: Op| match context {
            ExprContext::Load => load,
            ExprContext::Store => store,
            ExprContext::Del => delete,
        };
        match resolution {
            Resolution::Free | Resolution::Cell => {
                let load = if self.is_class_scope() { Op::LoadClassderef } else { Op::LoadDeref };
                let cell = self.cell_index(&mangled, resolution)?;
                self.emit(choose(load, Op::StoreDeref, Op::DeleteDeref), cell);
            }
            Resolution::Local if self.in_function() => {
                let index = self.unit.varnames.add(mangled);
                self.emit(choose(Op::LoadFast, Op::StoreFast, Op::DeleteFast), index);
            }
            _ if resolution == Resolution::GlobalExplicit
                || (resolution == Resolution::GlobalImplicit && self.in_function()) =>
            {
                let index = self.unit.names.add(mangled);
                // The low bit of LOAD_GLOBAL's argument asks for a null below the value.
                let arg = if context == ExprContext::Load { index << 1 } else { index };
                self.emit(choose(Op::LoadGlobal, Op::StoreGlobal, Op::DeleteGlobal), arg);
            }
            _ => {
                let index = self.unit.names.add(mangled);
                self.emit(choose(Op::LoadName, Op::StoreName, Op::DeleteName), index);
            }
        }
        Ok(())
    }

    fn is_class_scope(&self) -> bool {
        self.unit.kind == super::UnitKind::Class
    }

    /// The index of a cell or free variable, counted through both.
    pub(super) fn cell_index(&self, mangled: &Name, resolution: Resolution) -> Result<Arg, Fault> {
        let index = if resolution == Resolution::Cell {
            self.unit.cellvars.index_of(&**mangled)
        } else {
            let cells = Arg::try_from(self.unit.cellvars.len()).unwrap_or(Arg::MAX);
            self.unit.freevars.index_of(&**mangled).map(|index| index.saturating_add(cells))
        };
        index.ok_or(Fault::Internal("a variable without a cell"))
    }

    /// Whether a variable that an enclosed function takes is a cell here or free here too.
    pub(super) fn closure_kind(&self, name: &Name) -> Resolution {
        if self.is_class_scope() && name == "__class__" {
            return Resolution::Cell;
        }
        match self.program.table.scope(self.unit.scope).resolve(name) {
            Resolution::Cell => Resolution::Cell,
            _ => Resolution::Free,
        }
    }
}
