//! The instruction set, code objects as data, their tables, and marshal. No runtime.
