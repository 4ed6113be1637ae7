//! Who is at the keyboard: as `--reader` or `SVH_READER` say, else by the login name.

use std::fs;

/// The name under which reviews are kept. `get` reads the environment.
#[must_use]
pub fn name(given: Option<&str>, get: impl Fn(&str) -> Option<String>) -> String {
    let said = |name: &String| !name.trim().is_empty();
    let given = given.map(str::to_owned).filter(said);
    let environment = || ["SVH_READER", "USER", "LOGNAME"].into_iter().find_map(|name| get(name).filter(said));
    given.or_else(environment).or_else(login).unwrap_or_else(|| "reader".to_owned())
}

/// The name of the process's owner in the system's list of users, where no variable tells it.
#[cfg(unix)]
fn login() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let owner = fs::metadata("/proc/self").ok()?.uid().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let mut lines = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    lines.find_map(|fields| (fields.get(2) == Some(&owner.as_str())).then(|| fields[0].to_owned()))
}

#[cfg(not(unix))]
fn login() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_comes_before_the_environment_and_that_before_the_login() {
        let get = |name: &str| match name {
            "SVH_READER" => Some("anna".to_owned()),
            "USER" => Some("root".to_owned()),
            _ => None,
        };
        assert_eq!(name(Some("ben"), get), "ben");
        assert_eq!(name(Some(" "), get), "anna");
        assert_eq!(name(None, |name: &str| get(name).filter(|_| name == "USER")), "root");
        assert!(!name(None, |_| None).is_empty());
    }
}
