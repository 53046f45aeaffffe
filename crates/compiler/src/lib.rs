//! From source text to code: syntax tree, symbols, control-flow graph, bytecode. No runtime.
//!
//! [`compile`] does all of it. Its steps are public too: [`parse`] makes the tree, [`compile_tree`] makes code of a tree (which it
//! folds first), and [`symbol_table`] tells what every name of a program is. `docs/compiler.md` walks the path.

#![forbid(unsafe_code)]

pub mod ast;
mod codegen;
mod constants;
mod depth;
mod error;
pub mod flowgraph;
mod fold;
mod future;
pub mod parse;
pub mod symtable;
mod unparse;

use habu_bytecode::{Code, Text};

use ast::Mod;
pub use error::{Category, CompileError, Warning};
pub use parse::{ErrorKind, Mode, SyntaxError};
use symtable::SymbolTable;

/// What `compile()` can be told.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The optimisation level: 0, 1 (no `assert`, `__debug__` is false) or 2 (no docstrings either). Less than 0 counts as 0.
    pub optimize: i8,
    /// `CO_FUTURE_*` flags of features that are on from the start, and `PyCF_*` flags.
    pub flags: u32,
    /// How deep a tree may be: three times `sys.getrecursionlimit()` in CPython, less what calls have used up.
    pub recursion_limit: u32,
    /// The minor version of Python 3 whose syntax is taken: 11, or an older one that `compile` is asked for.
    pub feature_version: u8,
    /// `sys.get_int_max_str_digits()`.
    pub max_int_digits: usize,
}

impl Options {
    /// `PyCF_DONT_IMPLY_DEDENT`
    pub const DONT_IMPLY_DEDENT: u32 = 0x200;
    /// `PyCF_TYPE_COMMENTS`
    pub const TYPE_COMMENTS: u32 = 0x1000;
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`
    pub const ALLOW_TOP_LEVEL_AWAIT: u32 = codegen::ALLOW_TOP_LEVEL_AWAIT;
    /// `PyCF_ALLOW_INCOMPLETE_INPUT`
    pub const ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;

    /// What the parser needs to know.
    pub fn parse_flags(&self) -> parse::Flags {
        parse::Flags {
            type_comments: self.flags & Options::TYPE_COMMENTS != 0,
            dont_imply_dedent: self.flags & Options::DONT_IMPLY_DEDENT != 0,
            allow_incomplete_input: self.flags & Options::ALLOW_INCOMPLETE_INPUT != 0,
            feature_version: self.feature_version,
            max_int_digits: self.max_int_digits,
        }
    }
}

impl Default for Options {
    fn default() -> Options {
        Options { optimize: 0, flags: 0, recursion_limit: 3000, feature_version: 11, max_int_digits: 4300 }
    }
}

/// Code, and what is to be warned of, in order.
#[derive(Clone, Debug)]
pub struct Output {
    /// The code object of the whole program.
    pub code: Code,
    /// The warnings.
    pub warnings: Vec<Warning>,
}

/// Compiles a source file. Encodings other than UTF-8, ASCII, Latin-1 and Latin-9 are refused; a caller that has codecs uses
/// [`parse::decode`] and [`compile_text`].
pub fn compile(source: &[u8], filename: &str, mode: Mode, options: &Options) -> Result<Output, CompileError> {
    let text = parse::decode(source, &mut |_, _| Err(parse::CodecError::Unknown)).map_err(CompileError::Syntax)?;
    compile_text(&text, filename.into(), mode, options)
}

/// Compiles source text.
pub fn compile_text(text: &str, filename: Text, mode: Mode, options: &Options) -> Result<Output, CompileError> {
    let mut warnings = Vec::new();
    let code = compile_text_warning(text, filename, mode, options, &mut warnings)?;
    Ok(Output { code, warnings })
}

/// As [`compile_text`]; the warnings also come where there is an error, which they precede.
pub fn compile_text_warning(
    text: &str,
    filename: Text,
    mode: Mode,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<Code, CompileError> {
    let tree = parse_warning(text, mode, options, warnings)?;
    compile_tree(tree, filename, options, warnings)
}

/// The tree of a text, and what is to be warned of, also where there is an error.
pub fn parse_warning(
    text: &str,
    mode: Mode,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<Mod, CompileError> {
    let mut found = Vec::new();
    let parsed = parse::parse_warning(text, mode, options.parse_flags(), &mut found);
    warnings.extend(found.into_iter().map(Warning::from));
    parsed.map_err(CompileError::Syntax)
}

/// Compiles a tree. What is warned of before an error is found comes too.
pub fn compile_tree(
    mut tree: Mod,
    filename: Text,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<Code, CompileError> {
    let future = future::find(&tree, options.flags)?;
    fold::fold(&mut tree, options.optimize, future.annotations(), options.recursion_limit)?;
    let table = SymbolTable::build(&tree, &future, options.recursion_limit)?;
    let program = codegen::Program {
        table: &table,
        future,
        flags: options.flags | future.features,
        optimize: options.optimize,
        filename,
    };
    Ok(codegen::generate(&tree, program, warnings)?)
}

/// The symbol table of source text.
pub fn symbol_table(
    text: &str,
    mode: Mode,
    options: &Options,
    warnings: &mut Vec<Warning>,
) -> Result<SymbolTable, CompileError> {
    let tree = parse_warning(text, mode, options, warnings)?;
    let future = future::find(&tree, options.flags)?;
    Ok(SymbolTable::build(&tree, &future, options.recursion_limit)?)
}
