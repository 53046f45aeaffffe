//! Functions, lambdas and classes.

use std::sync::Arc;

use habu_bytecode::Code;

use super::unit::{Unit, UnitKind};
use super::{Compiler, Done, docstring};
use crate::ast::{Arg, Arguments, Constant, Expr, ExprContext, ExprKind, Name, Stmt, StmtKind, Text};
use crate::error::Fault;
use crate::flowgraph::{Location, Op};
use crate::symtable::ScopeId;

/// `MAKE_FUNCTION`: there is a tuple of defaults.
const HAS_DEFAULTS: u32 = 1;
/// `MAKE_FUNCTION`: there is a dictionary of defaults of keyword-only parameters.
const HAS_KEYWORD_DEFAULTS: u32 = 2;
/// `MAKE_FUNCTION`: there is a tuple of annotations.
const HAS_ANNOTATIONS: u32 = 4;
/// `MAKE_FUNCTION`: there is a tuple of cells.
const HAS_CLOSURE: u32 = 8;

fn string(text: &str) -> Constant {
    Constant::Str(Text::from(text))
}

impl<'a> Compiler<'a> {
    /// Opens a code object for a scope.
    pub(super) fn enter(&mut self, scope: ScopeId, kind: UnitKind, name: Name, line: i32) {
        let outer = Some((&self.unit, self.outer.is_empty()));
        let unit = Unit::new(&self.program, scope, kind, name, line, outer);
        self.push_unit(unit);
    }

    pub(super) fn function(&mut self, node: &'a Stmt) -> Done {
        let (StmtKind::FunctionDef { name, args, body, decorator_list, returns, .. }
        | StmtKind::AsyncFunctionDef { name, args, body, decorator_list, returns, .. }) = &node.kind
        else {
            return Ok(());
        };
        let is_async = matches!(node.kind, StmtKind::AsyncFunctionDef { .. });
        self.refuse_debug_parameters(args)?;
        self.expressions(decorator_list)?;
        let line = Location::from(decorator_list.first().map_or(node.location, |first| first.location)).line;
        let mut flags = self.defaults(args)?;
        flags |= self.annotations(args, returns.as_deref())?;
        let kind = if is_async { UnitKind::AsyncFunction } else { UnitKind::Function };
        let scope = self.program.table.of_statement(node)?;
        self.enter(scope, kind, name.clone(), line);
        let doc = docstring(body).filter(|_| self.program.optimize < 2);
        // The first constant is the docstring, or `None`.
        self.add_constant(doc.map_or(Constant::None, |text| Constant::Str(text.clone())));
        self.count_parameters(args);
        self.statements(if doc.is_some() { body.get(1..).unwrap_or_default() } else { body })?;
        let code = self.pop_unit(true)?;
        self.make_closure(code, flags)?;
        self.apply_decorators(decorator_list);
        self.store_name(name)
    }

    pub(super) fn lambda(&mut self, node: &'a Expr, args: &'a Arguments, body: &'a Expr) -> Done {
        self.refuse_debug_parameters(args)?;
        let flags = self.defaults(args)?;
        let scope = self.program.table.of_expression(node)?;
        self.enter(scope, UnitKind::Lambda, "<lambda>".into(), Location::from(node.location).line);
        // A lambda has no docstring, so its first constant must not be a string.
        self.add_constant(Constant::None);
        self.count_parameters(args);
        self.expression(body)?;
        let is_generator = self.unit.is_generator;
        if !is_generator {
            self.emit(Op::ReturnValue, 0);
        }
        let code = self.pop_unit(!is_generator)?;
        self.make_closure(code, flags)
    }

    fn count_parameters(&mut self, args: &Arguments) {
        self.unit.argcount = args.args.len();
        self.unit.posonlyargcount = args.posonlyargs.len();
        self.unit.kwonlyargcount = args.kwonlyargs.len();
    }

    /// No parameter may be called `__debug__`.
    fn refuse_debug_parameters(&self, args: &Arguments) -> Done {
        let named = args.posonlyargs.iter().chain(&args.args).chain(args.vararg.as_deref());
        for Arg { arg, .. } in named.chain(&args.kwonlyargs).chain(args.kwarg.as_deref()) {
            self.refuse_debug(arg, ExprContext::Store)?;
        }
        Ok(())
    }

