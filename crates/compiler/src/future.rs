//! `from __future__ import ...`: which features a program asks for, and until which line it may.

use habu_bytecode::code;

use crate::ast::{Constant, ExprKind, Mod, Stmt, StmtKind};
use crate::error::Fault;
use crate::flowgraph::Location;

/// What the future statements of a program say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Future {
    /// The `CO_FUTURE_*` flags of the features.
    pub(crate) features: u32,
    /// The line of the last future statement; later ones are misplaced. -1 if there is none.
    pub(crate) last_line: i32,
}

impl Future {
    /// Whether annotations are kept as text.
    pub(crate) fn annotations(&self) -> bool {
        self.features & code::CO_FUTURE_ANNOTATIONS != 0
    }
}

/// Finds the future statements at the head of a program. `inherited` are features that are on from the start.
pub(crate) fn find(tree: &Mod, inherited: u32) -> Result<Future, Fault> {
    let mut future = Future { features: inherited, last_line: -1 };
    let (Mod::Module { body, .. } | Mod::Interactive { body }) = tree else { return Ok(future) };
    let mut is_over = false;
    let mut line = 0;
    for (index, statement) in body.iter().enumerate() {
        // What follows on a later line is the compiler's to refuse.
        if is_over && statement.location.line > line {
            break;
        }
        line = statement.location.line;
        match &statement.kind {
            StmtKind::ImportFrom { module, names, level }
                if module.as_ref().is_some_and(|module| module == "__future__") && level.unwrap_or(0) == 0 =>
            {
                if is_over {
                    let message = "from __future__ imports must occur at the beginning of the file";
                    let start = Location::from(statement.location);
                    return Err(Fault::Syntax(
                        message.into(),
                        Location { column: start.column - 1, ..without_end(start) },
                    ));
                }
                for alias in names {
                    future.features |= feature(&alias.name, statement)?;
                }
                future.last_line = i32::try_from(statement.location.line).unwrap_or(i32::MAX);
            }
            StmtKind::Expr { value } if index == 0 && is_string(&value.kind) => {}
            _ => is_over = true,
        }
    }
    Ok(future)
}

/// A place without an end, as CPython gives it for these errors.
fn without_end(at: Location) -> Location {
    Location { end_line: at.line, end_column: -1, ..at }
}

fn is_string(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Constant { value: Constant::Str(_), .. })
}

/// The flag of a feature; 0 for those that are always on and have none.
fn feature(name: &str, statement: &Stmt) -> Result<u32, Fault> {
    Ok(match name {
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement" | "print_function"
        | "unicode_literals" | "generator_stop" => 0,
        "barry_as_FLUFL" => code::CO_FUTURE_BARRY_AS_BDFL,
        "annotations" => code::CO_FUTURE_ANNOTATIONS,
        "braces" => return Err(Fault::syntax("not a chance", without_end(statement.location.into()))),
        _ => {
            let message = format!("future feature {name} is not defined");
            return Err(Fault::syntax(message, without_end(statement.location.into())));
        }
    })
}
