//! The built-in modules, one folder or file for each, and the life of an interpreter.

pub mod binascii;
pub mod atexit;
pub mod bisect;
pub mod builtins;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod compiling;
pub mod errno;
mod fill;
pub mod functools;
pub mod gc_;
pub mod heapq;
pub mod imp;
pub mod itertools;
pub mod marshal_;
pub mod math;
pub mod operator;
pub mod posix;
pub mod random;
pub mod resource_;
pub mod signal;
pub mod statistics;
pub mod startup;
pub mod statistics;
pub mod string;
pub mod struct_;
pub mod system;
pub mod thread;
pub mod sys_;
pub mod unicodedata;
pub mod warnings;
pub mod weakref;

use habu_runtime::types::module::ModuleDef;

/// The modules that need no file, in any order.
pub static BUILTIN_MODULES: &[&ModuleDef] = &[
    &binascii::Binascii::DEFINITION,
    &bisect::Bisect::DEFINITION,
    &cmath::Cmath::DEFINITION,
    &codecs::Codecs::DEFINITION,
    &collections::Collections::DEFINITION,
    &errno::Errno::DEFINITION,
    &functools::Functools::DEFINITION,
    &heapq::Heapq::DEFINITION,
    &builtins::Builtins::DEFINITION,
    &cmath::Cmath::DEFINITION,
    &codecs::Codecs::DEFINITION,
    &collections::Collections::DEFINITION,
    &imp::Imp::DEFINITION,
    &itertools::Itertools::DEFINITION,
    &marshal_::Marshal::DEFINITION,
    &math::Math::DEFINITION,
    &operator::Operators::DEFINITION,
    &random::RandomModule::DEFINITION,
    &statistics::Statistics::DEFINITION,
    &string::Strings::DEFINITION,
    &sys_::Sys::DEFINITION,
    &struct_::StructModule::DEFINITION,
    &unicodedata::UnicodeData::DEFINITION,
    &gc_::Gc::DEFINITION,
    &warnings::Warnings::DEFINITION,
    &atexit::AtExit::DEFINITION,
    &posix::Posix::DEFINITION,
    &signal::Signal::DEFINITION,
    &thread::ThreadModule::DEFINITION,
    &weakref::WeakRefs::DEFINITION,
];
