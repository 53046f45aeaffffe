//! Expressions: the dispatch, and those that are simple.

use super::unit::UnitKind;
use super::{Compiler, Done, MOST_ON_STACK};
use crate::ast::{Constant, Expr, ExprContext, ExprKind, Name, Operator, UnaryOp};
use crate::depth::grow;
use crate::flowgraph::{Arg, Location, Op};

/// What is added to the argument of `BINARY_OP` for an augmented assignment.
pub(super) const IN_PLACE: Arg = 13;

/// The argument of `BINARY_OP`.
pub(super) fn operation(op: Operator) -> Arg {
    match op {
        Operator::Add => 0,
        Operator::BitAnd => 1,
        Operator::FloorDiv => 2,
        Operator::LShift => 3,
        Operator::MatMult => 4,
        Operator::Mult => 5,
        Operator::Mod => 6,
        Operator::BitOr => 7,
        Operator::Pow => 8,
        Operator::RShift => 9,
        Operator::Sub => 10,
        Operator::Div => 11,
        Operator::BitXor => 12,
    }
}

impl<'a> Compiler<'a> {
    /// Visits an expression at its own location.
    pub(super) fn expression(&mut self, node: &'a Expr) -> Done {
        let outer = std::mem::replace(&mut self.unit.at, node.location.into());
        grow(|| self.expression_kind(node))?;
        self.unit.at = outer;
        Ok(())
    }

