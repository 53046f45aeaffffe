//! From source text to code: syntax tree, symbols, control-flow graph, bytecode. No runtime.

pub mod ast;
pub mod parse;
