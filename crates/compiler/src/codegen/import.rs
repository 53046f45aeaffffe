//! `import` statements.

use super::{Compiler, Done};
use crate::ast::{Alias, Constant, Name, Stmt, Text};
use crate::flowgraph::Op;

impl<'a> Compiler<'a> {
    pub(super) fn import(&mut self, names: &'a [Alias]) -> Done {
        for alias in names {
            self.load_constant(Constant::Int(0));
            self.load_constant(Constant::None);
            self.emit_name(Op::ImportName, &alias.name);
            match (&alias.asname, alias.name.split_once('.')) {
                (Some(name), Some((_, attributes))) => self.import_as(attributes, name)?,
                (Some(name), None) => self.store_name(name)?,
                (None, Some((first, _))) => self.store_name(&Name::from(first))?,
                (None, None) => self.store_name(&alias.name)?,
            }
        }
        Ok(())
    }

    /// `import a.b.c as name`: the statement gives `a`, from which the rest is fetched.
    fn import_as(&mut self, attributes: &str, name: &Name) -> Done {
        for (index, attribute) in attributes.split('.').enumerate() {
            if index > 0 {
                self.emit(Op::Swap, 2);
                self.emit(Op::PopTop, 0);
            }
            self.emit_name(Op::ImportFrom, &Name::from(attribute));
        }
        self.store_name(name)?;
        self.emit(Op::PopTop, 0);
        Ok(())
    }

    pub(super) fn import_from(
        &mut self,
        node: &Stmt,
        module: Option<&Name>,
        names: &'a [Alias],
        level: Option<i32>,
    ) -> Done {
        self.load_constant(Constant::Int(i64::from(level.unwrap_or(0))));
        let line = i32::try_from(node.location.line).unwrap_or(i32::MAX);
        if line > self.program.future.last_line && module.is_some_and(|module| module == "__future__") {
            return self.error("from __future__ imports must occur at the beginning of the file");
        }
        let listed = names.iter().map(|alias| Constant::Str(Text::from(alias.name.as_str()))).collect();
        self.load_constant(Constant::Tuple(listed));
        match module {
            Some(module) => self.emit_name(Op::ImportName, module),
            None => self.emit_name(Op::ImportName, &Name::from("")),
        }
        for (index, alias) in names.iter().enumerate() {
            if index == 0 && alias.name.starts_with('*') {
                self.emit(Op::ImportStar, 0);
                return Ok(());
            }
            self.emit_name(Op::ImportFrom, &alias.name);
            self.store_name(alias.asname.as_ref().unwrap_or(&alias.name))?;
        }
        self.emit(Op::PopTop, 0);
        Ok(())
    }
}