    fn expression_kind(&mut self, node: &'a Expr) -> Done {
        match &node.kind {
            ExprKind::NamedExpr { target, value } => {
                self.expression(value)?;
                self.emit(Op::Copy, 1);
                self.expression(target)
            }
            ExprKind::BoolOp { op, values } => self.boolean_value(*op, values),
            ExprKind::BinOp { left, op, right } => {
                self.expression(left)?;
                self.expression(right)?;
                self.emit(Op::BinaryOp, operation(*op));
                Ok(())
            }
            ExprKind::UnaryOp { op, operand } => {
                self.expression(operand)?;
                let op = match op {
                    UnaryOp::Invert => Op::UnaryInvert,
                    UnaryOp::Not => Op::UnaryNot,
                    UnaryOp::UAdd => Op::UnaryPositive,
                    UnaryOp::USub => Op::UnaryNegative,
                };
                self.emit(op, 0);
                Ok(())
            }
            ExprKind::Lambda { args, body } => self.lambda(node, args, body),
            ExprKind::IfExp { test, body, orelse } => self.conditional_value(test, body, orelse),
            ExprKind::Dict { keys, values } => self.dict(keys, values),
            ExprKind::Set { elts } => self.set(elts),
            ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::GeneratorExp { .. } => self.comprehension(node),
            ExprKind::Yield { value } => {
                if !self.in_function() {
                    return self.error("'yield' outside function");
                }
                match value {
                    Some(value) => self.expression(value)?,
                    None => self.load_constant(Constant::None),
                }
                self.emit_yield();
                Ok(())
            }
            ExprKind::YieldFrom { value } => {
                if !self.in_function() {
                    return self.error("'yield' outside function");
                }
                if self.unit.kind == UnitKind::AsyncFunction {
                    return self.error("'yield from' inside async function");
                }
                self.expression(value)?;
                self.emit(Op::GetYieldFromIter, 0);
                self.load_constant(Constant::None);
                self.emit_yield_from(false);
                Ok(())
            }
            ExprKind::Await { value } => self.await_expression(value),
            ExprKind::Compare { left, ops, comparators } => self.comparison_value(node, left, ops, comparators),
            ExprKind::Call { func, args, keywords } => self.call(node, func, args, keywords),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted_value(value, *conversion, format_spec.as_deref())
            }
            ExprKind::JoinedStr { values } => self.joined_string(values),
            ExprKind::Constant { value, .. } => {
                self.load_constant(value.clone());
                Ok(())
            }
            ExprKind::Attribute { value, attr, ctx } => self.attribute(node, value, attr, *ctx),
            ExprKind::Subscript { value, slice, ctx } => self.subscript(value, slice, *ctx),
            ExprKind::Starred { ctx: ExprContext::Store, .. } => {
                self.error("starred assignment target must be in a list or tuple")
            }
            ExprKind::Starred { .. } => self.error("can't use starred expression here"),
            ExprKind::Name { id, ctx } => self.variable(id, *ctx),
            ExprKind::List { elts, ctx } => self.list(elts, *ctx),
            ExprKind::Tuple { elts, ctx } => self.tuple(elts, *ctx),
            ExprKind::Slice { lower, upper, step } => {
                for bound in [lower, upper] {
                    match bound {
                        Some(bound) => self.expression(bound)?,
                        None => self.load_constant(Constant::None),
                    }
                }
                if let Some(step) = step {
                    self.expression(step)?;
                }
                self.emit(Op::BuildSlice, if step.is_some() { 3 } else { 2 });
                Ok(())
            }
        }
    }

    fn await_expression(&mut self, value: &'a Expr) -> Done {
        if !self.allows_top_level_await() {
            if !self.in_function() {
                return self.error("'await' outside function");
            }
            if !matches!(self.unit.kind, UnitKind::AsyncFunction | UnitKind::Comprehension) {
                return self.error("'await' outside async function");
            }
        }
        self.expression(value)?;
        self.emit_await(0);
        Ok(())
    }

    fn formatted_value(&mut self, value: &'a Expr, conversion: i32, spec: Option<&'a Expr>) -> Done {
        self.expression(value)?;
        let mut arg = match u8::try_from(conversion) {
            Ok(b's') => 1,
            Ok(b'r') => 2,
            Ok(b'a') => 3,
            _ if conversion == -1 => 0,
            _ => return Err(crate::error::Fault::Internal("Unrecognized conversion character")),
        };
        if let Some(spec) = spec {
            self.expression(spec)?;
            arg |= 4;
        }
        self.emit(Op::FormatValue, arg);
        Ok(())
    }

    fn joined_string(&mut self, values: &'a [Expr]) -> Done {
        if values.len() > MOST_ON_STACK {
            self.load_constant(Constant::Str("".into()));
            self.emit_name(Op::LoadMethod, &Name::from("join"));
            self.emit(Op::BuildList, 0);
            for value in values {
                self.expression(value)?;
                self.emit(Op::ListAppend, 1);
            }
            self.emit(Op::Precall, 1);
            self.emit(Op::Call, 1);
            return Ok(());
        }
        self.expressions(values)?;
        if values.len() != 1 {
            self.emit_count(Op::BuildString, values.len());
        }
        Ok(())
    }

    fn attribute(&mut self, node: &'a Expr, value: &'a Expr, attribute: &Name, context: ExprContext) -> Done {
        self.expression(value)?;
        let outer = self.unit.at;
        self.start_at_attribute(node, attribute);
        self.refuse_debug(attribute, if context == ExprContext::Store { context } else { ExprContext::Load })?;
        let op = match context {
            ExprContext::Load => Op::LoadAttr,
            ExprContext::Store => Op::StoreAttr,
            ExprContext::Del => Op::DeleteAttr,
        };
        self.emit_name(op, attribute);
        self.unit.at = outer;
        Ok(())
    }

    /// Moves the start of the current location to the attribute's name, if that stands on a later line than the start.
    pub(super) fn start_at_attribute(&mut self, node: &Expr, attribute: &Name) {
        let place = Location::from(node.location);
        let at = &mut self.unit.at;
        if at.line == place.end_line {
            return;
        }
        at.line = place.end_line;
        let length = i32::try_from(attribute.chars().count()).unwrap_or(i32::MAX);
        if length <= place.end_column {
            at.column = place.end_column - length;
        } else {
            // Only a tree that no parser made can have such a place.
            at.column = -1;
            at.end_column = -1;
        }
        at.end_line = at.end_line.max(at.line);
    }

    fn subscript(&mut self, value: &'a Expr, slice: &'a Expr, context: ExprContext) -> Done {
        if context == ExprContext::Load {
            self.check_subscripted(value);
            self.check_index(value, slice);
        }
        self.expression(value)?;
        self.expression(slice)?;
        let op = match context {
            ExprContext::Load => Op::BinarySubscr,
            ExprContext::Store => Op::StoreSubscr,
            ExprContext::Del => Op::DeleteSubscr,
        };
        self.emit(op, 0);
        Ok(())
    }
}
