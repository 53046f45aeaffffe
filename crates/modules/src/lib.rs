//! The built-in modules, one folder or file for each, and the life of an interpreter.
#![allow(
    improper_ctypes_definitions,
    reason = "a `Result<Ref, Raised>` is one word that is null for an error, as `object/raised.rs` asserts; the lint knows only `Option`"
)]

pub mod abc;
pub mod array;
pub mod ast;
pub mod asyncio;
pub mod atexit;
pub mod binascii;
pub mod bisect;
pub mod builtins;
pub mod cmath;
pub mod codecs;
pub mod collections;
pub mod compiling;
pub mod contextvars;
pub mod csv;
pub mod datetime;
pub mod errno;
pub mod faulthandler;
pub mod fcntl;
mod fill;
pub mod foreign_frames;
pub mod functools;
pub mod gc_;
pub mod grp;
pub mod habu_;
pub mod hashes;
pub mod heapq;
pub mod imp;
pub mod io;
pub mod itertools;
pub mod json;
pub mod locale;
pub mod marshal_;
pub mod math;
pub mod opcode;
pub mod operator;
pub mod pickle;
pub mod posix;
pub mod posixsubprocess;
pub mod pwd;
mod pyexpat;
pub mod queue;
pub mod random;
pub mod resource_;
pub mod select_;
pub mod signal;
pub mod socket;
pub mod spwd;
pub mod sre;
pub mod startup;
pub mod stat;
pub mod statistics;
pub mod string;
pub mod struct_;
pub mod symtable;
pub mod sys_;
pub mod syslog;
pub mod system;
mod testinternalcapi;
pub mod thread;
mod time;
pub mod tracemalloc;
pub mod unicodedata;
pub mod warnings;
pub mod weakref;
mod xxsubtype;
pub mod zlib;

use habu_runtime::types::module::ModuleDef;

/// The modules that need no file, in any order.
pub static BUILTIN_MODULES: &[&ModuleDef] = &[
    &array::ArrayModule::DEFINITION,
    &atexit::AtExit::DEFINITION,
    &abc::Abc::DEFINITION,
    &ast::AstModule::DEFINITION,
    &asyncio::AsyncioModule::DEFINITION,
    &binascii::Binascii::DEFINITION,
    &bisect::Bisect::DEFINITION,
    &builtins::Builtins::DEFINITION,
    &cmath::Cmath::DEFINITION,
    &codecs::Codecs::DEFINITION,
    &collections::Collections::DEFINITION,
    &contextvars::ContextVars::DEFINITION,
    &csv::Csv::DEFINITION,
    &datetime::DateTimeModule::DEFINITION,
    &errno::Errno::DEFINITION,
    &functools::Functools::DEFINITION,
    &gc_::Gc::DEFINITION,
    &hashes::Md5Module::DEFINITION,
    &hashes::Sha1Module::DEFINITION,
    &hashes::Sha256Module::DEFINITION,
    &hashes::Sha512Module::DEFINITION,
    &hashes::sha3::Sha3Module::DEFINITION,
    &hashes::blake2::Blake2Module::DEFINITION,
    &habu_::Habu::DEFINITION,
    &heapq::Heapq::DEFINITION,
    &imp::Imp::DEFINITION,
    &io::Io::DEFINITION,
    &itertools::Itertools::DEFINITION,
    &json::Json::DEFINITION,
    &marshal_::Marshal::DEFINITION,
    &math::Math::DEFINITION,
    &opcode::OpcodeModule::DEFINITION,
    &operator::Operators::DEFINITION,
    &pickle::Pickle::DEFINITION,
    &posix::Posix::DEFINITION,
    &pyexpat::PyExpat::DEFINITION,
    &random::RandomModule::DEFINITION,
    &signal::Signal::DEFINITION,
    &socket::SocketModule::DEFINITION,
    &sre::Sre::DEFINITION,
    &statistics::Statistics::DEFINITION,
    &string::Strings::DEFINITION,
    &struct_::StructModule::DEFINITION,
    &symtable::Symtable::DEFINITION,
    &sys_::Sys::DEFINITION,
    &thread::ThreadModule::DEFINITION,
    &testinternalcapi::TestInternalCapi::DEFINITION,
    &time::Time::DEFINITION,
    &tracemalloc::TraceMalloc::DEFINITION,
    &unicodedata::UnicodeData::DEFINITION,
    &warnings::Warnings::DEFINITION,
    &weakref::WeakRefs::DEFINITION,
    &zlib::Zlib::DEFINITION,
    &faulthandler::FaultHandler::DEFINITION,
    &queue::QueueModule::DEFINITION,
    &resource_::Resource::DEFINITION,
    &spwd::Spwd::DEFINITION,
    &syslog::Syslog::DEFINITION,
    &stat::Stat::DEFINITION,
    &pwd::Pwd::DEFINITION,
    &grp::Grp::DEFINITION,
    &fcntl::Fcntl::DEFINITION,
    &select_::Select::DEFINITION,
    &locale::Locale::DEFINITION,
    &posixsubprocess::PosixSubprocess::DEFINITION,
    &xxsubtype::XxSubtype::DEFINITION,
];
