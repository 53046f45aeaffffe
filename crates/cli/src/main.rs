//! The program `habu`.

fn main() {
    // The functions of the C API are called by extensions alone: this keeps them in the program.
    if habu::embed::keep() == 0 {
        eprintln!("Fatal Python error: no C API");
    }
    let given: Vec<String> = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect();
    std::process::exit(habu::main_with(&given));
}
