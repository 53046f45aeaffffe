//! Gives the shared library the name that programs which embed Python were linked with.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libpython3.11.so.1.0");
}
