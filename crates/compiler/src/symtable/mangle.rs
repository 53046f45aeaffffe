//! Private names: `__name` in a class `C` means `_C__name`.

use crate::ast::Name;

/// The name that `name` stands for inside the class `class`. Names that end in `__` or have a dot stay as they are, and so
/// do all in a class whose name is nothing but underscores.
pub fn mangle(class: Option<&Name>, name: &Name) -> Name {
    let Some(class) = class else { return name.clone() };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name.clone();
    }
    let class = class.trim_start_matches('_');
    if class.is_empty() { name.clone() } else { Name::from(format!("_{class}{name}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mangles_only_private_names_in_named_classes() {
        let class = Name::from("__C");
        let mangled = |class: Option<&Name>, name: &str| mangle(class, &Name::from(name)).to_string();
        assert_eq!(mangled(Some(&class), "__x"), "_C__x");
        assert_eq!(mangled(Some(&class), "__x_"), "_C__x_");
        assert_eq!(mangled(Some(&class), "__x__"), "__x__");
        assert_eq!(mangled(Some(&class), "_x"), "_x");
        assert_eq!(mangled(Some(&class), "__a.b"), "__a.b");
        assert_eq!(mangled(Some(&Name::from("___")), "__x"), "__x");
        assert_eq!(mangled(None, "__x"), "__x");
    }
}
