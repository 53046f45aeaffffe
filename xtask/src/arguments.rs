//! The arguments of a chore: switches and options are taken out by name, the rest is positional.

/// What is left of a chore's arguments.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    /// All arguments after the name of the chore.
    pub(crate) fn new(arguments: Vec<String>) -> Arguments {
        Arguments(arguments)
    }

    /// Whether a switch is given.
    pub(crate) fn switch(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|argument| argument != name);
        self.0.len() != before
    }

    /// The value of an option, `--name VALUE` or `--name=VALUE`.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>, String> {
        let assigned = |argument: &String| argument.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
        if let Some(at) = self.0.iter().position(|argument| argument == name) {
            self.0.remove(at);
            return if at < self.0.len() { Ok(Some(self.0.remove(at))) } else { Err(format!("{name} needs a value")) };
        }
        match self.0.iter().position(|argument| assigned(argument).is_some()) {
            Some(at) => Ok(assigned(&self.0.remove(at))),
            None => Ok(None),
        }
    }

    /// The value of an option that is a number.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<i64>, String> {
        match self.option(name)? {
            None => Ok(None),
            Some(value) => value.parse().map(Some).map_err(|_| format!("{name} needs a number, not {value}")),
        }
    }

    /// The positional arguments. An error if there are options that no one asked for.
    pub(crate) fn rest(self) -> Result<Vec<String>, String> {
        match self.0.iter().find(|argument| argument.starts_with("--")) {
            Some(unknown) => Err(format!("unknown option {unknown}")),
            None => Ok(self.0),
        }
    }
}
