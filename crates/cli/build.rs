//! Links the program so that it exports its symbols: compiled extensions look for the C API there. And so that it stands at one address:
//! thousands of tables hold pointers, which the dynamic linker would otherwise write at every start, into pages that would then be this process's own.

fn main() {
    println!("cargo::rustc-link-arg-bins=-rdynamic");
    println!("cargo::rustc-link-arg-bins=-no-pie");
}
