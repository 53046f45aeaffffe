//! Links the program so that it exports its symbols: compiled extensions look for the C API there. And so that it stands at one address:
//! thousands of tables hold pointers, which the dynamic linker would otherwise write at every start, into pages that would then be this process's own.
//!
//! In a release, the functions that run at every start stand together: a page of code that is touched brings its neighbours into memory, and these
//! functions are a quarter of all. `startup.order` names them; `cargo xtask order` writes it anew. A name that is not there any more does no
//! harm. Names are those of the mangling that `.cargo/config.toml` asks for, which keeps the instances of a generic function apart.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=startup.order");
    println!("cargo::rustc-link-arg-bins=-rdynamic");
    println!("cargo::rustc-link-arg-bins=-no-pie");
    // The linker of GNU puts the address of what the program itself defines in place of a look into a table for it, which lld leaves there.
    println!("cargo::rustc-link-arg-bins=-fuse-ld=bfd");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let (Ok(order), Some(folder), true) = (fs::read_to_string("startup.order"), env::var_os("OUT_DIR"), is_release)
    else {
        return;
    };
    let script = PathBuf::from(folder).join("startup.ld");
    if fs::write(&script, linker_script(&order)).is_ok() {
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
    }
}

/// A script that puts the sections of these functions before those of all others.
fn linker_script(order: &str) -> String {
    let mut script = String::from("SECTIONS {\n  .text.startup_order : {\n");
    for name in order.lines() {
        // The compiler appends a point and a number to what it made local; a function that is marked as cold has a section of that kind.
        let _ = writeln!(script, "    *(.text.{name} .text.{name}.* .text.unlikely.{name} .text.unlikely.{name}.*)");
    }
    script + "  }\n} INSERT BEFORE .text;\n"
}
