//! Warnings about expressions that are certainly mistakes.

use super::Compiler;
use crate::ast::{CmpOp, Constant, Expr, ExprKind};

/// The name of a constant's type.
fn constant_type(constant: &Constant) -> &'static str {
    match constant {
        Constant::None => "NoneType",
        Constant::True | Constant::False => "bool",
        Constant::Ellipsis => "ellipsis",
        Constant::Int(_) | Constant::BigInt(_) => "int",
        Constant::Float(_) => "float",
        Constant::Complex(..) => "complex",
        Constant::Str(_) => "str",
        Constant::Bytes(_) => "bytes",
        Constant::Tuple(_) => "tuple",
        Constant::FrozenSet(_) => "frozenset",
        Constant::Code(_) => "code",
    }
}

/// The name of the type that an expression certainly has.
fn type_of(node: &Expr) -> Option<&'static str> {
    Some(match &node.kind {
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
        ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
        ExprKind::Set { .. } | ExprKind::SetComp { .. } => "set",
        ExprKind::GeneratorExp { .. } => "generator",
        ExprKind::Lambda { .. } => "function",
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "str",
        ExprKind::Constant { value, .. } => constant_type(value),
        _ => return None,
    })
}

/// Whether comparing the identity of an expression's value makes sense.
fn has_identity(node: &Expr) -> bool {
    match &node.kind {
        ExprKind::Constant { value, .. } => {
            matches!(value, Constant::None | Constant::True | Constant::False | Constant::Ellipsis)
        }
        _ => true,
    }
}

impl Compiler<'_> {
    /// `is` with a literal.
    pub(super) fn check_comparison(&mut self, node: &Expr) {
        let ExprKind::Compare { left, ops, comparators } = &node.kind else { return };
        let mut left: &Expr = left;
        for (op, right) in ops.iter().zip(comparators) {
            if !has_identity(left) || !has_identity(right) {
                match op {
                    CmpOp::Is => return self.warn("\"is\" with a literal. Did you mean \"==\"?"),
                    CmpOp::IsNot => return self.warn("\"is not\" with a literal. Did you mean \"!=\"?"),
                    _ => {}
                }
            }
            left = right;
        }
    }

    /// A call of what cannot be called.
    pub(super) fn check_called(&mut self, function: &Expr) {
        if !matches!(function.kind, ExprKind::Lambda { .. })
            && let Some(name) = type_of(function)
        {
            self.warn(format!("'{name}' object is not callable; perhaps you missed a comma?"));
        }
    }

    /// A subscript of what has none.
    pub(super) fn check_subscripted(&mut self, value: &Expr) {
        let is_wrong = match &value.kind {
            ExprKind::Constant { value, .. } => {
                !matches!(value, Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_) | Constant::Code(_))
            }
            ExprKind::Set { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::Lambda { .. } => true,
            _ => false,
        };
        if let (true, Some(name)) = (is_wrong, type_of(value)) {
            self.warn(format!("'{name}' object is not subscriptable; perhaps you missed a comma?"));
        }
    }

    /// A sequence with an index that is no index.
    pub(super) fn check_index(&mut self, value: &Expr, index: &Expr) {
        let Some(index_type) = type_of(index).filter(|name| !matches!(*name, "int" | "bool")) else { return };
        let is_sequence = match &value.kind {
            ExprKind::Constant { value, .. } => {
                matches!(value, Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_))
            }
            ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::JoinedStr { .. }
            | ExprKind::FormattedValue { .. } => true,
            _ => false,
        };
        if let (true, Some(name)) = (is_sequence, type_of(value)) {
            self.warn(format!(
                "{name} indices must be integers or slices, not {index_type}; perhaps you missed a comma?"
            ));
        }
    }
}