    /// Pushes the defaults of parameters; answers the flags of `MAKE_FUNCTION` for them.
    fn defaults(&mut self, args: &'a Arguments) -> Result<u32, Fault> {
        let mut flags = 0;
        if !args.defaults.is_empty() {
            self.expressions(&args.defaults)?;
            self.emit_count(Op::BuildTuple, args.defaults.len());
            flags |= HAS_DEFAULTS;
        }
        let mut keys = Vec::new();
        for (arg, default) in args.kwonlyargs.iter().zip(&args.kw_defaults) {
            if let Some(default) = default {
                keys.push(string(&self.mangled(&arg.arg)));
                self.expression(default)?;
            }
        }
        if !keys.is_empty() {
            let count = keys.len();
            self.load_constant(Constant::Tuple(keys.into()));
            self.emit_count(Op::BuildConstKeyMap, count);
            flags |= HAS_KEYWORD_DEFAULTS;
        }
        Ok(flags)
    }

    /// Pushes the annotations of parameters and of the result; answers the flag of `MAKE_FUNCTION` for them.
    fn annotations(&mut self, args: &'a Arguments, returns: Option<&'a Expr>) -> Result<u32, Fault> {
        let named = args.args.iter().chain(&args.posonlyargs).chain(args.vararg.as_deref());
        let all = named.chain(&args.kwonlyargs).chain(args.kwarg.as_deref());
        let return_name = Name::from("return");
        let annotated = all.filter_map(|arg| Some((&arg.arg, arg.annotation.as_deref()?)));
        let mut count = 0;
        for (name, annotation) in annotated.chain(returns.map(|returns| (&return_name, returns))) {
            self.load_constant(string(&self.mangled(name)));
            match &annotation.kind {
                // `*args: *Ts` annotates with the only item of the unpacked value.
                ExprKind::Starred { value, .. } if !self.program.future.annotations() => {
                    self.expression(value)?;
                    self.emit(Op::UnpackSequence, 1);
                }
                _ => self.annotation_value(annotation)?,
            }
            count += 2;
        }
        if count == 0 {
            return Ok(0);
        }
        self.emit_count(Op::BuildTuple, count);
        Ok(HAS_ANNOTATIONS)
    }

    /// Makes a function of a code object, with the cells that it needs.
    pub(super) fn make_closure(&mut self, code: Arc<Code>, mut flags: u32) -> Done {
        let free: Vec<Name> = code.freevars().map(|name| Name::from(&*name.to_str_lossy())).collect();
        if !free.is_empty() {
            for name in &free {
                let cell = self.cell_index(name, self.closure_kind(name))?;
                self.emit(Op::LoadClosure, cell);
            }
            self.emit_count(Op::BuildTuple, free.len());
            flags |= HAS_CLOSURE;
        }
        self.load_constant(Constant::Code(code));
        self.emit(Op::MakeFunction, flags);
        Ok(())
    }

    fn apply_decorators(&mut self, decorators: &'a [Expr]) {
        let outer = self.unit.at;
        for decorator in decorators.iter().rev() {
            self.unit.at = decorator.location.into();
            self.emit(Op::Precall, 0);
            self.emit(Op::Call, 0);
        }
        self.unit.at = outer;
    }

    pub(super) fn class(&mut self, node: &'a Stmt) -> Done {
        let StmtKind::ClassDef { name, bases, keywords, body, decorator_list } = &node.kind else { return Ok(()) };
        self.expressions(decorator_list)?;
        let line = Location::from(decorator_list.first().map_or(node.location, |first| first.location)).line;
        let scope = self.program.table.of_statement(node)?;
        self.enter(scope, UnitKind::Class, name.clone(), line);
        self.unit.class = Some(name.clone());
        self.variable(&"__name__".into(), ExprContext::Load)?;
        self.store_name(&"__module__".into())?;
        self.load_constant(string(&self.unit.qualname));
        self.store_name(&"__qualname__".into())?;
        self.body(body)?;
        self.unlocate();
        if self.program.table.scope(scope).needs_class_cell {
            // `type.__new__` finds the cell in the namespace and fills it.
            self.emit(Op::LoadClosure, 0);
            self.emit(Op::Copy, 1);
            self.store_name(&"__classcell__".into())?;
        } else {
            self.load_constant(Constant::None);
        }
        self.emit(Op::ReturnValue, 0);
        let code = self.pop_unit(true)?;
        self.emit(Op::PushNull, 0);
        self.emit(Op::LoadBuildClass, 0);
        self.make_closure(code, 0)?;
        self.load_constant(string(name));
        self.call_with(2, bases, keywords)?;
        self.apply_decorators(decorator_list);
        self.store_name(name)
    }
}
