//! Links the program so that it exports its symbols: compiled extensions look for the C API there.

fn main() {
    println!("cargo::rustc-link-arg-bins=-rdynamic");
}
