//! Interpreters and threads: what hangs off each, and which is current.

pub mod audit;
pub mod config;
pub mod interpreter;
pub mod raised_triple;
pub mod start;
pub mod thread;

pub use config::Config;
pub use interpreter::Interpreter;
pub use thread::Thread;
