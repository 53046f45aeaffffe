//! Augmented and annotated assignments.

use super::expression::{IN_PLACE, operation};
use super::unit::UnitKind;
use super::{Compiler, Done};
use crate::ast::{Constant, Expr, ExprContext, ExprKind, Name, Operator, Stmt, Text};
use crate::flowgraph::Op;

impl<'a> Compiler<'a> {
    pub(super) fn augmented(&mut self, node: &'a Stmt, target: &'a Expr, op: Operator, value: &'a Expr) -> Done {
        self.unit.at = target.location.into();
        match &target.kind {
            ExprKind::Attribute { value, attr, .. } => {
                self.expression(value)?;
                self.emit(Op::Copy, 1);
                self.start_at_attribute(target, attr);
                self.emit_name(Op::LoadAttr, attr);
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expression(value)?;
                self.expression(slice)?;
                self.emit(Op::Copy, 2);
                self.emit(Op::Copy, 2);
                self.emit(Op::BinarySubscr, 0);
            }
            ExprKind::Name { id, .. } => self.variable(id, ExprContext::Load)?,
            _ => return self.error("illegal expression for augmented assignment"),
        }
        self.unit.at = node.location.into();
        self.expression(value)?;
        self.emit(Op::BinaryOp, operation(op) + IN_PLACE);
        self.unit.at = target.location.into();
        match &target.kind {
            ExprKind::Attribute { attr, .. } => {
                self.start_at_attribute(target, attr);
                self.emit(Op::Swap, 2);
                self.emit_name(Op::StoreAttr, attr);
            }
            ExprKind::Subscript { .. } => {
                self.emit(Op::Swap, 3);
                self.emit(Op::Swap, 2);
                self.emit(Op::StoreSubscr, 0);
            }
            ExprKind::Name { id, .. } => self.variable(id, ExprContext::Store)?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn annotated(
        &mut self,
        target: &'a Expr,
        annotation: &'a Expr,
        value: Option<&'a Expr>,
        simple: bool,
    ) -> Done {
        if let Some(value) = value {
            self.expression(value)?;
            self.expression(target)?;
        }
        let evaluates = matches!(self.unit.kind, UnitKind::Module | UnitKind::Class);
        match &target.kind {
            ExprKind::Name { id, .. } => {
                self.refuse_debug(id, ExprContext::Store)?;
                if simple && evaluates {
                    self.annotation_value(annotation)?;
                    self.emit_name(Op::LoadName, &Name::from("__annotations__"));
                    let mangled = self.mangled(id);
                    self.load_constant(Constant::Str(Text::from(mangled.as_str())));
                    self.emit(Op::StoreSubscr, 0);
                }
            }
            ExprKind::Attribute { value: object, attr, .. } => {
                self.refuse_debug(attr, ExprContext::Store)?;
                if value.is_none() {
                    self.evaluate(object)?;
                }
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                if value.is_none() {
                    self.evaluate(object)?;
                    self.evaluate_subscript(slice)?;
                }
            }
            _ => return self.error("invalid node type for annotated assignment"),
        }
        // The annotation of a target that is no plain name is only evaluated.
        if !simple && evaluates && !self.program.future.annotations() {
            self.evaluate(annotation)?;
        }
        Ok(())
    }

    /// Pushes an annotation: its value, or its text if annotations are not evaluated.
    pub(super) fn annotation_value(&mut self, annotation: &'a Expr) -> Done {
        if self.program.future.annotations() {
            let outer = self.unit.at;
            self.load_constant(Constant::Str(crate::unparse::expression(annotation)?));
            self.unit.at = outer;
            return Ok(());
        }
        self.expression(annotation)
    }

    /// Evaluates an expression for its effects.
    fn evaluate(&mut self, node: &'a Expr) -> Done {
        self.expression(node)?;
        self.emit(Op::PopTop, 0);
        Ok(())
    }

    fn evaluate_subscript(&mut self, slice: &'a Expr) -> Done {
        match &slice.kind {
            ExprKind::Slice { lower, upper, step } => {
                [lower, upper, step].into_iter().flatten().try_for_each(|bound| self.evaluate(bound))
            }
            ExprKind::Tuple { elts, .. } => elts.iter().try_for_each(|element| self.evaluate_subscript(element)),
            _ => self.evaluate(slice),
        }
    }
}
