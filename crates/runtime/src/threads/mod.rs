//! Interpreters and threads: what hangs off each, and which is current.

pub mod audit;
pub mod config;
pub mod interpreter;
pub mod lock;
pub mod native;
pub mod raised_triple;
pub mod spawn;
pub mod start;
pub mod thread;

pub use config::{Config, Signals};
pub use interpreter::Interpreter;
pub use thread::Thread;

/// The identity of the operating system thread that runs.
pub fn identity() -> u64 {
    // SAFETY: a plain call.
    unsafe { libc::pthread_self() }
}
